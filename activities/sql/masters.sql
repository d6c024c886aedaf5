-- Under which master keys the living keys are. From one to the next in the index: they are few,
-- and the keys under them are not.
WITH RECURSIVE found AS (
    SELECT min(master) AS master FROM probity.text_key WHERE wrapped IS NOT NULL
    UNION ALL
    SELECT (SELECT min(k.master) FROM probity.text_key k WHERE k.wrapped IS NOT NULL AND k.master > found.master)
    FROM found WHERE found.master IS NOT NULL
)
SELECT master FROM found WHERE master IS NOT NULL
