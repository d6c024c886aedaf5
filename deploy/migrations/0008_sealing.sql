-- Free text about people is sealed in the events, under keys that can be destroyed (docs/adr/0017). The keys are here,
-- each wrapped by a master key that is not in the database; events are never touched.

CREATE TABLE probity.text_key (
    key       uuid        NOT NULL PRIMARY KEY,
    stream    text        NOT NULL,
    subject   text        NOT NULL,
    wrapped   bytea,
    master    text,
    made_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_by uuid,
    CHECK ((wrapped IS NULL) = (erased_by IS NOT NULL) AND (wrapped IS NULL) = (master IS NULL))
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0); -- a destroyed key leaves the file soon

COMMENT ON TABLE probity.text_key IS 'The keys of free text: one for each person in each case. A destroyed one leaves its row.';
COMMENT ON COLUMN probity.text_key.subject IS 'Whose text: opaque id of an officer or a party; * the case''s; # of digests of what was asked.';
COMMENT ON COLUMN probity.text_key.wrapped IS 'The key, encrypted under the master key; empty once destroyed.';
COMMENT ON COLUMN probity.text_key.master IS 'By what the master key is known that wraps it.';
COMMENT ON COLUMN probity.text_key.erased_by IS 'The event that tells of its destruction: who, when, why.';

-- One living key a person: two writers who made one each would seal under keys of which one is never destroyed.
CREATE UNIQUE INDEX text_key_living ON probity.text_key (stream, subject) WHERE wrapped IS NOT NULL;
CREATE INDEX text_key_subject ON probity.text_key (subject);
CREATE INDEX text_key_erased_by ON probity.text_key (erased_by) WHERE erased_by IS NOT NULL;

ALTER TABLE probity.command ADD COLUMN body_key uuid;
COMMENT ON COLUMN probity.command.body_key IS 'The key with which body_hash was made, where free text was told: without it nobody can guess at the text.';

-- A key may be wrapped anew or be destroyed, and nothing else; a destroyed one does not come back.
CREATE FUNCTION probity.refuse_revival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'probity.text_key: a key is wrapped anew or destroyed, and not changed otherwise.'
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER never_revived BEFORE UPDATE ON probity.text_key FOR EACH ROW
    WHEN (OLD.wrapped IS NULL OR (NEW.key, NEW.stream, NEW.subject, NEW.made_at) IS DISTINCT FROM (OLD.key, OLD.stream, OLD.subject, OLD.made_at))
    EXECUTE FUNCTION probity.refuse_revival();
CREATE TRIGGER never_deleted BEFORE DELETE ON probity.text_key
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER never_deleted_whole BEFORE TRUNCATE ON probity.text_key
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();

-- Whoever forgets (the keeper) does what the engine does, and destroys; the engine cannot. The opener reads what the feed
-- reads, and the keys: who reads the record without it finds the text sealed.
DO $$
BEGIN
    BEGIN
        CREATE ROLE probity_keeper LOGIN;
        GRANT probity_engine TO probity_keeper;
        GRANT probity_keeper TO CURRENT_USER;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    CREATE ROLE probity_opener LOGIN;
    GRANT probity_feed TO probity_opener;
    GRANT probity_opener TO CURRENT_USER;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

GRANT SELECT, INSERT (key, stream, subject, wrapped, master) ON probity.text_key TO probity_engine;
GRANT SELECT, UPDATE (wrapped, master, erased_by) ON probity.text_key TO probity_keeper;
GRANT SELECT ON probity.text_key TO probity_opener;
GRANT SELECT (key, stream, subject, made_at, erased_by) ON probity.text_key TO probity_feed, probity_signer;
