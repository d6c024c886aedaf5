-- What was signed from a checkpoint on, in order, and by whom.
SELECT number, statement, public_key, signature FROM probity.checkpoint WHERE number >= $1 ORDER BY number
