-- Who read free text about people, when, through which command and for what purpose: a chain a case, as its events have.

CREATE TABLE probity.reading (
    stream      text        NOT NULL REFERENCES probity.stream,
    number      bigint      NOT NULL CHECK (number > 0),
    read_at     timestamptz NOT NULL,
    reader_role text        NOT NULL,
    reader_id   text        NOT NULL,
    what        text        NOT NULL,
    purpose     text        NOT NULL,
    hash        bytea       NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (stream, number)
);

COMMENT ON TABLE probity.reading IS 'Every time that sealed text of a case was opened for a reader. Append-only.';
COMMENT ON COLUMN probity.reading.number IS 'Place in the log of the case, from 1, without gaps.';
COMMENT ON COLUMN probity.reading.what IS 'What it was opened for: events, feed, export.';
COMMENT ON COLUMN probity.reading.purpose IS 'Why, in the words of whoever read.';
COMMENT ON COLUMN probity.reading.hash IS 'SHA-256 over the hash of the reading before and this one.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON probity.reading
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.reading
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();

-- Whoever may open text adds to the log of it; whoever reads the record reads the log.
GRANT SELECT, INSERT ON probity.reading TO probity_engine, probity_opener;
GRANT SELECT ON probity.reading TO probity_feed, probity_signer;
