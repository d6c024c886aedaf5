-- The record: what happened in every case, which command told it, and where each case stands.

-- Every event of every case. The primary key is the last guard against two writers on one case.
CREATE TABLE probity.event (
    stream         text        NOT NULL,
    version        bigint      NOT NULL CHECK (version > 0),
    event_id       uuid        NOT NULL UNIQUE,
    position       bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    type           text        NOT NULL,
    schema_version integer     NOT NULL,
    actor_role     text        NOT NULL,
    actor_id       text        NOT NULL,
    command        text        NOT NULL,
    command_id     text        NOT NULL,
    correlation_id uuid        NOT NULL,
    causation_id   text        NOT NULL,
    trace_context  jsonb,
    data           jsonb       NOT NULL,
    hash           bytea       NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (stream, version)
);

COMMENT ON TABLE probity.event IS 'Every event of every case, in the order of its case. Append-only.';
COMMENT ON COLUMN probity.event.stream IS 'Reference of the case.';
COMMENT ON COLUMN probity.event.version IS 'Place in the case, from 1, without gaps.';
COMMENT ON COLUMN probity.event.event_id IS 'Made of case, command id and index: the same however often the command is retried.';
COMMENT ON COLUMN probity.event.position IS 'Order of insertion over all cases; it says nothing about the order of commits.';
COMMENT ON COLUMN probity.event.transaction_id IS 'Transaction that wrote it: readers of all cases go by (transaction_id, position), below pg_snapshot_xmin.';
COMMENT ON COLUMN probity.event.occurred_at IS 'When it happened.';
COMMENT ON COLUMN probity.event.recorded_at IS 'When the store learned it.';
COMMENT ON COLUMN probity.event.correlation_id IS 'Id of the first event of the case.';
COMMENT ON COLUMN probity.event.causation_id IS 'Id of the command that told it.';
COMMENT ON COLUMN probity.event.trace_context IS 'W3C trace context of the command, if it had one.';
COMMENT ON COLUMN probity.event.hash IS 'SHA-256 over the hash of the event before and this one (activities/chain.py).';

-- The feed reads all cases in this order, and only below the oldest transaction that still runs.
CREATE INDEX event_feed ON probity.event (transaction_id, position);

-- Every command that was recorded: a retry finds here that it is one.
CREATE TABLE probity.command (
    stream        text        NOT NULL,
    command_id    text        NOT NULL,
    name          text        NOT NULL,
    body_hash     bytea       NOT NULL CHECK (octet_length(body_hash) = 32),
    first_version bigint      NOT NULL CHECK (first_version > 0),
    last_version  bigint      NOT NULL CHECK (last_version >= first_version - 1),
    recorded_at   timestamptz NOT NULL,
    PRIMARY KEY (stream, command_id)
);

COMMENT ON TABLE probity.command IS 'Every command that was recorded, by its idempotency key. Append-only.';
COMMENT ON COLUMN probity.command.body_hash IS 'SHA-256 of what was asked: the same id with another body is refused.';
COMMENT ON COLUMN probity.command.first_version IS 'First event that the command gave.';
COMMENT ON COLUMN probity.command.last_version IS 'Last event that the command gave.';

-- One row a case: the row that a writer locks. The snapshot spares the next writer the fold of the whole case.
CREATE TABLE probity.stream (
    stream           text        NOT NULL PRIMARY KEY,
    version          bigint      NOT NULL DEFAULT 0 CHECK (version >= 0),
    head             bytea       NOT NULL CHECK (octet_length(head) = 32),
    snapshot         jsonb,
    snapshot_version bigint,
    snapshot_code    bytea,
    opened_at        timestamptz NOT NULL,
    closed_at        timestamptz
);

COMMENT ON TABLE probity.stream IS 'Where each case stands. Locked by whoever appends to the case.';
COMMENT ON COLUMN probity.stream.version IS 'Version of the last event.';
COMMENT ON COLUMN probity.stream.head IS 'Hash of the last event; 32 zero bytes before the first.';
COMMENT ON COLUMN probity.stream.snapshot IS 'The folded case: a cache, which may be dropped at any time.';
COMMENT ON COLUMN probity.stream.snapshot_version IS 'Version up to which the snapshot was folded.';
COMMENT ON COLUMN probity.stream.snapshot_code IS 'SHA-256 of the code that folded it: another release folds again.';

-- Starting again after Temporal is lost, and comparing it with the record, begin with the open cases.
CREATE INDEX stream_open ON probity.stream (opened_at) WHERE closed_at IS NULL;

-- A privilege can be granted back and an owner's mistake needs none: the triggers refuse it to everyone.
CREATE FUNCTION probity.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % is refused.', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Correct a case by recording a further event.';
END
$$;

-- TRUNCATE fires no row trigger, so it has one of its own.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON probity.event
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.event
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON probity.command
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.command
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();

-- A case's row moves with the case and never goes: without it the case would seem unknown.
CREATE TRIGGER never_deleted BEFORE DELETE ON probity.stream
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER never_deleted_whole BEFORE TRUNCATE ON probity.stream
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();

-- Even the owner, which the engine may log in as, gives the privileges up.
REVOKE UPDATE, DELETE, TRUNCATE ON probity.event, probity.command FROM PUBLIC, CURRENT_USER;
