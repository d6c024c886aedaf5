-- Claim a key for a case; no row when the key is used already, or the case has been referred under another.
INSERT INTO probity.referral_key (caller, key, reference) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING reference
