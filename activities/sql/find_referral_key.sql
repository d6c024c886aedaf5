-- For which case a caller used a key.
SELECT reference FROM probity.referral_key WHERE caller = $1 AND key = $2
