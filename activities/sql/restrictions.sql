-- Everyone who is restricted now, the longest overdue review first, then by the day on which the next one is due.
-- $1 are the rules that a review settles: what is still owed by them says whether the day has been checked against the
-- law, and whether a review is owed at once, for which there is no day, and since when: the day after a period, or that
-- of what was said.
SELECT reference, register.clock, officer, measure, imposed_at, oral, confirmed, last_review, next_review, review_overdue,
    owed.since IS NOT NULL AS review_called_for, owed.since AS called_for_since,
    coalesce(owed.unverified, false) AS unverified, coalesce(owed.illustrative, false) AS illustrative, person,
    restricted.force
FROM reporting.restrictions AS restricted JOIN reporting.register USING (reference)
LEFT JOIN LATERAL (
    SELECT min(coalesce(due + 1, trigger)) FILTER (WHERE state = 'due') AS since,
        bool_or(due = restricted.next_review AND duty.unverified) AS unverified, bool_or(duty.illustrative) AS illustrative
    FROM reporting.deadlines AS duty
    WHERE duty.reference = restricted.reference AND subject = restricted.officer AND rule = ANY ($1)
      AND (overdue OR state IN ('running', 'extended', 'paused', 'due'))
) AS owed ON true
ORDER BY next_review NULLS LAST, reference, officer
