-- How the endpoint as a whole fares, unless another has the turn; and whether it is disabled.
UPDATE probity.subscription SET struck = $3, rests = $4, resting_until = $5, failing_since = $6,
       last_delivered = coalesce($7, last_delivered),
       state = CASE WHEN $8::text IS NULL OR state <> 'active' THEN state ELSE 'disabled' END,
       because = CASE WHEN $8::text IS NULL OR state <> 'active' THEN because ELSE $8 END
WHERE subscription = $1 AND turn = $2
