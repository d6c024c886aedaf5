-- Secrets of webhooks that are not under this master key yet, some at a time.
SELECT secret AS key, wrapped, master FROM probity.webhook_secret WHERE master <> $1
ORDER BY secret LIMIT $2 FOR UPDATE
