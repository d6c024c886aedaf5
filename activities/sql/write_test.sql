-- A test, which is tried once and stands in the log.
INSERT INTO probity.delivery (subscription, event_id, type, state, attempts, tried_at, status, fault, milliseconds)
VALUES ($1, $2, $3, 'tested', 1, clock_timestamp(), $4, $5, $6)
ON CONFLICT (subscription, event_id) DO UPDATE
SET attempts = delivery.attempts + 1, tried_at = excluded.tried_at, status = excluded.status, fault = excluded.fault
