-- What stands before it is noted: in the same transaction, or the table refuses it.
UPDATE probity.subscription SET generation = $2, transaction = $3, position = $4 WHERE subscription = $1
