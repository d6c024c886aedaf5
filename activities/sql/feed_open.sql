-- The same page as feed.sql for whoever may not see restricted cases. A case that the register does not have is not shown.
SELECT generation, transaction_id::text::bigint AS transaction, position,
       stream, version, event_id, type, schema_version, occurred_at, recorded_at,
       actor_role, actor_id, command, command_id, data, encode(hash, 'hex') AS hash
FROM probity.event
WHERE (generation, transaction_id, position) > ($1::integer, ($2::bigint)::text::xid8, $3::bigint)
  AND (generation < (SELECT probity.current_generation())
       OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())))
  AND EXISTS (SELECT FROM reporting.register WHERE reference = stream AND NOT restricted)
ORDER BY generation, transaction_id, position LIMIT $4
