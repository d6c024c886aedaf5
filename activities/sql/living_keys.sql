-- The keys under which text of a case is sealed now. One that is destroyed after this moves the case by an event.
SELECT key, subject, wrapped, master FROM probity.text_key WHERE stream = $1 AND wrapped IS NOT NULL
