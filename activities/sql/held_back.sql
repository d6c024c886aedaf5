-- What is recorded and not yet in the feed, because a transaction that began before it still runs somewhere in the cluster.
SELECT count(*) AS events, coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)::float8 AS seconds
FROM probity.event
WHERE generation = probity.current_generation() AND transaction_id >= pg_snapshot_xmin(pg_current_snapshot())
