-- The read models of a case: what changed of each, and what it still has.
SELECT probity.publish($1, $2)
