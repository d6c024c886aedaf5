-- Under which master keys the living keys are.
SELECT DISTINCT master FROM probity.text_key WHERE wrapped IS NOT NULL ORDER BY master
