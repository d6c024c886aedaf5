-- The log is kept for so long; $3 rows of it go at once. Dead letters stay until they are dealt with. What is here was tried:
-- the expression is that of the index, and clock_timestamp(), which may change as the rows are looked at, would not go by it.
DELETE FROM probity.delivery WHERE subscription = $1 AND event_id IN (
    SELECT event_id FROM probity.delivery WHERE subscription = $1 AND state IN ('delivered', 'tested')
    AND coalesce(tried_at, noted_at) < now() - $2::interval ORDER BY coalesce(tried_at, noted_at) LIMIT $3
)
