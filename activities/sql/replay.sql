-- Dead letters that are to be delivered after all: one, or every one.
UPDATE probity.delivery SET state = 'waiting', attempts = 0, retry_at = $3
WHERE subscription = $1 AND state = 'dead' AND ($2::uuid IS NULL OR event_id = $2)
