-- Where a case stands, for whoever only looks.
SELECT version, head, snapshot, snapshot_version, snapshot_code FROM probity.stream WHERE stream = $1
