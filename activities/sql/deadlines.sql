-- A page of the duties still owed, the longest overdue first, then by the day on which their limit ends; and the clock of
-- their case; and how many they are in all: one statement, so that both are of one moment. A right that may still be used
-- is among them. What is owed as soon as practicable has no last day, but one since when: that after a period, or of what
-- asks for it. Those of restricted cases are neither shown nor counted unless $5. What is overdue in a rehearsed case is
-- nobody's to do, and is not sought as overdue unless $4. $6 to $9 are where the page before ended, $10 how many are told.
WITH found AS NOT MATERIALIZED (
    SELECT reference, register.clock, deadline, kind, title, subject, duty, state, duties.overdue, due,
           CASE WHEN state = 'due' THEN coalesce(due + 1, trigger) END AS owed_since, citation, unverified,
           duties.illustrative, duties.force
    FROM reporting.deadlines AS duties JOIN reporting.register USING (reference)
    WHERE (duties.overdue OR state IN ('running', 'extended', 'paused', 'due'))
      AND ($1::boolean IS NULL OR (duties.overdue AND (register.clock <> 'rehearsed' OR $4)) = $1)
      AND ($2::text IS NULL OR reference = $2) AND ($3::text IS NULL OR duties.force = $3)
      AND (NOT register.restricted OR $5)
), page AS (
    SELECT * FROM found
    WHERE $8::text IS NULL OR (coalesce(due, 'infinity'), coalesce(owed_since, 'infinity'), reference, deadline)
        > ($6::date, $7::date, $8, $9::text)
    ORDER BY due NULLS LAST, owed_since NULLS LAST, reference, deadline LIMIT $10
)
SELECT page.*, counted.total FROM (SELECT count(*) AS total FROM found) AS counted LEFT JOIN page ON true
ORDER BY due NULLS LAST, owed_since NULLS LAST, reference, deadline
