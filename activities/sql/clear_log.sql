-- The log is kept for so long. Dead letters stay until they are dealt with.
DELETE FROM probity.delivery WHERE subscription = $1 AND state IN ('delivered', 'tested')
  AND tried_at < clock_timestamp() - $2::interval
