-- The checkpoint to continue, and the time: one clock, the database's, dates the record and what is signed of it.
SELECT number, statement, public_key, signature, clock_timestamp() AS now
FROM (VALUES (1)) AS one LEFT JOIN probity.checkpoint ON number = (SELECT max(number) FROM probity.checkpoint)
