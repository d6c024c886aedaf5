-- The keys that a case was recorded under and that are neither living nor destroyed by an event of the case that names them
-- (0025_keys_of_cases.sql refuses that from then on): those that stand in sealed text, and those of what commands asked. Then
-- those that are there although an event of the case says that they were destroyed: put back, or never destroyed; and those
-- of what commands asked that are kept as a person's, so that the first erasure in the case would leave them.
SELECT min(recorded.version) AS version, CASE WHEN k.key IS NULL THEN 'lost' ELSE 'untold' END AS fault
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
UNION ALL
SELECT e.version, 'there'
FROM probity.event e JOIN probity.text_key k ON k.stream = e.stream AND e.data -> 'keys' ? replace(k.key::text, '-', '')
WHERE e.stream = $1 AND e.type = 'text_erased' AND k.erased_by IS NULL
GROUP BY e.version
UNION ALL
SELECT min(c.first_version), 'other'
FROM probity.command c JOIN probity.text_key k ON k.key = c.body_key AND k.stream = c.stream
WHERE c.stream = $1 AND k.subject <> '#'
GROUP BY k.key
ORDER BY version, fault
