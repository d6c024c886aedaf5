-- What some cases ($2), each at its version ($3), have in the fresh tables.
SELECT probity.fill_rebuild($1, $2, $3, $4)
