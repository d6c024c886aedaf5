-- What a command asked, for whoever may not see the key with which its first digest was made.
SELECT name, body_hash, clear_hash, body_key, NULL::bytea AS wrapped, NULL::text AS master
FROM probity.command WHERE stream = $1 AND command_id = $2
