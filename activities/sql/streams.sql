-- The cases after a reference, in order, with where each stands: a walk over all of them that can be taken in steps.
SELECT stream, version FROM probity.stream WHERE version > 0 AND stream > $1 ORDER BY stream LIMIT $2
