-- Living keys that are under this master key still, some at a time, after one.
SELECT key, wrapped, master, stream, NULL AS subscription FROM probity.text_key
WHERE wrapped IS NOT NULL AND master = $1 AND key > $3 ORDER BY key LIMIT $2 FOR UPDATE
