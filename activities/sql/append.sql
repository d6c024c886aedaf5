-- The whole append: deploy/migrations/0007_append.sql says what it writes and why so, deploy/schema.sql has it as it is.
SELECT probity.append($1, $2, $3, $4, $5, $6, $7, $8)
