-- Who is restricted in a case now: $2 what changed, $3 the officers still restricted.
WITH gone AS (
    DELETE FROM reporting.restrictions WHERE reference = $1 AND officer <> ALL ($3)
)
INSERT INTO reporting.restrictions SELECT * FROM jsonb_populate_recordset(NULL::reporting.restrictions, $2) WHERE reference = $1
ON CONFLICT (reference, officer) DO UPDATE SET (
    force, person, measure, imposed_at, oral, confirmed, last_review, next_review, review_overdue
) = ROW (
    excluded.force, excluded.person, excluded.measure, excluded.imposed_at, excluded.oral, excluded.confirmed,
    excluded.last_review, excluded.next_review, excluded.review_overdue
)
