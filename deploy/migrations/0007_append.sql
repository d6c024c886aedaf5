-- The append: the only way into the record. One call writes a command with its events, the chain, the head, the snapshot
-- and the read models: one round trip, one commit, one statement a table.
--
-- The race. Temporal runs an activity at least once: an attempt that was given up may still run beside its retry, and a
-- reset sends old commands again. Two acts on one case may also arrive at once. Both read version 7, both decide on what
-- they read, both append event 8; or one command is recorded twice.
--
-- The choice. Whoever appends says which version and which head it has read, and the row of the case moves only from
-- there: the second waits for the row, finds it moved, and is told `serialization_failure` with nothing written. It then
-- reads and decides again, once, with the row locked (`activities/store.write`), so that nobody is turned away twice.
-- The unique keys on (stream, version), event_id and (stream, command_id) stay behind it; the last also catches a command
-- of no events, which moves no version.
--
-- The cost. While a case is read and decided on nothing is locked; an append locks its own case for the length of this
-- call and one fsync. Acts on different cases never meet, unlike under a table lock or a counter of all events. No
-- deadlock: a call locks one case, that row first. The order of commits over all cases is not the order of `position`;
-- readers of the feed see to that (0005_feed.sql). Measured beside a lock from the first read on in docs/adr/0015.
--
-- The chain is linked here, from the canonical bytes of each event, and the columns are read from the same bytes. So what
-- was hashed is what is stored, and a stolen login of the engine can add an event, but none outside its chain.
--
-- https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED
-- https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
CREATE FUNCTION probity.append(
    told      jsonb,        -- the row of probity.command
    seen      bytea,        -- the head that was read; 32 zero bytes for a case that is being opened
    happened  text[],       -- the canonical form of each event (activities/chain.py)
    state     jsonb,        -- the snapshot
    folded_by bytea,        -- and the code that folded it
    opened    timestamptz,  -- of a case that is being opened
    closed    timestamptz,
    models    jsonb         -- what changed in the read models, see probity.publish
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    case_of text   := told ->> 'stream';
    first   bigint := told ->> 'first_version';
    last    bigint := first - 1 + cardinality(happened);
    link    bytea  := seen;
    hashes  bytea[] := '{}';
    event   text;
    written bigint;
BEGIN
    FOREACH event IN ARRAY happened LOOP
        link := sha256(link || convert_to(event, 'UTF8'));
        hashes := hashes || link;
    END LOOP;

    IF first = 1 THEN
        INSERT INTO probity.stream (stream, version, head, snapshot, snapshot_version, snapshot_code, opened_at, closed_at)
        VALUES (case_of, last, link, state, last, folded_by, opened, closed)
        ON CONFLICT (stream) DO NOTHING;
    ELSE
        UPDATE probity.stream s
        SET version = last, head = link, snapshot = state, snapshot_version = last, snapshot_code = folded_by,
            closed_at = closed
        WHERE s.stream = case_of AND s.version = first - 1 AND s.head = seen;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'The case has moved since it was read.' USING ERRCODE = 'serialization_failure';
    END IF;

    INSERT INTO probity.command
    SELECT * FROM jsonb_populate_record(NULL::probity.command, told || jsonb_build_object('last_version', last));

    INSERT INTO probity.event (
        stream, version, event_id, type, schema_version, occurred_at, recorded_at,
        actor_role, actor_id, command, command_id, correlation_id, causation_id, data, hash
    )
    SELECT e.stream, e.version, e.event_id, e.type, e.schema_version, e.occurred_at, e.recorded_at,
           e.actor ->> 'role', e.actor ->> 'id', e.command, e.command_id,
           coalesce((SELECT o.event_id FROM probity.event o WHERE o.stream = case_of AND o.version = 1),
                    (happened[1]::jsonb ->> 'event_id')::uuid),
           e.command_id, e.data, bare.hash
    FROM unnest(happened, hashes) WITH ORDINALITY AS bare (event, hash, number), jsonb_to_record(bare.event::jsonb) AS e (
        stream text, version bigint, event_id uuid, type text, schema_version integer, occurred_at timestamptz,
        recorded_at timestamptz, actor jsonb, command text, command_id text, data jsonb
    )
    -- an event of another case or place would stand outside the chain that it was linked into
    WHERE e.stream = case_of AND e.version = first - 1 + bare.number
    ORDER BY bare.number;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(happened) THEN
        RAISE EXCEPTION 'An event is not of this case, or not of this place in it.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;

    IF models <> '{}' THEN
        PERFORM probity.publish(case_of, models);
    END IF;
END
$$;

-- The read models of a case. For each table in which something changed: `rows` that changed, and `keys` of all that it
-- still has. Also called to make them anew, by whoever may write them.
CREATE FUNCTION probity.publish(case_of text, models jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    model jsonb;
    keys  text[];
BEGIN
    model := models -> 'register';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.register WHERE reference = case_of AND reference <> ALL (keys)
        )
        INSERT INTO reporting.register
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.register, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference) DO UPDATE SET (
            force, stage, clock, regime, origin, referral_kind, mode, severity, officers, officers_open, stayed,
            overdue, next_due, first_known, opened_at, closed_at, illustrative
        ) = ROW (
            excluded.force, excluded.stage, excluded.clock, excluded.regime, excluded.origin, excluded.referral_kind,
            excluded.mode, excluded.severity, excluded.officers, excluded.officers_open, excluded.stayed,
            excluded.overdue, excluded.next_due, excluded.first_known, excluded.opened_at, excluded.closed_at,
            excluded.illustrative
        );
    END IF;

    model := models -> 'deadlines';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.deadlines WHERE reference = case_of AND deadline <> ALL (keys)
        )
        INSERT INTO reporting.deadlines
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.deadlines, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference, deadline) DO UPDATE SET (
            force, rule, title, kind, duty, subject, state, overdue, trigger, due, done_at, missed_at, ended_at,
            regime, citation, unverified, illustrative
        ) = ROW (
            excluded.force, excluded.rule, excluded.title, excluded.kind, excluded.duty, excluded.subject,
            excluded.state, excluded.overdue, excluded.trigger, excluded.due, excluded.done_at, excluded.missed_at,
            excluded.ended_at, excluded.regime, excluded.citation, excluded.unverified, excluded.illustrative
        );
    END IF;

    model := models -> 'restrictions';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.restrictions WHERE reference = case_of AND officer <> ALL (keys)
        )
        INSERT INTO reporting.restrictions
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.restrictions, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference, officer) DO UPDATE SET (
            force, person, measure, imposed_at, oral, confirmed, last_review, next_review, review_overdue
        ) = ROW (
            excluded.force, excluded.person, excluded.measure, excluded.imposed_at, excluded.oral, excluded.confirmed,
            excluded.last_review, excluded.next_review, excluded.review_overdue
        );
    END IF;

    model := models -> 'hearings';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.hearings WHERE reference = case_of AND officer <> ALL (keys)
        )
        INSERT INTO reporting.hearings
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.hearings, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference, officer) DO UPDATE SET (
            force, hearing, person, proceedings, state, begins_on, notice_published, chair, finding
        ) = ROW (
            excluded.force, excluded.hearing, excluded.person, excluded.proceedings, excluded.state,
            excluded.begins_on, excluded.notice_published, excluded.chair, excluded.finding
        );
    END IF;

    model := models -> 'outcomes';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.outcomes WHERE reference = case_of AND officer <> ALL (keys)
        )
        INSERT INTO reporting.outcomes
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.outcomes, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference, officer) DO UPDATE SET (
            force, person, severity, case_to_answer, disposal, proceedings, finding, sanction, notified_on,
            live_until, published, barred_list_reported, appeal_to, set_aside, departed
        ) = ROW (
            excluded.force, excluded.person, excluded.severity, excluded.case_to_answer, excluded.disposal,
            excluded.proceedings, excluded.finding, excluded.sanction, excluded.notified_on, excluded.live_until,
            excluded.published, excluded.barred_list_reported, excluded.appeal_to, excluded.set_aside,
            excluded.departed
        );
    END IF;
