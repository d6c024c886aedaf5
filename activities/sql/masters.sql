-- Under which master keys the living keys and the secrets of webhooks are.
SELECT master FROM probity.text_key WHERE wrapped IS NOT NULL
UNION SELECT master FROM probity.webhook_secret ORDER BY master
