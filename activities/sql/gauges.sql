-- What is watched of the whole record: cases that are open; and of live ones the duties missed and still owed, by rule.
SELECT 'open_cases' AS gauge, '' AS rule, count(*) AS value FROM probity.stream WHERE closed_at IS NULL AND version > 0
UNION ALL
SELECT 'overdue', rule, count(*) FROM reporting.deadlines JOIN reporting.register USING (reference)
WHERE deadlines.overdue AND register.clock = 'live' GROUP BY rule
