-- A page of the register in the order of references, to go on after the last, and how many cases it is a page of: one
-- statement, so that both are of one moment. Restricted cases are neither shown nor counted unless $5. What is overdue in
-- a rehearsed case is nobody's to do: by it the case is not sought as overdue unless $6.
WITH found AS NOT MATERIALIZED (
    SELECT reference, force, stage, severity, mode, regime, clock, origin, referral_kind, officers, officers_open, overdue,
           next_due, stayed, restricted, first_known, opened_at, closed_at, illustrative
    FROM reporting.register
    WHERE ($1::text IS NULL OR force = $1) AND ($2::text IS NULL OR stage = $2)
      AND ($3::boolean IS NULL OR (overdue > 0 AND (clock <> 'rehearsed' OR $6)) = $3)
      AND ($4::boolean IS NULL OR (closed_at IS NULL) = $4) AND (NOT restricted OR $5)
), page AS (
    SELECT * FROM found WHERE reference > $7 ORDER BY reference LIMIT $8
)
SELECT counted.total, page.* FROM (SELECT count(*) AS total FROM found) AS counted LEFT JOIN page ON true
ORDER BY page.reference
