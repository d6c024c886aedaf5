-- A page of the feed. Watermark and page are one statement: with a snapshot each, a transaction that ended between them
-- would be above the mark of the one and below that of the other, and be passed over. The mark is a subquery, so that it
-- is asked for once and not for every event.
SELECT generation, transaction_id::text::bigint AS transaction, position,
       stream, version, event_id, type, schema_version, occurred_at, recorded_at,
       actor_role, actor_id, command, command_id, data, encode(hash, 'hex') AS hash
FROM probity.event
WHERE (generation, transaction_id, position) > ($1::integer, ($2::bigint)::text::xid8, $3::bigint)
  AND (generation < (SELECT probity.current_generation())
       OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())))
ORDER BY generation, transaction_id, position LIMIT $4
