-- Snapshots are a cache: without one a case is folded from its events. Some at a time, so that no case is held for long.
WITH found AS (
    SELECT stream FROM probity.stream WHERE stream > $1 AND snapshot IS NOT NULL ORDER BY stream LIMIT $2 FOR NO KEY UPDATE
), dropped AS (
    UPDATE probity.stream SET snapshot = NULL, snapshot_version = NULL, snapshot_code = NULL
    WHERE stream IN (SELECT stream FROM found)
)
SELECT stream FROM found ORDER BY stream
