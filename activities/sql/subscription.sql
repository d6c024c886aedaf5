-- A subscriber as the keeper added it, and the time that a signature bears.
SELECT *, clock_timestamp() AS now FROM probity.subscription WHERE subscription = $1
