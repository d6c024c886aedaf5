-- Whose text the keys of a case are for.
SELECT key, subject FROM probity.text_key WHERE stream = $1
