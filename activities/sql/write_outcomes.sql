-- The outcomes of a case as they stand: $2 what changed, $3 what the case still has.
WITH gone AS (
    DELETE FROM reporting.outcomes WHERE reference = $1 AND officer <> ALL ($3)
)
INSERT INTO reporting.outcomes SELECT * FROM jsonb_populate_recordset(NULL::reporting.outcomes, $2) WHERE reference = $1
ON CONFLICT (reference, officer) DO UPDATE SET (
    force, person, severity, case_to_answer, disposal, proceedings, finding, sanction, notified_on,
    live_until, published, barred_list_reported, appeal_to, set_aside, departed
) = ROW (
    excluded.force, excluded.person, excluded.severity, excluded.case_to_answer, excluded.disposal,
    excluded.proceedings, excluded.finding, excluded.sanction, excluded.notified_on, excluded.live_until,
    excluded.published, excluded.barred_list_reported, excluded.appeal_to, excluded.set_aside,
    excluded.departed
)
