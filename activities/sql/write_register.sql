-- The case in the register of cases: $2 its row if it changed, $3 its reference, as for the other tables.
WITH gone AS (
    DELETE FROM reporting.register WHERE reference = $1 AND reference <> ALL ($3)
)
INSERT INTO reporting.register SELECT * FROM jsonb_populate_recordset(NULL::reporting.register, $2) WHERE reference = $1
ON CONFLICT (reference) DO UPDATE SET (
    force, stage, clock, regime, origin, referral_kind, mode, severity, officers, officers_open, stayed,
    overdue, next_due, first_known, opened_at, closed_at, illustrative
) = ROW (
    excluded.force, excluded.stage, excluded.clock, excluded.regime, excluded.origin, excluded.referral_kind,
    excluded.mode, excluded.severity, excluded.officers, excluded.officers_open, excluded.stayed,
    excluded.overdue, excluded.next_due, excluded.first_known, excluded.opened_at, excluded.closed_at,
    excluded.illustrative
)
