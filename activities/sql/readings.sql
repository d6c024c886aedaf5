-- Who read a case, in order.
SELECT stream, number, read_at, reader_role, reader_id, what, purpose, hash
FROM probity.reading WHERE stream = $1 ORDER BY number
