-- The cases that hold text of a person ($1), or of anyone, in one case ($2) or in all, and whether its key lives.
SELECT stream, bool_or(wrapped IS NOT NULL) AS living FROM probity.text_key JOIN probity.stream USING (stream)
WHERE subject <> '#' AND ($1::text IS NULL OR subject = $1) AND ($2::text IS NULL OR stream = $2)
GROUP BY stream ORDER BY stream
