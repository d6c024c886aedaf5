-- An event is dated as of when it is recorded, give or take a minute, and never before the one before it: whoever may append
-- could date theirs years ago, rightly linked, and what a case held on a day would be another. A rehearsed case lives in the
-- skipped time of its workflow, and says so in its first event.
-- Who waited for the row of a case may have been given the number of its transaction before whoever went first: in the feed,
-- which goes by these numbers, what it appends would stand before what it follows. It is told to begin again.
-- The function is that of 0016 with these checks more; what 0007 says of race, choice and cost holds.
CREATE OR REPLACE FUNCTION probity.append(
    told      jsonb,        -- the row of probity.command, and the trace_context by which the command came
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
    opener  uuid   := happened[1]::jsonb ->> 'event_id';
    clock   text   := happened[1]::jsonb #>> '{data,clock}';
    dated   timestamptz := told ->> 'recorded_at';
    before  timestamptz;
    numbered xid8;
    in_generation integer;
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

    IF first > 1 THEN
        SELECT e.event_id, e.data ->> 'clock' INTO opener, clock
        FROM probity.event e WHERE e.stream = case_of AND e.version = 1;
        SELECT e.recorded_at, e.transaction_id, e.generation INTO before, numbered, in_generation
        FROM probity.event e WHERE e.stream = case_of AND e.version = first - 1;
        IF numbered > pg_current_xact_id() AND in_generation = probity.current_generation() THEN
            RAISE EXCEPTION 'The case has moved since this transaction was numbered.' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;
    IF clock IS DISTINCT FROM 'rehearsed' AND (
        dated < before OR dated < clock_timestamp() - interval '1 minute'
        OR dated > greatest(before, clock_timestamp() + interval '1 minute')
    ) THEN
        RAISE EXCEPTION 'An event is dated as of when it is recorded.' USING ERRCODE = 'restrict_violation';
    END IF;

    INSERT INTO probity.command
    SELECT * FROM jsonb_populate_record(NULL::probity.command, told || jsonb_build_object('last_version', last));

    INSERT INTO probity.event (
        stream, version, event_id, type, schema_version, occurred_at, recorded_at,
        actor_role, actor_id, command, command_id, correlation_id, causation_id,
        trace_context, data, hash
    )
    SELECT e.stream, e.version, e.event_id, e.type, e.schema_version, e.occurred_at, e.recorded_at,
           e.actor ->> 'role', e.actor ->> 'id', e.command, e.command_id,
           opener,
           e.command_id, nullif(told -> 'trace_context', 'null'), e.data, bare.hash
    FROM unnest(happened, hashes) WITH ORDINALITY AS bare (event, hash, number), jsonb_to_record(bare.event::jsonb) AS e (
        stream text, version bigint, event_id uuid, type text, schema_version integer, occurred_at timestamptz,
        recorded_at timestamptz, actor jsonb, command text, command_id text, data jsonb
    )
    -- an event of another case or place would stand outside the chain that it was linked into; all are of one command
    WHERE e.stream = case_of AND e.version = first - 1 + bare.number AND e.recorded_at = dated
      AND e.command = told ->> 'name' AND e.command_id = told ->> 'command_id'
    ORDER BY bare.number;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(happened) THEN
        RAISE EXCEPTION 'An event is not of this case, of this place in it, or of this command.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;

    IF models <> '{}' THEN
        PERFORM probity.publish(case_of, models);
    END IF;
END
$$;
