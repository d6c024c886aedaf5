-- The closed cases that still hold text about people, and whose it is. In the order of the index, which is the database's
-- own: to ask for another would sort every key for each page.
SELECT k.stream, array_agg(DISTINCT k.subject) AS subjects
FROM probity.text_key k JOIN probity.stream s ON s.stream = k.stream
WHERE k.erased_by IS NULL AND k.subject <> '#' AND s.closed_at IS NOT NULL AND k.stream > $1
GROUP BY k.stream ORDER BY k.stream LIMIT $2
