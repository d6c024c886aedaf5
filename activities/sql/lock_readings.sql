-- Whoever adds to the logs of these cases waits here for whoever does; in one order, so that no two wait for each other.
SELECT count(pg_advisory_xact_lock(hashtextextended(stream, 0)))
FROM (SELECT unnest($1::text[]) AS stream ORDER BY 1) AS cases
