-- Of keys that were destroyed: when, and why, as the record has it.
SELECT k.key, e.occurred_at AS erased_at, e.data ->> 'reasons' AS because
FROM probity.text_key k JOIN probity.event e ON e.event_id = k.erased_by WHERE k.key = ANY ($1)
