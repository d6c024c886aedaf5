-- The end of some keys: their rows stay, and say by which event.
UPDATE probity.text_key SET wrapped = NULL, master = NULL, erased_by = $2 WHERE key = ANY ($1) AND wrapped IS NOT NULL
