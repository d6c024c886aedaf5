-- Whoever appends holds this row to the end of the transaction. The clock is read here, under the lock, so that
-- recorded_at rises with the version: after a wait Postgres evaluates the columns anew on the row it was given.
SELECT version, head, snapshot, snapshot_version, snapshot_code, clock_timestamp() AS now
FROM probity.stream WHERE stream = $1 FOR UPDATE
