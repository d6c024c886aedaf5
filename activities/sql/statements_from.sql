-- What was signed from a checkpoint on, in order.
SELECT number, statement FROM probity.checkpoint WHERE number >= $1 ORDER BY number
