-- Under which master keys the secrets of webhooks are: a few rows a subscriber.
SELECT DISTINCT master FROM probity.webhook_secret
