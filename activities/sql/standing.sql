-- How a subscriber stands: its state, what waits and of how many cases, dead letters, and when the next case is due.
SELECT s.state, s.because, s.resting_until, s.last_delivered,
       count(d.event_id) FILTER (WHERE d.state = 'waiting') AS waiting,
       count(DISTINCT d.stream) FILTER (WHERE d.state = 'waiting') AS cases,
       count(d.event_id) FILTER (WHERE d.state = 'dead') AS dead,
       (SELECT min(retry_at) FROM (SELECT DISTINCT ON (stream) retry_at FROM probity.delivery
        WHERE subscription = $1 AND state = 'waiting' ORDER BY stream, version) AS heads) AS retry_at
FROM probity.subscription s
LEFT JOIN probity.delivery d ON d.subscription = s.subscription AND d.state IN ('waiting', 'dead')
WHERE s.subscription = $1 GROUP BY s.subscription
