-- Another takes their place: those that sign go on for so long at most, those that have ended go.
WITH ended AS (DELETE FROM probity.webhook_secret WHERE subscription = $1 AND ends_at <= clock_timestamp())
UPDATE probity.webhook_secret SET ends_at = least(ends_at, clock_timestamp() + $2) WHERE subscription = $1
