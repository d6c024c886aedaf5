-- Which of these are cases of the record.
SELECT stream FROM probity.stream WHERE stream = ANY ($1::text[]) ORDER BY stream COLLATE "C"
