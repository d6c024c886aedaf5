-- An event as it is recorded, and whose case it is of; none if the case was restricted since, unless $2.
SELECT e.stream, e.version, e.event_id, e.type, e.schema_version, e.occurred_at, e.recorded_at, e.actor_role, e.actor_id,
       e.command, e.command_id, e.data, encode(e.hash, 'hex') AS hash, first.data ->> 'force' AS force
FROM probity.event e JOIN probity.event first ON first.stream = e.stream AND first.version = 1
WHERE e.event_id = $1
  AND ($2 OR EXISTS (SELECT FROM reporting.register WHERE reference = e.stream AND NOT restricted))
