-- What came of an attempt.
UPDATE probity.delivery SET state = $3, attempts = $4, retry_at = $5, status = $6, fault = $7, milliseconds = $8,
       tried_at = clock_timestamp()
WHERE subscription = $1 AND event_id = $2