END
$$;

REVOKE ALL ON FUNCTION probity.append, probity.publish FROM PUBLIC;
GRANT EXECUTE ON FUNCTION probity.append, probity.publish TO probity_engine;

-- What the function does for it the engine no longer does by itself. What is left lets it drop a snapshot, or lock a row.
REVOKE INSERT (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role, actor_id, command,
               command_id, correlation_id, causation_id, trace_context, data, hash) ON probity.event FROM probity_engine;
REVOKE INSERT ON probity.command FROM probity_engine;
REVOKE INSERT (stream, head, opened_at), UPDATE (version, head, closed_at) ON probity.stream FROM probity_engine;

-- The generation is the same for every event until the record is moved: a constant, and no query for each event.
CREATE FUNCTION probity.begin_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE probity.event ALTER COLUMN generation SET DEFAULT %s', probity.current_generation());
    RETURN NULL;
END
$$;

CREATE TRIGGER begins AFTER INSERT ON probity.generation FOR EACH STATEMENT EXECUTE FUNCTION probity.begin_generation();
ALTER TABLE probity.generation ENABLE ALWAYS TRIGGER begins;

DO $$
BEGIN
    EXECUTE format('ALTER TABLE probity.event ALTER COLUMN generation SET DEFAULT %s', probity.current_generation());
END
$$;
