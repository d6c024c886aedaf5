-- The events of a case after a version and up to another, in their order.
SELECT stream, version, event_id, type, schema_version, occurred_at, recorded_at,
       actor_role, actor_id, command, command_id, data, encode(hash, 'hex') AS hash
FROM probity.event WHERE stream = $1 AND version > $2 AND version <= $3 ORDER BY version
