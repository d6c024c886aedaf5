-- Once the key of body_hash is destroyed, whatever came under a command's id was answered as that command had been. What a
-- command asked beside its free text stands in the clear in its events, so a digest of that needs no key, and remains.
ALTER TABLE probity.command ADD COLUMN clear_hash bytea CHECK (octet_length(clear_hash) = 32);

COMMENT ON COLUMN probity.command.clear_hash IS
    'Where body_hash was made with a key: SHA-256 of what was asked without its free text, for when the key is gone. Empty before 0024.';
