-- The end of some keys: their rows stay, and say by which event. They are locked by their ids, as whoever wraps keys anew
-- does it: in another order each could wait for the other.
UPDATE probity.text_key SET wrapped = NULL, master = NULL, erased_by = $2
WHERE key IN (SELECT key FROM probity.text_key WHERE key = ANY ($1) AND wrapped IS NOT NULL ORDER BY key FOR UPDATE)
