-- Some cases at once, each as its snapshot has it where this code ($2) folded it as it stands; without one elsewhere.
SELECT stream, version, CASE WHEN snapshot_code = $2 AND snapshot_version = version THEN snapshot END AS snapshot
FROM probity.stream WHERE stream = ANY ($1) ORDER BY stream COLLATE "C"
