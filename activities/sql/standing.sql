-- How a subscriber stands: its state, what waits and of how many cases, dead letters, and when the next case is due. Each
-- count goes by the index of its state, and not through the log of what was delivered.
SELECT s.state, s.because, s.resting_until, s.last_delivered, w.waiting, w.cases, d.dead,
       (SELECT min(retry_at) FROM (SELECT DISTINCT ON (stream) retry_at FROM probity.delivery
        WHERE subscription = $1 AND state = 'waiting' ORDER BY stream, version) AS heads) AS retry_at
FROM probity.subscription s
CROSS JOIN LATERAL (SELECT count(*) AS waiting, count(DISTINCT stream) AS cases
                    FROM probity.delivery WHERE subscription = s.subscription AND state = 'waiting') w
CROSS JOIN LATERAL (SELECT count(*) AS dead
                    FROM probity.delivery WHERE subscription = s.subscription AND state = 'dead') d
WHERE s.subscription = $1
