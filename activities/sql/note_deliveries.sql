-- What is to be delivered. An event that is noted is not noted again.
INSERT INTO probity.delivery (subscription, event_id, type, stream, version, state, retry_at)
SELECT $1, event_id, type, stream, version, 'waiting', $2 FROM probity.event WHERE event_id = ANY ($3)
ON CONFLICT DO NOTHING
