-- What is due next of one case.
SELECT event_id, stream, version, attempts FROM (
    SELECT event_id, stream, version, attempts, retry_at FROM probity.delivery
    WHERE subscription = $1 AND state = 'waiting' AND stream = $2 ORDER BY version LIMIT 1
) AS head WHERE retry_at <= $3
