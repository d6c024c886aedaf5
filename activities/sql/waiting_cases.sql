-- The next delivery of each case that is due, those first that were tried least, then the oldest: so that to probe an
-- endpoint that rests is no burden on one event alone.
SELECT event_id, stream, version, attempts FROM (
    SELECT DISTINCT ON (stream) event_id, stream, version, attempts, retry_at, noted_at FROM probity.delivery
    WHERE subscription = $1 AND state = 'waiting' ORDER BY stream, version
) AS heads WHERE retry_at <= $2 ORDER BY attempts, noted_at, version LIMIT $3
