-- After a restore, keys are there again that were destroyed since the backup. So in a new generation of the store
-- (0005_feed.sql) nobody opens text until what had been erased is erased again: `probity reforget` leaves a row here.
CREATE TABLE probity.reforgotten (
    generation integer     NOT NULL PRIMARY KEY REFERENCES probity.generation,
    done_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    erasures   integer     NOT NULL CHECK (erasures >= 0)
);

COMMENT ON TABLE probity.reforgotten IS 'In which generation of the store what had been erased was erased again. Append-only.';
COMMENT ON COLUMN probity.reforgotten.erasures IS 'How many erasures were on the list that was gone through.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON probity.reforgotten
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.reforgotten
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();

GRANT SELECT ON probity.reforgotten TO probity_engine, probity_feed, probity_signer;
GRANT INSERT (generation, erasures) ON probity.reforgotten TO probity_keeper;
