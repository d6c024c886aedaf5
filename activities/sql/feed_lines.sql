-- The same page with each event as one line of JSON, made by the server: what goes on to another service as it is need not
-- become objects here. What may hold a quote is quoted; the rest are numbers, ids and names of closed patterns.
SELECT generation, transaction_id::text::bigint AS transaction, position,
       concat('{"stream":"', stream, '","version":', version, ',"event_id":"', event_id, '","type":', to_json(type),
              ',"schema_version":', schema_version, ',"occurred_at":', to_json(occurred_at),
              ',"recorded_at":', to_json(recorded_at), ',"actor":{"role":', to_json(actor_role),
              ',"id":', to_json(actor_id), '},"command":', to_json(command), ',"command_id":', to_json(command_id),
              ',"data":', data, ',"hash":"', encode(hash, 'hex'), '"}') AS line
FROM probity.event
WHERE (generation, transaction_id, position) > ($1::integer, ($2::bigint)::text::xid8, $3::bigint)
  AND (generation < (SELECT probity.current_generation())
       OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())))
ORDER BY generation, transaction_id, position LIMIT $4
