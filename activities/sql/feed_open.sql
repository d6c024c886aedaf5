-- The same page as feed.sql for whoever may not see restricted cases. The first event of a case says whether it is, and no
-- read model, which may be made anew by the engine's login.
SELECT generation, transaction_id::text::bigint AS transaction, position,
       stream, version, event_id, type, schema_version, occurred_at, recorded_at,
       actor_role, actor_id, command, command_id, data, encode(hash, 'hex') AS hash
FROM probity.event
WHERE (generation, transaction_id, position) > ($1::integer, ($2::bigint)::text::xid8, $3::bigint)
  AND (generation < (SELECT probity.current_generation())
       OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())))
  AND (SELECT first.data -> 'restricted' IS DISTINCT FROM 'true' FROM probity.event AS first
       WHERE first.stream = event.stream AND first.version = 1)
ORDER BY generation, transaction_id, position LIMIT $4
