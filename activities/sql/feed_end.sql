-- The cursor of whoever wants what comes from now on: the last event that the feed has. What an open transaction holds
-- back comes after it. It is looked for from the end of the index, which has the columns as they are and not as text.
SELECT generation, transaction_id::text::bigint, position FROM (
    (SELECT generation, transaction_id, position FROM probity.event
     WHERE generation < (SELECT probity.current_generation())
        OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot()))
     ORDER BY generation DESC, transaction_id DESC, position DESC LIMIT 1)
    UNION ALL SELECT 0, '0'::xid8, 0
) AS place ORDER BY generation DESC LIMIT 1
