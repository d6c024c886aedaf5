-- Everyone who is restricted now, the longest overdue review first, then by the day on which the next one is due.
SELECT reference, officer, measure, imposed_at, oral, confirmed, last_review, next_review, review_overdue, person, force
FROM reporting.restrictions WHERE review_overdue OR NOT $1
ORDER BY next_review NULLS LAST, reference, officer
