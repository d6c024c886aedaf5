-- Every leaf under a checkpoint's root: the head of each case when it was made.
SELECT DISTINCT ON (stream COLLATE "C") stream, version, head
FROM probity.checkpoint_head WHERE checkpoint <= $1 ORDER BY stream COLLATE "C", checkpoint DESC
