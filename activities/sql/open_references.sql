-- The cases that are open, in order.
SELECT stream FROM probity.stream WHERE version > 0 AND closed_at IS NULL ORDER BY stream COLLATE "C"
