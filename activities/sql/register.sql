-- The register: cases with an overdue duty first, then open ones, those with the nearest limit at the top. What is overdue
-- in a rehearsed case is nobody's to do.
SELECT reference, force, stage, severity, mode, regime, clock, officers, overdue, next_due, stayed, first_known,
       opened_at, closed_at, illustrative
FROM reporting.register
WHERE ($1::text IS NULL OR stage = $1) AND ($2::text IS NULL OR force = $2)
  AND ($3::boolean IS NULL OR (overdue > 0) = $3)
ORDER BY overdue = 0 OR clock = 'rehearsed', closed_at IS NOT NULL, next_due NULLS LAST, reference
