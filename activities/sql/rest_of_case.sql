-- Whether anything is there of a case whose row is not.
SELECT EXISTS (SELECT FROM probity.event WHERE stream = $1) OR EXISTS (SELECT FROM probity.checkpoint_head WHERE stream = $1)
