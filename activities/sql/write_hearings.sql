-- The proceedings of a case as they stand: $2 what changed, $3 what the case still has.
WITH gone AS (
    DELETE FROM reporting.hearings WHERE reference = $1 AND officer <> ALL ($3)
)
INSERT INTO reporting.hearings SELECT * FROM jsonb_populate_recordset(NULL::reporting.hearings, $2) WHERE reference = $1
ON CONFLICT (reference, officer) DO UPDATE SET (
    force, hearing, person, proceedings, state, begins_on, notice_published, chair, finding
) = ROW (
    excluded.force, excluded.hearing, excluded.person, excluded.proceedings, excluded.state,
    excluded.begins_on, excluded.notice_published, excluded.chair, excluded.finding
)
