-- Secrets of webhooks that are under this master key still, some at a time, after one; with what they are bound to.
SELECT secret AS key, wrapped, master, NULL AS stream, subscription.*
FROM probity.webhook_secret JOIN probity.subscription USING (subscription)
WHERE master = $1 AND secret > $3 ORDER BY secret LIMIT $2 FOR UPDATE OF webhook_secret
