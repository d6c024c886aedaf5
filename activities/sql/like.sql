-- Cases in which somebody of this case is concerned too, near enough in time to be compared; the oldest first. The index
-- on the person finds them. $4: only those that were recorded before it, and none that is restricted.
SELECT other.reference
FROM probity.event mine
JOIN reporting.register own ON own.reference = mine.stream
JOIN probity.event first ON first.stream = mine.stream AND first.version = 1
JOIN probity.event its ON its.data ->> 'person' = mine.data ->> 'person' AND its.stream <> mine.stream
     AND its.type IN ('officer_added', 'officer_taken_over')
JOIN reporting.register other ON other.reference = its.stream AND other.force = own.force
     AND other.first_known BETWEEN own.first_known - $2::int AND own.first_known + $2::int
JOIN probity.event first_of_other ON first_of_other.stream = its.stream AND first_of_other.version = 1
WHERE mine.stream = $1 AND mine.type IN ('officer_added', 'officer_taken_over')
  AND (NOT $4 OR (first_of_other.position < first.position AND first_of_other.data -> 'restricted' IS DISTINCT FROM 'true'))
GROUP BY other.reference
ORDER BY min(first_of_other.position)
LIMIT $3
