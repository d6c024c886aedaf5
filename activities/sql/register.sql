-- The register: open cases first, those with the nearest limit at the top.
SELECT reference, force, stage, severity, mode, regime, clock, officers, overdue, next_due, stayed, first_known,
       opened_at, closed_at, illustrative
FROM reporting.register WHERE ($1::text IS NULL OR stage = $1)
ORDER BY closed_at IS NOT NULL, next_due NULLS LAST, reference
