-- What checkpoints hold of a case, beside the event that stands there: its head, the way from it to a root, and that root.
SELECT h.version, h.checkpoint, h.head, h.proof, c.statement ->> 'root' AS root, e.hash IS NOT DISTINCT FROM h.head AS stands
FROM probity.checkpoint_head h
LEFT JOIN probity.checkpoint c ON c.number = h.checkpoint
LEFT JOIN probity.event e ON e.stream = h.stream AND e.version = h.version
WHERE h.stream = $1 ORDER BY h.checkpoint
