-- A row that waits for an event of which the subscriber is not to be told.
DELETE FROM probity.delivery WHERE subscription = $1 AND event_id = $2
