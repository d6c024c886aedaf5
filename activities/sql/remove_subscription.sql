-- A subscriber goes with its secrets, what waits for it and its log: they refer to it.
DELETE FROM probity.subscription WHERE subscription = $1
