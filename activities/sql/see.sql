-- Where a case stands, what is recorded under a command id, and the time: one statement, so that all is of one moment.
-- The clock is the server's and is read with the version, so recorded_at rises with it: who comes later has seen the one
-- before. A clock that was set back does not date an event before the last one. A case that is not there has version 0.
SELECT coalesce(s.version, 0) AS version, s.head, s.snapshot::text, s.snapshot_version, s.snapshot_code,
       c.name, c.body_hash, c.clear_hash, c.body_key, k.wrapped, k.master, c.first_version, c.last_version,
       greatest(clock_timestamp(), e.recorded_at) AS now
FROM (VALUES ($1::text)) AS asked (stream)
LEFT JOIN probity.stream s ON s.stream = asked.stream
LEFT JOIN probity.command c ON c.stream = asked.stream AND c.command_id = $2
LEFT JOIN probity.text_key k ON k.key = c.body_key
LEFT JOIN probity.event e ON e.stream = s.stream AND e.version = s.version
