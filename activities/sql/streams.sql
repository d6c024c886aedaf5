-- The cases after a reference, in order: a walk over all of them that can be taken in steps.
SELECT stream FROM probity.stream WHERE version > 0 AND stream COLLATE "C" > $1 ORDER BY stream COLLATE "C" LIMIT $2
