-- What was signed from a checkpoint on, in order, by whom, and where it stands in the feed.
SELECT number, statement, public_key, signature, generation, transaction_id::text::bigint AS transaction
FROM probity.checkpoint WHERE number >= $1 ORDER BY number
