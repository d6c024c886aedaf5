-- Whether the register has this case.
SELECT EXISTS (SELECT FROM reporting.register WHERE reference = $1)
