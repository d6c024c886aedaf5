-- Where a case's events are not those whose hashes the checkpoints hold.
SELECT h.version, h.checkpoint
FROM probity.checkpoint_head h LEFT JOIN probity.event e ON e.stream = h.stream AND e.version = h.version
WHERE h.stream = $1 AND e.hash IS DISTINCT FROM h.head ORDER BY h.checkpoint
