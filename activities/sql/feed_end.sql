-- The cursor of whoever wants what comes from now on: the last event that the feed has. What an open transaction holds
-- back comes after it.
SELECT generation, transaction_id::text::bigint, position FROM probity.event
WHERE generation < (SELECT probity.current_generation())
   OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot()))
UNION ALL SELECT 0, 0, 0
ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT 1
