-- Pause or resume it. Who resumes it gives the endpoint a fresh chance.
UPDATE probity.subscription SET state = $2, because = $3, turn = turn + 1, struck = '{}', rests = 0, resting_until = NULL,
       failing_since = NULL
WHERE subscription = $1 RETURNING true
