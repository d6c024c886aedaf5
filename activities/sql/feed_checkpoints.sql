-- The checkpoints on a page of the feed. Read in the same snapshot as its events, so that both have one mark.
SELECT generation, transaction_id::text::bigint AS transaction, number AS position,
       statement, encode(public_key, 'hex') AS public_key, encode(signature, 'hex') AS signature
FROM probity.checkpoint
WHERE (generation, transaction_id, number) > ($1::integer, ($2::bigint)::text::xid8, $3::bigint)
  AND (generation < (SELECT probity.current_generation())
       OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())))
ORDER BY generation, transaction_id, number LIMIT $4
