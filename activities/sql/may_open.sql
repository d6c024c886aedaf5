-- Whether this login may open text, and whether it first has to be erased again what was erased before a restore.
SELECT has_column_privilege('probity.text_key', 'wrapped', 'SELECT') AS may,
       (SELECT max(number) FROM probity.generation) > (SELECT coalesce(max(generation), 1) FROM probity.reforgotten) AS owed
