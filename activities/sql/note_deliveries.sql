-- What of these events the subscriber is to be told, and how many they are. An event that is noted is not noted again.
WITH noted AS (
    INSERT INTO probity.delivery (subscription, event_id, type, stream, version, state, retry_at)
    SELECT s.subscription, e.event_id, e.type, e.stream, e.version, 'waiting', $2
    FROM probity.subscription s JOIN probity.event e ON e.event_id = ANY ($3)
    WHERE s.subscription = $1 AND probity.is_told(s, e)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM noted
