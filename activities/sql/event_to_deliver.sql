-- An event as it is recorded, and whose case it is of; none that a subscriber of these types ($2), forces ($3) and right to
-- restricted cases ($4) is not told of. The record says so: whoever may add a row that waits, or make the register, does not.
SELECT e.stream, e.version, e.event_id, e.type, e.schema_version, e.occurred_at, e.recorded_at, e.actor_role, e.actor_id,
       e.command, e.command_id, e.data, encode(e.hash, 'hex') AS hash, first.data ->> 'force' AS force
FROM probity.event e JOIN probity.event first ON first.stream = e.stream AND first.version = 1
WHERE e.event_id = $1
  AND (cardinality($2::text[]) = 0 OR e.type = ANY ($2))
  AND (cardinality($3::text[]) = 0 OR first.data ->> 'force' = ANY ($3))
  AND ($4 OR first.data -> 'restricted' IS DISTINCT FROM 'true')
