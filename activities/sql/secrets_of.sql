-- The secrets that sign now, the newest first.
SELECT secret, wrapped, master FROM probity.webhook_secret
WHERE subscription = $1 AND (ends_at IS NULL OR ends_at > clock_timestamp()) ORDER BY made_at DESC
