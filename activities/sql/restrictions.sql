-- Everyone who is restricted now, the longest overdue review first, then by the day on which the next one is due.
-- $2 are the rules that a review settles: what is still owed by them says whether the day has been checked against the
-- law, and whether a review is owed at once, for which there is no day.
SELECT reference, officer, measure, imposed_at, oral, confirmed, last_review, next_review, review_overdue,
    coalesce(owed.called_for, false) AS review_called_for, coalesce(owed.unverified, false) AS unverified,
    coalesce(owed.illustrative, false) AS illustrative, person, force
FROM reporting.restrictions AS restricted
LEFT JOIN LATERAL (
    SELECT bool_or(state = 'due') AS called_for, bool_or(due = restricted.next_review AND duty.unverified) AS unverified,
        bool_or(duty.illustrative) AS illustrative
    FROM reporting.deadlines AS duty
    WHERE duty.reference = restricted.reference AND subject = restricted.officer AND rule = ANY ($2)
      AND (overdue OR state IN ('running', 'extended', 'paused', 'due'))
) AS owed ON true
WHERE review_overdue OR NOT $1
ORDER BY next_review NULLS LAST, reference, officer
