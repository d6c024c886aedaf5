-- Whether there is no case for whoever may not see restricted ones: one that is restricted, or one that is not there.
SELECT coalesce(
    (SELECT data -> 'restricted' IS NOT DISTINCT FROM 'true' FROM probity.event WHERE stream = $1 AND version = 1), true
)
