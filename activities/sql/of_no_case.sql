-- Of which cases the read models tell that are none.
SELECT reference FROM (
    SELECT reference FROM reporting.register
    UNION SELECT reference FROM reporting.deadlines
    UNION SELECT reference FROM reporting.restrictions
    UNION SELECT reference FROM reporting.hearings
    UNION SELECT reference FROM reporting.outcomes
) AS told WHERE NOT EXISTS (SELECT FROM probity.stream s WHERE s.stream = told.reference) ORDER BY reference
