-- What a command asked, with the key with which its first digest was made.
SELECT name, body_hash, clear_hash, body_key, wrapped, master
FROM probity.command LEFT JOIN probity.text_key ON key = body_key WHERE command.stream = $1 AND command_id = $2
