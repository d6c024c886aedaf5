-- Keys by name, for whoever may open text.
SELECT key, wrapped, master FROM probity.text_key WHERE key = ANY ($1) AND wrapped IS NOT NULL
