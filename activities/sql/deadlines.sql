-- Duties still owed, the longest overdue first, then by the day on which their limit ends; and the clock of their case.
-- A right that may still be used is among them.
-- What is owed as soon as practicable has no last day, but one since when: that after a period, or of what asks for it.
SELECT reference, register.clock, deadline, kind, title, subject, duty, state, duties.overdue, due,
       CASE WHEN state = 'due' THEN coalesce(due + 1, trigger) END AS owed_since, citation, unverified,
       duties.illustrative, duties.force
FROM reporting.deadlines AS duties JOIN reporting.register USING (reference)
WHERE (duties.overdue OR state IN ('running', 'extended', 'paused', 'due')) AND (duties.overdue OR NOT $1)
  AND ($2::text IS NULL OR reference = $2)
ORDER BY due NULLS LAST, owed_since, reference, deadline
