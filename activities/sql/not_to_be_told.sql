-- What waits of a case of which something was noted that is not to be told.
DELETE FROM probity.delivery WHERE subscription = $1 AND stream = $2 AND state IN ('waiting', 'dead')
