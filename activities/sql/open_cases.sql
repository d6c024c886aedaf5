-- Every open case as its process should know it, and how many of its limits ended before $1 without a miss being recorded:
-- of live cases alone, since the others have no clock, or one of their own. A case without a read model is listed too.
-- Whether its record has moved since $2 tells whom to ask what it knows: by what they publish not all who are behind show.
SELECT stream.stream AS reference, stream.version, register.stage, register.overdue, register.next_due,
       event.recorded_at > $2 AS moved, count(deadlines.deadline) AS late
FROM probity.stream
JOIN probity.event ON event.stream = stream.stream AND event.version = stream.version
LEFT JOIN reporting.register ON register.reference = stream.stream
LEFT JOIN reporting.deadlines ON deadlines.reference = stream.stream AND register.clock = 'live'
    AND deadlines.state IN ('running', 'extended') AND deadlines.due < $1
WHERE stream.version > 0 AND stream.closed_at IS NULL
GROUP BY stream.stream, register.reference, event.recorded_at
ORDER BY stream.stream COLLATE "C"
