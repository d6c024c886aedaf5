-- The log of a subscriber, the latest first.
SELECT event_id, type, stream AS reference, version, state, attempts, noted_at, tried_at, retry_at, status, fault,
       milliseconds
FROM probity.delivery WHERE subscription = $1 AND ($2::text IS NULL OR state = $2)
ORDER BY coalesce(tried_at, noted_at) DESC, version DESC LIMIT $3
