-- The whole append: deploy/migrations/0007_append.sql says what it writes and why so, 0023_dated_as_recorded.sql has it as it
-- is now.
SELECT probity.append($1, $2, $3, $4, $5, $6, $7, $8)
