-- The end of the log of each case, and the time.
SELECT DISTINCT ON (asked.stream) asked.stream, coalesce(number, 0) AS number, hash, clock_timestamp() AS now
FROM unnest($1::text[]) AS asked (stream) LEFT JOIN probity.reading ON reading.stream = asked.stream
ORDER BY asked.stream, number DESC NULLS LAST
