-- The log is kept for so long; $3 rows of it go at once. Dead letters stay until they are dealt with.
DELETE FROM probity.delivery WHERE subscription = $1 AND event_id IN (
    SELECT event_id FROM probity.delivery WHERE subscription = $1 AND state IN ('delivered', 'tested')
    AND tried_at < clock_timestamp() - $2::interval ORDER BY tried_at LIMIT $3
)
