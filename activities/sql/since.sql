-- The events of some cases ($1), each after a version ($2), up to where the case stands, and where that is: one statement, so
-- that both are of one moment. A case without any such event has one row without an event.
SELECT head.stream, head.version AS stands, e.version, event_id, type, schema_version, occurred_at, recorded_at,
       actor_role, actor_id, command, command_id, data, encode(hash, 'hex') AS hash
FROM unnest($1::text[], $2::bigint[]) AS asked (stream, after)
JOIN probity.stream head ON head.stream = asked.stream
LEFT JOIN probity.event e ON e.stream = head.stream AND e.version > asked.after AND e.version <= head.version
ORDER BY head.stream, e.version
