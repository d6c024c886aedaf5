-- The keys that a case was recorded under and that are neither living nor destroyed by an event of the case that names them
-- (0025_keys_of_cases.sql refuses that from then on): those that stand in sealed text, and those of what commands asked.
SELECT min(recorded.version) AS version, k.key IS NULL AS lost
FROM (
    SELECT e.version, CASE WHEN name ~ '^[0-9a-f]{32}$' THEN name::uuid END AS key
    FROM probity.event e
    CROSS JOIN jsonb_each_text(CASE jsonb_typeof(e.data) WHEN 'object' THEN e.data ELSE '{}' END) AS field (what, text)
    CROSS JOIN string_to_table(split_part(field.text, ':', 3), '+') AS name
    WHERE e.stream = $1 AND field.text LIKE 'sealed:1:%'
    UNION ALL
    SELECT c.first_version, c.body_key FROM probity.command c WHERE c.stream = $1 AND c.body_key IS NOT NULL
) AS recorded
LEFT JOIN probity.text_key k ON k.key = recorded.key AND k.stream = $1
WHERE k.key IS NULL OR (k.erased_by IS NOT NULL AND NOT EXISTS (
    SELECT FROM probity.event e
    WHERE e.event_id = k.erased_by AND e.stream = k.stream AND e.type = 'text_erased'
      AND e.data -> 'keys' ? replace(k.key::text, '-', '')
))
GROUP BY recorded.key, k.key
ORDER BY version, lost
