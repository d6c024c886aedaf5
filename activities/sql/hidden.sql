-- Whether a case is none for whoever may not see restricted ones, also where its events cannot be read. One that the
-- register does not have is taken for restricted.
SELECT coalesce((SELECT restricted FROM reporting.register WHERE reference = $1), true)
