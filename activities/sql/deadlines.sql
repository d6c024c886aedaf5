-- Duties still owed, the longest overdue first, then by the day on which their limit ends.
SELECT reference, deadline, title, subject, duty, state, overdue, due, citation, unverified, illustrative, force
FROM reporting.deadlines
WHERE (overdue OR state IN ('running', 'extended', 'paused', 'due')) AND (overdue OR NOT $1)
  AND ($2::text IS NULL OR reference = $2)
ORDER BY due NULLS LAST, reference, deadline
