-- The head of every case now, beside the one that was signed last and the event that stands at its place today: one
-- statement, so that all are of one moment.
SELECT coalesce(s.stream, h.stream) AS stream, s.version, s.head,
       h.version AS signed_version, h.head AS signed_head, e.hash AS stands
FROM probity.stream s
FULL JOIN (
    SELECT DISTINCT ON (stream) stream, version, head FROM probity.checkpoint_head ORDER BY stream, checkpoint DESC
) h ON h.stream = s.stream
LEFT JOIN probity.event e ON e.stream = h.stream AND e.version = h.version
WHERE s.version > 0 OR h.version IS NOT NULL
ORDER BY coalesce(s.stream, h.stream) COLLATE "C"
