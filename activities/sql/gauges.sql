-- What is watched of the whole record: cases that are open, duties missed and still owed, by rule.
SELECT 'open_cases' AS gauge, '' AS rule, count(*) AS value FROM probity.stream WHERE closed_at IS NULL AND version > 0
UNION ALL
SELECT 'overdue', rule, count(*) FROM reporting.deadlines WHERE overdue GROUP BY rule
