-- One signs at a time, by a lock that only the signer can take: an advisory lock is open to whoever may log in, and who
-- held it let nothing be signed. Its right to add rows does not let the signer lock the table by itself; who reads goes on.
CREATE FUNCTION probity.hold_signing() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE probity.checkpoint IN SHARE ROW EXCLUSIVE MODE;
END
$$;

REVOKE ALL ON FUNCTION probity.hold_signing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION probity.hold_signing TO probity_signer;
