-- The whole append: deploy/migrations/0007_append.sql says what it writes and why so, 0023_dated_as_recorded.sql has it, but for
-- a word that 0033 changed.
SELECT probity.append($1, $2, $3, $4, $5, $6, $7, $8)
