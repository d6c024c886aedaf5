-- The checkpoints at which a case had moved, oldest first: each holds its head at a version.
SELECT c.number, c.statement, c.public_key, c.signature, h.version, h.head, h.proof
FROM probity.checkpoint_head h JOIN probity.checkpoint c ON c.number = h.checkpoint
WHERE h.stream = $1 ORDER BY c.number
