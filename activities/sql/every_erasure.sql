-- Every erasure that the record tells of. One that names no key, as none of ours does, destroyed nothing. The type stands
-- here and not in a parameter, or the index would not be found.
SELECT stream AS case, data ->> 'person' AS person, data -> 'keys' AS keys, data ->> 'reasons' AS reasons,
       jsonb_build_object('role', actor_role, 'id', actor_id) AS by
FROM probity.event WHERE type = 'text_erased' AND data -> 'keys' <> '[]' ORDER BY generation, transaction_id, position
