-- What of a case stands outside the chain and is not as the append wrote it: where its events come in the feed, what each
-- says of the command that told it and of the case's first, and the span of that command.
SELECT version, not in_order AS moved, not told AS untold, not dated AS misdated FROM (
    SELECT e.version,
        coalesce((e.generation, e.transaction_id, e.position) > (
            lag(e.generation) OVER place, lag(e.transaction_id) OVER place, lag(e.position) OVER place
        ), true) AS in_order,
        coalesce(e.correlation_id = first_value(e.event_id) OVER place AND e.causation_id = e.command_id
            AND c.name = e.command AND c.recorded_at = e.recorded_at
            AND e.version BETWEEN c.first_version AND c.last_version, false) AS told,
        coalesce(e.recorded_at >= lag(e.recorded_at) OVER place, true)
            OR first_value(e.data ->> 'clock') OVER place = 'rehearsed' AS dated
    FROM probity.event e LEFT JOIN probity.command c ON c.stream = e.stream AND c.command_id = e.command_id
    WHERE e.stream = $1
    WINDOW place AS (ORDER BY e.version)
) AS event
WHERE not (in_order AND told AND dated) ORDER BY version
