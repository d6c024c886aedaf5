-- The deadlines of a case as they stand: $2 what changed, $3 what the case still has.
WITH gone AS (
    DELETE FROM reporting.deadlines WHERE reference = $1 AND deadline <> ALL ($3)
)
INSERT INTO reporting.deadlines SELECT * FROM jsonb_populate_recordset(NULL::reporting.deadlines, $2) WHERE reference = $1
ON CONFLICT (reference, deadline) DO UPDATE SET (
    force, rule, title, kind, duty, subject, state, overdue, trigger, due, done_at, missed_at, ended_at,
    regime, citation, unverified, illustrative
) = ROW (
    excluded.force, excluded.rule, excluded.title, excluded.kind, excluded.duty, excluded.subject,
    excluded.state, excluded.overdue, excluded.trigger, excluded.due, excluded.done_at, excluded.missed_at,
    excluded.ended_at, excluded.regime, excluded.citation, excluded.unverified, excluded.illustrative
)
