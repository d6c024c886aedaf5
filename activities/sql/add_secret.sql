-- A secret as it is kept: encrypted under the master key.
INSERT INTO probity.webhook_secret (secret, subscription, wrapped, master) VALUES ($1, $2, $3, $4)
