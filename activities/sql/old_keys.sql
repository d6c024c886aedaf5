-- Living keys that are not under this master key yet, some at a time.
SELECT key, wrapped, master FROM probity.text_key WHERE wrapped IS NOT NULL AND master <> $1
ORDER BY key LIMIT $2 FOR UPDATE
