-- Was it recorded before? Asked after the lock and not with it: a statement that waits sees what was there when it began.
SELECT body_hash, first_version, last_version FROM probity.command WHERE stream = $1 AND command_id = $2
