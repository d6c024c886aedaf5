-- What a command asked, with the key with which its digest was made.
SELECT body_hash, body_key, wrapped, master
FROM probity.command LEFT JOIN probity.text_key ON key = body_key WHERE command.stream = $1 AND command_id = $2
