-- Subscribers as they stand, with what waits, since when, and what was given up; all of them, or one. Each count goes by the
-- index of its state, and not through the log of what was delivered.
SELECT s.*, w.waiting, w.cases, w.waiting_since, d.dead
FROM probity.subscription s
CROSS JOIN LATERAL (SELECT count(*) AS waiting, count(DISTINCT stream) AS cases, min(noted_at) AS waiting_since
                    FROM probity.delivery WHERE subscription = s.subscription AND state = 'waiting') w
CROSS JOIN LATERAL (SELECT count(*) AS dead
                    FROM probity.delivery WHERE subscription = s.subscription AND state = 'dead') d
WHERE $1::text IS NULL OR s.subscription = $1
ORDER BY s.subscription
