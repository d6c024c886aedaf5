-- Which of these cases a subscriber is told of: those of its forces, as each case's first event says, and of restricted
-- ones none unless it may know of them. A case that the register does not have is not told of.
SELECT stream FROM probity.event JOIN reporting.register ON reference = stream
WHERE stream = ANY ($1) AND version = 1 AND (cardinality($2::text[]) = 0 OR data ->> 'force' = ANY ($2))
  AND ($3 OR NOT restricted)
