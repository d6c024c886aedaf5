-- With each event the trace by which its command came, so that whoever asks why an event was recorded finds the trace, and
-- whoever has a trace finds the event. It stands outside the hash: it says how a command travelled, not what happened.
-- The function is that of 0007 with this one column more; what is said there of race, choice and cost holds.
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
        actor_role, actor_id, command, command_id, correlation_id, causation_id,
        trace_context, data, hash
    )
    SELECT e.stream, e.version, e.event_id, e.type, e.schema_version, e.occurred_at, e.recorded_at,
           e.actor ->> 'role', e.actor ->> 'id', e.command, e.command_id,
           coalesce((SELECT o.event_id FROM probity.event o WHERE o.stream = case_of AND o.version = 1),
                    (happened[1]::jsonb ->> 'event_id')::uuid),
           e.command_id, nullif(told -> 'trace_context', 'null'), e.data, bare.hash
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
