-- The command that opened a case, whatever id it came under.
SELECT name, body_hash, clear_hash, body_key, wrapped, master
FROM probity.command LEFT JOIN probity.text_key ON key = body_key WHERE command.stream = $1 AND first_version = 1
