-- Duties still owed, the longest overdue first, then by the day on which their limit ends; with the clock of their case.
SELECT reference, register.clock, deadline, title, subject, duty, state, duties.overdue, due, citation, unverified,
       duties.illustrative, duties.force
FROM reporting.deadlines AS duties JOIN reporting.register USING (reference)
WHERE (duties.overdue OR state IN ('running', 'extended', 'paused', 'due')) AND (duties.overdue OR NOT $1)
  AND ($2::text IS NULL OR reference = $2)
ORDER BY due NULLS LAST, reference, deadline
