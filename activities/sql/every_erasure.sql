-- Every erasure that the record tells of.
SELECT stream AS case, data ->> 'person' AS person, data -> 'keys' AS keys, data ->> 'reasons' AS reasons,
       jsonb_build_object('role', actor_role, 'id', actor_id) AS by
FROM probity.event WHERE type = $1 ORDER BY generation, transaction_id, position
