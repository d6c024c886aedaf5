-- Who may do what. The owner of the tables, who migrates, is none of these, and nobody logs in as the owner day to day:
--
--   probity_engine   the worker: adds to the record, and moves the cache and the read models beside it
--   probity_feed     reads the record and writes nothing: services that follow it, the command line, who exports a case
--   probity_reader   reads the schema `reporting`, as BI tools do, and sees nothing else
--
-- A role is the whole cluster's, so another database of Probity may have made it already, or be making it now. None has
-- a password here: docs/run.md says how they log in.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['probity_engine', 'probity_feed', 'probity_reader'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
            -- So that an owner who is no superuser may take the role on, for a first look; it gives the owner nothing.
            EXECUTE format('GRANT %I TO CURRENT_USER', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$;

-- Column by column: position and transaction_id are the server's, or a writer could slip an event past every reader of
-- the feed; of a case's row neither the name nor the day it was opened ever changes.
GRANT USAGE ON SCHEMA probity, reporting TO probity_engine;
GRANT SELECT ON ALL TABLES IN SCHEMA probity TO probity_engine;
GRANT INSERT (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role, actor_id, command,
              command_id, correlation_id, causation_id, trace_context, data, hash) ON probity.event TO probity_engine;
GRANT INSERT ON probity.command TO probity_engine;
GRANT INSERT (stream, head, opened_at),
      UPDATE (version, head, snapshot, snapshot_version, snapshot_code, closed_at) ON probity.stream TO probity_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA reporting TO probity_engine;

GRANT USAGE ON SCHEMA probity TO probity_feed;
GRANT SELECT ON probity.event, probity.command, probity.stream TO probity_feed;

GRANT USAGE ON SCHEMA reporting TO probity_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO probity_reader;

-- The engine may move a case's row, so the row itself refuses to go back: a head that is rewound would let an end be cut
-- off the chain, or another put in its place, once the events were in reach.
CREATE FUNCTION probity.refuse_rewind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'probity.stream moves forward only: a change of its head without a further event is refused.'
        USING ERRCODE = 'restrict_violation', HINT = 'Correct a case by recording a further event.';
END
$$;

CREATE TRIGGER moves_forward BEFORE UPDATE ON probity.stream FOR EACH ROW
    WHEN (NEW.version < OLD.version OR (NEW.version = OLD.version AND NEW.head <> OLD.head))
    EXECUTE FUNCTION probity.refuse_rewind();
