-- The head of every case now, beside the one that was signed last and the event that stands at its place today: one
-- statement, so that all are of one moment. The signed heads are looked up case by case: to sort all that were ever signed
-- took longer with each checkpoint.
WITH RECURSIVE known (stream) AS (
    (SELECT stream FROM probity.checkpoint_head ORDER BY stream LIMIT 1)
    UNION ALL
    SELECT (SELECT h.stream FROM probity.checkpoint_head h WHERE h.stream > known.stream ORDER BY h.stream LIMIT 1)
    FROM known WHERE known.stream IS NOT NULL
), signed AS (
    SELECT last.stream, last.version, last.head
    FROM known CROSS JOIN LATERAL (
        SELECT h.stream, h.version, h.head FROM probity.checkpoint_head h
        WHERE h.stream = known.stream ORDER BY h.checkpoint DESC LIMIT 1
    ) AS last
)
SELECT coalesce(s.stream, h.stream) AS stream, s.version, s.head,
       h.version AS signed_version, h.head AS signed_head, e.hash AS stands
FROM probity.stream s
FULL JOIN signed h ON h.stream = s.stream
LEFT JOIN probity.event e ON e.stream = h.stream AND e.version = h.version
WHERE s.version > 0 OR h.version IS NOT NULL
ORDER BY coalesce(s.stream, h.stream) COLLATE "C"
