-- The cases that hold text of a person ($1), or of anyone, in one case ($2) or in all, whether its key lives, and whether
-- text about no one in particular ('*') can be read beside it. Asked before anything is destroyed, and of these cases alone:
-- what fails after it would pass for an erasure that was not done.
SELECT stream, bool_or(wrapped IS NOT NULL) AS living, EXISTS (
    SELECT FROM probity.text_key w WHERE w.stream = k.stream AND w.subject = '*' AND w.wrapped IS NOT NULL
) AS whole
FROM probity.text_key k JOIN probity.stream USING (stream)
WHERE subject <> '#' AND ($1::text IS NULL OR subject = $1) AND ($2::text IS NULL OR stream = $2)
GROUP BY stream ORDER BY stream
