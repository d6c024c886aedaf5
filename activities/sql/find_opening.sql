-- The command that opened a case, whatever id it came under.
SELECT body_hash FROM probity.command WHERE stream = $1 AND first_version = 1
