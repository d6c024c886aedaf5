-- Whether there is no case for whoever may not see restricted ones: one that is restricted, and one that is not there.
SELECT coalesce((SELECT restricted FROM reporting.register WHERE reference = $1), true)
