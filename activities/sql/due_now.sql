-- Who resumes a subscriber waits for no retry.
UPDATE probity.delivery SET retry_at = least(retry_at, $2) WHERE subscription = $1 AND state = 'waiting'
