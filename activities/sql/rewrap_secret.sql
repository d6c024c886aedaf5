-- A secret of a webhook under another master key.
UPDATE probity.webhook_secret SET wrapped = $3, master = $4 WHERE secret = $1 AND wrapped = $2
