-- A key under another master key, unless it was destroyed or wrapped anew meanwhile.
UPDATE probity.text_key SET wrapped = $3, master = $4 WHERE key = $1 AND wrapped = $2
