-- The keys under which text of a case is sealed now, and whether it first has to be erased again what was erased before a
-- restore, as in may_open: keys that came back with an older copy are about to be destroyed. Without keys one empty row.
-- A key that is destroyed after this moves the case by an event.
SELECT k.key, k.subject, k.wrapped, k.master, restored.owed
FROM (
    SELECT (SELECT max(number) FROM probity.generation) > (SELECT coalesce(max(generation), 1) FROM probity.reforgotten)
) AS restored (owed)
LEFT JOIN probity.text_key k ON k.stream = $1 AND k.wrapped IS NOT NULL
