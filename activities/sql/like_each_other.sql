-- Every two cases in which the same person is concerned, near enough in time to be compared; those known last first.
WITH concerned AS (
    SELECT e.stream, e.data ->> 'person' AS person, r.force, r.first_known
    FROM probity.event e JOIN reporting.register r ON r.reference = e.stream
    WHERE e.type IN ('officer_added', 'officer_taken_over')
)
SELECT one.stream AS one, other.stream AS other
FROM concerned one JOIN concerned other ON other.person = one.person AND other.force = one.force
     AND other.stream > one.stream AND other.first_known BETWEEN one.first_known - $1::int AND one.first_known + $1::int
GROUP BY one.stream, other.stream
ORDER BY max(greatest(one.first_known, other.first_known)) DESC, one.stream, other.stream
LIMIT $2
