-- Subscribers as they stand, with what waits and what was given up; all of them, or one.
SELECT s.*, count(d.event_id) FILTER (WHERE d.state = 'waiting') AS waiting,
       count(DISTINCT d.stream) FILTER (WHERE d.state = 'waiting') AS cases,
       count(d.event_id) FILTER (WHERE d.state = 'dead') AS dead
FROM probity.subscription s
LEFT JOIN probity.delivery d ON d.subscription = s.subscription AND d.state IN ('waiting', 'dead')
WHERE $1::text IS NULL OR s.subscription = $1
GROUP BY s.subscription ORDER BY s.subscription
