-- Every erasure that the record tells of. One that names no key, as none of ours does, destroyed nothing.
SELECT stream AS case, data ->> 'person' AS person, data -> 'keys' AS keys, data ->> 'reasons' AS reasons,
       jsonb_build_object('role', actor_role, 'id', actor_id) AS by
FROM probity.event WHERE type = $1 AND data -> 'keys' <> '[]' ORDER BY generation, transaction_id, position
