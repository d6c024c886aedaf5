-- What of a case stands outside the chain and is not as the append wrote it: where its events come in the feed, what each
-- says of the command that told it and of the case's first, and the span of that command, which is its events and no others.
-- A command that gave no event, as none of ours does, is told of the event that it claims to have given.
SELECT DISTINCT version, not in_order AS moved, not told AS untold, not dated AS misdated FROM (
    SELECT coalesce(e.version, c.first_version) AS version,
        coalesce((e.generation, e.transaction_id, e.position) > (
            lag(e.generation) OVER place, lag(e.transaction_id) OVER place, lag(e.position) OVER place
        ), true) AS in_order,
        coalesce(e.correlation_id = first_value(e.event_id) OVER place AND e.causation_id = e.command_id
            AND c.name = e.command AND c.recorded_at = e.recorded_at
            AND c.first_version = min(e.version) OVER act AND c.last_version = max(e.version) OVER act, false) AS told,
        coalesce(e.recorded_at >= lag(e.recorded_at) OVER place, true)
            OR first_value(e.data ->> 'clock') OVER place = 'rehearsed' AS dated
    FROM (SELECT * FROM probity.event WHERE stream = $1) AS e
    FULL JOIN (SELECT * FROM probity.command WHERE stream = $1) AS c ON c.command_id = e.command_id
    WINDOW place AS (ORDER BY e.version), act AS (PARTITION BY e.command_id)
) AS event
WHERE not (in_order AND told AND dated) ORDER BY version
