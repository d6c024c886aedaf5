-- To the end of the transaction no case moves and nobody is at the live tables; or an error after $1 milliseconds.
SELECT probity.hold_read_models($1)
