-- A page of those who are restricted now, the longest overdue review first, then by the day on which the next one is due;
-- and how many they are in all: one statement, so that both are of one moment.
-- $1 are the rules that a review settles: what is still owed by them says whether the day has been checked against the
-- law, and whether a review is owed at once, for which there is no day, and since when: the day after a period, or that
-- of what was said. Those of restricted cases are neither shown nor counted unless $6. What is overdue in a rehearsed case
-- is nobody's to do, and is not sought as overdue unless $5. $7 to $9 are where the page before ended, $10 how many.
WITH found AS NOT MATERIALIZED (
    SELECT reference, register.clock, officer, measure, imposed_at, oral, confirmed, last_review, next_review,
        review_overdue, owed.since IS NOT NULL AS review_called_for, owed.since AS called_for_since,
        coalesce(owed.unverified, false) AS unverified, coalesce(owed.illustrative, false) AS illustrative, person,
        restricted.force
    FROM reporting.restrictions AS restricted JOIN reporting.register USING (reference)
    LEFT JOIN LATERAL (
        SELECT min(coalesce(due + 1, trigger)) FILTER (WHERE state = 'due') AS since,
            bool_or(due = restricted.next_review AND duty.unverified) AS unverified,
            bool_or(duty.illustrative) AS illustrative
        FROM reporting.deadlines AS duty
        WHERE duty.reference = restricted.reference AND subject = restricted.officer AND rule = ANY ($1)
          AND (overdue OR state IN ('running', 'extended', 'paused', 'due'))
    ) AS owed ON true
    WHERE ($2::boolean IS NULL OR (review_overdue AND (register.clock <> 'rehearsed' OR $5)) = $2)
      AND ($3::boolean IS NULL OR (owed.since IS NOT NULL) = $3) AND ($4::text IS NULL OR restricted.force = $4)
      AND (NOT register.restricted OR $6)
), page AS (
    SELECT * FROM found
    WHERE $8::text IS NULL OR (coalesce(next_review, 'infinity'), reference, officer) > ($7::date, $8, $9::text)
    ORDER BY next_review NULLS LAST, reference, officer LIMIT $10
)
SELECT page.*, counted.total FROM (SELECT count(*) AS total FROM found) AS counted LEFT JOIN page ON true
ORDER BY next_review NULLS LAST, reference, officer
