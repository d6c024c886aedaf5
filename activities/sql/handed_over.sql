-- Whose part of a case was handed over and nobody has taken over yet, the longest first: no clock of theirs runs until it
-- is. $1: only what waits for this case; null for all. Neither act can be corrected (docs/adr/0013), and a part that is
-- handed back has a new name, so that a case, and whose part of it, is handed over once.
SELECT given.stream AS reference, given.data ->> 'officer' AS officer, given.data ->> 'to' AS to_case,
       given.occurred_at AS handed_over_at, receiving.closed_at IS NOT NULL AS closed
FROM probity.event given
LEFT JOIN probity.stream receiving ON receiving.stream = given.data ->> 'to'
WHERE given.type = 'officer_handed_over' AND ($1::text IS NULL OR given.data ->> 'to' = $1)
  AND NOT EXISTS (
      SELECT FROM probity.event taken
      WHERE taken.stream = given.data ->> 'to' AND taken.type = 'officer_taken_over'
        AND taken.data ->> 'from_case' = given.stream AND taken.data ->> 'was' = given.data ->> 'officer'
  )
ORDER BY given.occurred_at, given.stream, given.data ->> 'officer'
