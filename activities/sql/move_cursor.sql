-- What stands before it is noted: in the same transaction.
UPDATE probity.subscription SET generation = $2, transaction = $3, position = $4 WHERE subscription = $1
