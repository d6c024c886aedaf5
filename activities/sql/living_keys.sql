-- The keys of a case that are not destroyed, and whose they are.
SELECT key, subject FROM probity.text_key WHERE stream = $1 AND wrapped IS NOT NULL
