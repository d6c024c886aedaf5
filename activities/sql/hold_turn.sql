-- Whether it is still our turn, and stays so to the end of the transaction.
SELECT true FROM probity.subscription WHERE subscription = $1 AND turn = $2 AND state = 'active' FOR SHARE
