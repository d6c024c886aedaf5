-- Whoever holds this row to the end of the transaction is the only one to append to the case.
SELECT version FROM probity.stream WHERE stream = $1 FOR NO KEY UPDATE
