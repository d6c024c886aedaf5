-- Checkpoints: from time to time the heads of all cases are put under one root, and the root is signed with a key that is
-- not in the database. Whoever computes a whole chain anew, head and all, then contradicts what was signed.

CREATE TABLE probity.checkpoint (
    number     bigint      NOT NULL PRIMARY KEY CHECK (number > 0),
    made_at    timestamptz NOT NULL,
    statement  jsonb       NOT NULL,
    public_key bytea       NOT NULL CHECK (octet_length(public_key) = 32),
    signature  bytea       NOT NULL CHECK (octet_length(signature) = 64)
);

COMMENT ON TABLE probity.checkpoint IS 'What was signed, and when: the root of the heads of all cases. Append-only.';
COMMENT ON COLUMN probity.checkpoint.number IS 'From 1, without gaps.';
COMMENT ON COLUMN probity.checkpoint.statement IS 'What was signed: its canonical bytes (activities/chain.py).';
COMMENT ON COLUMN probity.checkpoint.public_key IS 'Ed25519 key that signed it: a key may be changed, and what it signed stays.';
COMMENT ON COLUMN probity.checkpoint.signature IS 'Ed25519 signature of the statement.';

-- The leaves under the root: only the heads that moved since the checkpoint before. A case's latest row up to a
-- checkpoint is its leaf there, so a checkpoint costs what happened and not what there is.
CREATE TABLE probity.checkpoint_head (
    stream     text   NOT NULL,
    checkpoint bigint NOT NULL REFERENCES probity.checkpoint,
    version    bigint NOT NULL CHECK (version > 0),
    head       bytea  NOT NULL CHECK (octet_length(head) = 32),
    PRIMARY KEY (stream, checkpoint)
);

COMMENT ON TABLE probity.checkpoint_head IS 'The head of a case, at each checkpoint at which it had moved. Append-only.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON probity.checkpoint
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON probity.checkpoint_head
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.checkpoint_head
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();

-- Whoever signs is none of the others: the worker's machine, which is reached by callers, does not hold the key.
DO $$
BEGIN
    CREATE ROLE probity_signer LOGIN;
    GRANT probity_signer TO CURRENT_USER;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

GRANT USAGE ON SCHEMA probity TO probity_signer;
GRANT SELECT ON probity.event, probity.command, probity.stream TO probity_signer;
GRANT SELECT, INSERT ON probity.checkpoint, probity.checkpoint_head TO probity_signer;
GRANT SELECT ON probity.checkpoint, probity.checkpoint_head TO probity_engine, probity_feed;
