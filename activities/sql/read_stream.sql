-- Where a case stands, for whoever only looks.
SELECT version, head, snapshot::text, snapshot_version, snapshot_code, opened_at, closed_at
FROM probity.stream WHERE stream = $1
