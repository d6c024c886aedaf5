-- Was it recorded before, and what did it ask?
SELECT body_hash, first_version, last_version FROM probity.command WHERE stream = $1 AND command_id = $2
