-- What the migrations come to, for reading: `make snapshots` writes this file, and nothing applies it.
-- Why anything is as it is stands in deploy/migrations, in the file that made it.
--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: probity; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA probity;


--
-- Name: rebuilding; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA rebuilding;


--
-- Name: SCHEMA rebuilding; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA rebuilding IS 'Read models that are being made anew; tables left here are those of a run that did not end.';


--
-- Name: reporting; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA reporting;


--
-- Name: SCHEMA reporting; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA reporting IS 'Read models of Probity: opaque references, dates and closed lists of words; no free text.';


--
-- Name: analyze_rebuild(uuid); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.analyze_rebuild(this uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    model text;
BEGIN
    PERFORM probity.check_rebuild(this);
    FOREACH model IN ARRAY probity.read_models() LOOP
        EXECUTE format('ANALYZE rebuilding.%I', model);
    END LOOP;
END
$$;


--
-- Name: append(jsonb, bytea, text[], jsonb, bytea, timestamp with time zone, timestamp with time zone, jsonb); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.append(told jsonb, seen bytea, happened text[], state jsonb, folded_by bytea, opened timestamp with time zone, closed timestamp with time zone, models jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    case_of text   := told ->> 'stream';
    first   bigint := told ->> 'first_version';
    last    bigint := first - 1 + cardinality(happened);
    link    bytea  := seen;
    hashes  bytea[] := '{}';
    event   text;
    written bigint;
    opener  uuid   := happened[array_lower(happened, 1)]::jsonb ->> 'event_id';
    clock   text   := happened[array_lower(happened, 1)]::jsonb #>> '{data,clock}';
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


--
-- Name: begin_generation(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.begin_generation() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE probity.event ALTER COLUMN generation SET DEFAULT %s', probity.current_generation());
    RETURN NULL;
END
$$;


--
-- Name: begin_rebuild(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.begin_rebuild() RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    this  uuid := gen_random_uuid();
    model text;
    live  regclass;
    other text;
    part  record;
BEGIN
    LOCK TABLE rebuilding.run IN EXCLUSIVE MODE;
    DELETE FROM rebuilding.run;
    TRUNCATE rebuilding.done;
    INSERT INTO rebuilding.run (token) VALUES (this);
    FOREACH model IN ARRAY probity.read_models() LOOP
        live := format('reporting.%I', model)::regclass;
        SELECT r.ev_class::regclass::text INTO other FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = live LIMIT 1;
        IF other IS NOT NULL THEN
            RAISE EXCEPTION 'The view % rests on reporting.%.', other, model
                USING ERRCODE = 'dependent_objects_still_exist';
        END IF;
        EXECUTE format('DROP TABLE IF EXISTS rebuilding.%I', model);
        EXECUTE format('CREATE TABLE rebuilding.%I (LIKE %s INCLUDING ALL EXCLUDING INDEXES)', model, live);
        EXECUTE format('COMMENT ON TABLE rebuilding.%I IS %L', model, obj_description(live, 'pg_class'));
        FOR part IN
            SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
            WHERE conrelid = live AND contype IN ('p', 'u')
        LOOP
            EXECUTE format('ALTER TABLE rebuilding.%I ADD CONSTRAINT %I %s', model, part.conname, part.definition);
        END LOOP;
        FOR part IN
            SELECT pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
            WHERE i.indrelid = live AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
        LOOP
            EXECUTE replace(part.definition, format(' ON %s USING ', live), format(' ON rebuilding.%I USING ', model));
        END LOOP;
    END LOOP;
    RETURN this;
END
$$;


--
-- Name: check_rebuild(uuid); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.check_rebuild(this uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rebuilding.run WHERE token = this) THEN
        RAISE EXCEPTION 'Another run has begun since.' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END
$$;


--
-- Name: cluster(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.cluster() RETURNS text
    LANGUAGE sql STABLE
    RETURN (SELECT (pg_control_system.system_identifier)::text AS system_identifier FROM pg_control_system() pg_control_system(pg_control_version, catalog_version_no, system_identifier, pg_control_last_modified));


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: generation; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.generation (
    number integer NOT NULL,
    cluster text NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT generation_number_check CHECK ((number > 0))
);


--
-- Name: TABLE generation; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.generation IS 'How often the record was moved: `python -m deploy.migrate` adds a row in another cluster.';


--
-- Name: COLUMN generation.cluster; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.generation.cluster IS 'System identifier of the Postgres cluster.';


--
-- Name: current_generation(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.current_generation() RETURNS integer
    LANGUAGE sql STABLE
    RETURN (SELECT max(generation.number) AS max FROM probity.generation);


--
-- Name: fill_rebuild(uuid, text[], bigint[], jsonb); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.fill_rebuild(this uuid, cases text[], versions bigint[], models jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
    model text;
BEGIN
    PERFORM probity.check_rebuild(this);
    FOREACH model IN ARRAY probity.read_models() LOOP
        EXECUTE format('DELETE FROM rebuilding.%I WHERE reference = ANY ($1)', model) USING cases;
        EXECUTE format(
            'INSERT INTO rebuilding.%1$I SELECT * FROM jsonb_populate_recordset(NULL::rebuilding.%1$I, $1) '
            'WHERE reference = ANY ($2)', model
        ) USING models -> model, cases;
    END LOOP;
    INSERT INTO rebuilding.done SELECT * FROM unnest(cases, versions) AS filled (stream, version)
    ON CONFLICT (stream) DO UPDATE SET version = excluded.version;
    IF EXISTS (SELECT FROM rebuilding.run WHERE looked_from IS NOT NULL) THEN
        INSERT INTO rebuilding.noted (stream) SELECT unnest(cases) ON CONFLICT DO NOTHING;
    END IF;
END
$_$;


--
-- Name: hold_read_models(integer); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.hold_read_models(patience integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '100ms'
    AS $$
DECLARE
    model text;
BEGIN
    PERFORM set_config('lock_timeout', least(greatest(patience, 1), 2000)::text, true);
    LOCK TABLE probity.stream IN SHARE MODE;
    FOREACH model IN ARRAY probity.read_models() LOOP
        EXECUTE format('LOCK TABLE reporting.%I IN ACCESS EXCLUSIVE MODE', model);
    END LOOP;
END
$$;


--
-- Name: hold_signing(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.hold_signing() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    LOCK TABLE probity.checkpoint IN SHARE ROW EXCLUSIVE MODE;
END
$$;


--
-- Name: event; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.event (
    stream text NOT NULL,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    "position" bigint NOT NULL,
    transaction_id xid8 DEFAULT pg_current_xact_id() NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    type text NOT NULL,
    schema_version integer NOT NULL,
    actor_role text NOT NULL,
    actor_id text NOT NULL,
    command text NOT NULL,
    command_id text NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id text NOT NULL,
    trace_context jsonb,
    data jsonb NOT NULL,
    hash bytea NOT NULL,
    generation integer DEFAULT 1 NOT NULL,
    CONSTRAINT event_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT event_version_check CHECK ((version > 0))
);


--
-- Name: TABLE event; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.event IS 'Every event of every case, in the order of its case. Append-only.';


--
-- Name: COLUMN event.stream; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.stream IS 'Reference of the case.';


--
-- Name: COLUMN event.version; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.version IS 'Place in the case, from 1, without gaps.';


--
-- Name: COLUMN event.event_id; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.event_id IS 'Made of case, command id and index: the same however often the command is retried.';


--
-- Name: COLUMN event."position"; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event."position" IS 'Order of insertion over all cases; it says nothing about the order of commits.';


--
-- Name: COLUMN event.transaction_id; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.transaction_id IS 'Transaction that wrote it: readers of all cases go by (transaction_id, position), below pg_snapshot_xmin.';


--
-- Name: COLUMN event.occurred_at; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.occurred_at IS 'When it happened.';


--
-- Name: COLUMN event.recorded_at; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.recorded_at IS 'When the store learned it.';


--
-- Name: COLUMN event.correlation_id; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.correlation_id IS 'Id of the first event of the case.';


--
-- Name: COLUMN event.causation_id; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.causation_id IS 'Id of the command that told it.';


--
-- Name: COLUMN event.trace_context; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.trace_context IS 'W3C trace context of the command, if it had one.';


--
-- Name: COLUMN event.hash; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.hash IS 'SHA-256 over the hash of the event before and this one (activities/chain.py).';


--
-- Name: COLUMN event.generation; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.event.generation IS 'Generation of the store in which it was written: first in the order of the feed.';


--
-- Name: subscription; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.subscription (
    subscription text NOT NULL,
    url text NOT NULL,
    types text[] DEFAULT '{}'::text[] NOT NULL,
    forces text[] DEFAULT '{}'::text[] NOT NULL,
    restricted boolean DEFAULT false NOT NULL,
    reader_role text,
    reader_id text,
    purpose text,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    because text,
    generation integer NOT NULL,
    transaction bigint NOT NULL,
    "position" bigint NOT NULL,
    turn bigint DEFAULT ((EXTRACT(epoch FROM clock_timestamp()) * (1000000)::numeric))::bigint NOT NULL,
    struck text[] DEFAULT '{}'::text[] NOT NULL,
    rests integer DEFAULT 0 NOT NULL,
    resting_until timestamp with time zone,
    failing_since timestamp with time zone,
    last_delivered timestamp with time zone,
    CONSTRAINT subscription_check CHECK ((((reader_role IS NULL) = (reader_id IS NULL)) AND ((reader_id IS NULL) = (purpose IS NULL)))),
    CONSTRAINT subscription_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text]))),
    CONSTRAINT subscription_subscription_check CHECK ((subscription ~ '^[a-z0-9][a-z0-9-]{1,40}$'::text))
);


--
-- Name: TABLE subscription; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.subscription IS 'Subscribers of webhooks.';


--
-- Name: COLUMN subscription.types; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription.types IS 'Names of events that it is told of; none: of every one.';


--
-- Name: COLUMN subscription.forces; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription.forces IS 'Forces of whose cases it is told; none: of every one.';


--
-- Name: COLUMN subscription.restricted; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription.restricted IS 'Whether it is told of restricted cases too.';


--
-- Name: COLUMN subscription.reader_id; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription.reader_id IS 'As whom it is entitled to free text, for the purpose; none: text stays sealed.';


--
-- Name: COLUMN subscription.because; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription.because IS 'Why it is paused or disabled.';


--
-- Name: COLUMN subscription."position"; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription."position" IS 'With generation and transaction the cursor: what stands before it was noted in probity.delivery.';


--
-- Name: COLUMN subscription.turn; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription.turn IS 'Rises with each attempt at delivery: one that was given up and still runs writes nothing any more.';


--
-- Name: COLUMN subscription.struck; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription.struck IS 'Cases whose delivery failed since the last that did not.';


--
-- Name: COLUMN subscription.rests; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.subscription.rests IS 'How often in a row the whole endpoint was given a rest.';


--
-- Name: is_told(probity.subscription, probity.event); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.is_told(subscriber probity.subscription, happened probity.event) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (((cardinality((subscriber).types) = 0) OR ((happened).type = ANY ((subscriber).types))) AND (SELECT (((cardinality((is_told.subscriber).forces) = 0) OR ((first.data ->> 'force'::text) = ANY ((is_told.subscriber).forces))) AND ((is_told.subscriber).restricted OR ((first.data -> 'restricted'::text) IS DISTINCT FROM 'true'::jsonb))) FROM probity.event first WHERE ((first.stream = (is_told.happened).stream) AND (first.version = 1))));


--
-- Name: left_to_rebuild(text, integer); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.left_to_rebuild(beyond text, most integer) RETURNS TABLE(stream text, version bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.stream, s.version FROM probity.stream s LEFT JOIN rebuilding.done d ON d.stream = s.stream
    WHERE s.stream > beyond AND s.version > 0 AND d.version IS DISTINCT FROM s.version ORDER BY s.stream LIMIT most
$$;


--
-- Name: left_to_swap(integer); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.left_to_swap(most integer) RETURNS TABLE(stream text, version bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    run rebuilding.run;
BEGIN
    SELECT * INTO run FROM rebuilding.run;
    IF run.looked_from IS NULL THEN
        RETURN QUERY SELECT l.stream, l.version FROM probity.left_to_rebuild('', most) l;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT s.stream, s.version
        FROM (SELECT n.stream FROM rebuilding.noted n
              UNION
              SELECT e.stream FROM probity.event e
              WHERE e.generation = run.looked_in AND e.transaction_id >= run.looked_from
              UNION
              SELECT e.stream FROM probity.event e WHERE e.generation > run.looked_in) AS moved
        JOIN probity.stream s ON s.stream = moved.stream
        LEFT JOIN rebuilding.done d ON d.stream = s.stream
        WHERE s.version > 0 AND d.version IS DISTINCT FROM s.version ORDER BY s.stream LIMIT most;
END
$$;


--
-- Name: line(probity.event); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.line(event probity.event) RETURNS text
    LANGUAGE sql STABLE
    RETURN concat('{"cursor":"', (event).generation, '-', (event).transaction_id, '-', (event)."position", '","stream":"', (event).stream, '","version":', (event).version, ',"event_id":"', (event).event_id, '","type":', to_json((event).type), ',"schema_version":', (event).schema_version, ',"occurred_at":', to_json((event).occurred_at), ',"recorded_at":', to_json((event).recorded_at), ',"actor":{"role":', to_json((event).actor_role), ',"id":', to_json((event).actor_id), '},"command":', to_json((event).command), ',"command_id":', to_json((event).command_id), ',"data":', (event).data, ',"hash":"', encode((event).hash, 'hex'::text), '"}');


--
-- Name: log_readings(text[], text, text, text, text); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.log_readings(cases text[], role text, id text, what text, why text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    read_case text;
    last      record;
    place     bigint;
    at        timestamptz;
    told      text;
BEGIN
    FOR read_case IN SELECT DISTINCT each COLLATE "C" FROM unnest(cases) AS each ORDER BY 1 LOOP
        LOOP
            SELECT r.number, r.hash INTO last FROM probity.reading r WHERE r.stream = read_case ORDER BY r.number DESC LIMIT 1;
            place := 1 + coalesce(last.number, 0);
            at := clock_timestamp();
            -- the canonical form of a reading, as activities/chain.py has it: to_json escapes the same signs in the same way
            told := format(
                '{"number":%s,"purpose":%s,"read_at":"%s","reader":{"id":%s,"role":%s},"stream":%s,"what":%s}',
                place, to_json(why), to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                to_json(id), to_json(role), to_json(read_case), to_json(what)
            );
            INSERT INTO probity.reading (stream, number, read_at, reader_role, reader_id, what, purpose, hash)
            VALUES (read_case, place, at, role, id, what, why,
                    sha256(coalesce(last.hash, decode(repeat('00', 32), 'hex')) || convert_to(told, 'UTF8')))
            ON CONFLICT DO NOTHING;
            EXIT WHEN FOUND;
        END LOOP;
    END LOOP;
END
$$;


--
-- Name: look_over_rebuild(uuid); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.look_over_rebuild(this uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM probity.check_rebuild(this);
    UPDATE rebuilding.run
    SET looked_in = probity.current_generation(), looked_from = pg_snapshot_xmin(pg_current_snapshot()) WHERE token = this;
    DELETE FROM rebuilding.noted;
    INSERT INTO rebuilding.noted (stream) SELECT l.stream FROM probity.left_to_rebuild('', NULL) l ON CONFLICT DO NOTHING;
END
$$;


--
-- Name: publish(text, jsonb); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.publish(case_of text, models jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    model jsonb;
    keys  text[];
    before reporting.register;
BEGIN
    model := models -> 'register';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        -- A worker of the release before does not tell it: then it stays as it is.
        before.restricted := coalesce((SELECT r.restricted FROM reporting.register r WHERE r.reference = case_of), false);
        WITH gone AS (
            DELETE FROM reporting.register WHERE reference = case_of AND reference <> ALL (keys)
        )
        INSERT INTO reporting.register
        SELECT * FROM jsonb_populate_recordset(before, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference) DO UPDATE SET (
            force, stage, clock, regime, origin, referral_kind, mode, severity, officers, officers_open, stayed,
            overdue, next_due, first_known, opened_at, closed_at, illustrative, restricted
        ) = ROW (
            excluded.force, excluded.stage, excluded.clock, excluded.regime, excluded.origin, excluded.referral_kind,
            excluded.mode, excluded.severity, excluded.officers, excluded.officers_open, excluded.stayed,
            excluded.overdue, excluded.next_due, excluded.first_known, excluded.opened_at, excluded.closed_at,
            excluded.illustrative, excluded.restricted
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


--
-- Name: read_models(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.read_models() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    RETURN ARRAY['register'::text, 'deadlines'::text, 'restrictions'::text, 'hearings'::text, 'outcomes'::text];


--
-- Name: refuse_change(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % is refused.', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Correct a case by recording a further event.';
END
$$;


--
-- Name: refuse_revival(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.refuse_revival() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'probity.text_key: a key is wrapped anew or destroyed, and not changed otherwise.'
        USING ERRCODE = 'restrict_violation';
END
$$;


--
-- Name: refuse_rewind(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.refuse_rewind() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'probity.stream moves forward only: a change of its head without a further event is refused.'
        USING ERRCODE = 'restrict_violation', HINT = 'Correct a case by recording a further event.';
END
$$;


--
-- Name: refuse_to_forget(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.refuse_to_forget() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF (OLD.state IN ('waiting', 'dead') OR OLD.noted_at > clock_timestamp() - interval '30 days') AND EXISTS (
        SELECT FROM probity.subscription s JOIN probity.event e ON e.event_id = OLD.event_id
        WHERE s.subscription = OLD.subscription AND probity.is_told(s, e))
    THEN
        RAISE EXCEPTION 'What a subscriber is to be told stays in probity.delivery until it was delivered, and 30 days more.'
            USING ERRCODE = 'restrict_violation', HINT = 'Whoever is to be told no more is removed.';
    END IF;
    RETURN OLD;
END
$$;


--
-- Name: refuse_to_note_another(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.refuse_to_note_another() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM probity.event e WHERE e.event_id = NEW.event_id
                   AND (e.stream, e.version, e.type) = (NEW.stream, NEW.version, NEW.type)) THEN
        RAISE EXCEPTION 'What is noted in probity.delivery is an event as it is recorded.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    DELETE FROM probity.delivery
    WHERE subscription = NEW.subscription AND event_id = NEW.event_id AND stream IS NULL;
    RETURN NEW;
END
$$;


--
-- Name: refuse_to_pass_over(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.refuse_to_pass_over() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF (NEW.generation, NEW.transaction::text::xid8)
       >= (probity.current_generation(), pg_snapshot_xmin(pg_current_snapshot()))
       OR EXISTS (
        SELECT FROM probity.event e
        WHERE (e.generation, e.transaction_id, e.position) > (OLD.generation, OLD.transaction::text::xid8, OLD.position)
          AND (e.generation, e.transaction_id, e.position) <= (NEW.generation, NEW.transaction::text::xid8, NEW.position)
          AND probity.is_told(OLD, e)
          AND NOT EXISTS (SELECT FROM probity.delivery d
                          WHERE d.subscription = OLD.subscription AND d.event_id = e.event_id AND d.stream = e.stream))
    THEN
        RAISE EXCEPTION 'A cursor of probity.subscription moves past no event that is not noted in probity.delivery.'
            USING ERRCODE = 'restrict_violation', HINT = 'Note it in the same transaction.';
    END IF;
    RETURN NEW;
END
$$;


--
-- Name: refuse_to_skip_turns(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.refuse_to_skip_turns() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION 'A turn is followed by the next.' USING ERRCODE = 'restrict_violation';
END
$$;


--
-- Name: refuse_untold(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.refuse_untold() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM probity.event e
        WHERE e.event_id = NEW.erased_by AND e.stream = NEW.stream AND e.type = 'text_erased'
          AND e.data -> 'keys' ? replace(NEW.key::text, '-', '')
    ) THEN
        RAISE EXCEPTION 'probity.text_key: a key is destroyed by an event of its case that names it.'
            USING ERRCODE = 'restrict_violation', HINT = 'Erase text by `probity forget`.';
    END IF;
    RETURN NEW;
END
$$;


--
-- Name: settle_page(); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.settle_page() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
DECLARE
    last probity.feed_page;
BEGIN
    SELECT * INTO last FROM probity.feed_page
    ORDER BY after_generation DESC, after_transaction DESC, after_position DESC LIMIT 1;

    WITH following AS (
        SELECT generation, transaction_id, position, probity.line(event) AS line
        FROM probity.event
        WHERE (generation, transaction_id, position)
              > (coalesce(last.last_generation, 0), coalesce(last.last_transaction, '0'), coalesce(last.last_position, 0))
          AND (generation < (SELECT probity.current_generation())
               OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())))
        ORDER BY generation, transaction_id, position LIMIT 500
    ), measured AS (
        SELECT *, sum(octet_length(line)) OVER (ORDER BY generation, transaction_id, position) AS size FROM following
    ), page AS (
        SELECT * FROM measured WHERE size - octet_length(line) < 1048576
    )
    INSERT INTO probity.feed_page
    SELECT coalesce(last.last_generation, 0), coalesce(last.last_transaction, '0'), coalesce(last.last_position, 0),
           generation, transaction_id, position,
           (SELECT convert_to(string_agg(line, E'\n' ORDER BY generation, transaction_id, position), 'UTF8') FROM page)
    FROM page
    WHERE (SELECT count(*) = 500 OR max(size) >= 1048576 FROM page)
    ORDER BY generation DESC, transaction_id DESC, position DESC LIMIT 1
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;


--
-- Name: swap_rebuild(uuid); Type: FUNCTION; Schema: probity; Owner: -
--

CREATE FUNCTION probity.swap_rebuild(this uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    model text;
    live  regclass;
    given text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'The swap has to see what was committed before its locks.' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM probity.check_rebuild(this);
    PERFORM probity.hold_read_models(100);
    IF EXISTS (SELECT FROM probity.left_to_swap(1)) THEN
        RAISE EXCEPTION 'A case has moved since it was filled in.' USING ERRCODE = 'serialization_failure';
    END IF;
    FOREACH model IN ARRAY probity.read_models() LOOP
        live := format('reporting.%I', model)::regclass;
        FOR given IN
            SELECT format('GRANT %s%s ON rebuilding.%I TO %s%s', a.privilege_type, may.columns, model,
                          CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                          CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM (SELECT relacl AS acl, '' AS columns FROM pg_class WHERE oid = live
                  UNION ALL
                  SELECT attacl, format(' (%I)', attname) FROM pg_attribute WHERE attrelid = live AND attacl IS NOT NULL
                 ) AS may, aclexplode(may.acl) AS a
        LOOP
            EXECUTE given;
        END LOOP;
        EXECUTE format('DROP TABLE %s', live);
        EXECUTE format('ALTER TABLE rebuilding.%I SET SCHEMA reporting', model);
    END LOOP;
    DELETE FROM rebuilding.run;
END
$$;


--
-- Name: checkpoint; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.checkpoint (
    number bigint NOT NULL,
    made_at timestamp with time zone NOT NULL,
    statement jsonb NOT NULL,
    public_key bytea NOT NULL,
    signature bytea NOT NULL,
    generation integer DEFAULT probity.current_generation() NOT NULL,
    transaction_id xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT checkpoint_number_check CHECK ((number > 0)),
    CONSTRAINT checkpoint_public_key_check CHECK ((octet_length(public_key) = 32)),
    CONSTRAINT checkpoint_signature_check CHECK ((octet_length(signature) = 64))
);


--
-- Name: TABLE checkpoint; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.checkpoint IS 'What was signed, and when: the root of the heads of all cases. Append-only.';


--
-- Name: COLUMN checkpoint.number; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.checkpoint.number IS 'From 1, without gaps.';


--
-- Name: COLUMN checkpoint.statement; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.checkpoint.statement IS 'What was signed: its canonical bytes (activities/chain.py).';


--
-- Name: COLUMN checkpoint.public_key; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.checkpoint.public_key IS 'Ed25519 key that signed it: a key may be changed, and what it signed stays.';


--
-- Name: COLUMN checkpoint.signature; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.checkpoint.signature IS 'Ed25519 signature of the statement.';


--
-- Name: COLUMN checkpoint.generation; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.checkpoint.generation IS 'Generation of the store in which it was signed: first in the order of the feed.';


--
-- Name: COLUMN checkpoint.transaction_id; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.checkpoint.transaction_id IS 'Transaction that wrote it: its place in the feed.';


--
-- Name: checkpoint_head; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.checkpoint_head (
    stream text NOT NULL,
    checkpoint bigint NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    proof bytea,
    CONSTRAINT checkpoint_head_head_check CHECK ((octet_length(head) = 32)),
    CONSTRAINT checkpoint_head_proof_check CHECK (((octet_length(proof) % 33) = 0)),
    CONSTRAINT checkpoint_head_version_check CHECK ((version > 0))
);


--
-- Name: TABLE checkpoint_head; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.checkpoint_head IS 'The head of a case, at each checkpoint at which it had moved. Append-only.';


--
-- Name: COLUMN checkpoint_head.proof; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.checkpoint_head.proof IS 'From the leaf up, 33 bytes a step: 0 where the other half stood left of it, 1 where right, and its hash. Empty before 0017.';


--
-- Name: command; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.command (
    stream text NOT NULL,
    command_id text NOT NULL,
    name text NOT NULL,
    body_hash bytea NOT NULL,
    first_version bigint NOT NULL,
    last_version bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    body_key uuid,
    clear_hash bytea,
    CONSTRAINT command_body_hash_check CHECK ((octet_length(body_hash) = 32)),
    CONSTRAINT command_clear_hash_check CHECK ((octet_length(clear_hash) = 32)),
    CONSTRAINT command_first_version_check CHECK ((first_version > 0)),
    CONSTRAINT gave_an_event CHECK ((last_version >= first_version))
);


--
-- Name: TABLE command; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.command IS 'Every command that was recorded, by its idempotency key. Append-only.';


--
-- Name: COLUMN command.body_hash; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.command.body_hash IS 'SHA-256 of what was asked: the same id with another body is refused.';


--
-- Name: COLUMN command.first_version; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.command.first_version IS 'First event that the command gave.';


--
-- Name: COLUMN command.last_version; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.command.last_version IS 'Last event that the command gave.';


--
-- Name: COLUMN command.body_key; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.command.body_key IS 'The key with which body_hash was made, where free text was told: without it nobody can guess at the text.';


--
-- Name: COLUMN command.clear_hash; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.command.clear_hash IS 'Where body_hash was made with a key: SHA-256 of what was asked without its free text, for when the key is gone. Empty before 0024.';


--
-- Name: delivery; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.delivery (
    subscription text NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    stream text,
    version bigint,
    noted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    state text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    retry_at timestamp with time zone,
    tried_at timestamp with time zone,
    status integer,
    fault text,
    milliseconds integer,
    CONSTRAINT delivery_check CHECK (((state = 'waiting'::text) = (retry_at IS NOT NULL))),
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'dead'::text, 'tested'::text])))
);


--
-- Name: TABLE delivery; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.delivery IS 'What is to be delivered and what became of it: the queue, the dead letters and the log.';


--
-- Name: COLUMN delivery.attempts; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.delivery.attempts IS 'That count against it: one that the endpoint put off does not.';


--
-- Name: COLUMN delivery.status; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.delivery.status IS 'What HTTP answered last; none when there was no answer: then fault says why.';


--
-- Name: event_position_seq; Type: SEQUENCE; Schema: probity; Owner: -
--

ALTER TABLE probity.event ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME probity.event_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: feed_page; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.feed_page (
    after_generation integer NOT NULL,
    after_transaction xid8 NOT NULL,
    after_position bigint NOT NULL,
    last_generation integer NOT NULL,
    last_transaction xid8 NOT NULL,
    last_position bigint NOT NULL,
    lines bytea NOT NULL
);


--
-- Name: TABLE feed_page; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.feed_page IS 'Pages of the feed that are settled, as lines of JSON: a cache, which may be dropped at any time.';


--
-- Name: COLUMN feed_page.after_generation; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.feed_page.after_generation IS 'With the next two: the cursor that the page comes after.';


--
-- Name: COLUMN feed_page.last_generation; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.feed_page.last_generation IS 'With the next two: the cursor of its last event.';


--
-- Name: COLUMN feed_page.lines; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.feed_page.lines IS 'Its events in the order of the feed, a line each (probity.line), in UTF-8.';


--
-- Name: migration; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.migration (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE migration; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.migration IS 'The files of deploy/migrations that this database has, with their digest.';


--
-- Name: outbox; Type: VIEW; Schema: probity; Owner: -
--

CREATE VIEW probity.outbox AS
 SELECT event.event_id AS id,
    'case'::text AS aggregatetype,
    event.stream AS aggregateid,
    event.type,
    event.data AS payload,
    event.version,
    event.occurred_at,
    event.recorded_at,
    event.generation,
    event.transaction_id,
    event."position"
   FROM probity.event
UNION ALL
 SELECT (md5(((('probity checkpoint '::text || checkpoint.number) || ' '::text) || encode(checkpoint.signature, 'hex'::text))))::uuid AS id,
    'checkpoint'::text AS aggregatetype,
    'checkpoint'::text AS aggregateid,
    'checkpoint_signed'::text AS type,
    jsonb_build_object('statement', checkpoint.statement, 'public_key', encode(checkpoint.public_key, 'hex'::text), 'signature', encode(checkpoint.signature, 'hex'::text)) AS payload,
    checkpoint.number AS version,
    checkpoint.made_at AS occurred_at,
    checkpoint.made_at AS recorded_at,
    checkpoint.generation,
    checkpoint.transaction_id,
    checkpoint.number AS "position"
   FROM probity.checkpoint;


--
-- Name: VIEW outbox; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON VIEW probity.outbox IS 'Events, and checkpoints, in the columns of Debezium''s outbox router.';


--
-- Name: reading; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.reading (
    stream text NOT NULL,
    number bigint NOT NULL,
    read_at timestamp with time zone NOT NULL,
    reader_role text NOT NULL,
    reader_id text NOT NULL,
    what text NOT NULL,
    purpose text NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT reading_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT reading_number_check CHECK ((number > 0))
);


--
-- Name: TABLE reading; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.reading IS 'Every time that sealed text of a case was opened for a reader. Append-only.';


--
-- Name: COLUMN reading.number; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.reading.number IS 'Place in the log of the case, from 1, without gaps.';


--
-- Name: COLUMN reading.what; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.reading.what IS 'What it was opened for: events, feed, export.';


--
-- Name: COLUMN reading.purpose; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.reading.purpose IS 'Why, in the words of whoever read.';


--
-- Name: COLUMN reading.hash; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.reading.hash IS 'SHA-256 over the hash of the reading before and this one.';


--
-- Name: referral_key; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.referral_key (
    caller text NOT NULL,
    key text NOT NULL,
    reference text NOT NULL,
    claimed_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE referral_key; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.referral_key IS 'Idempotency keys under which matters were referred over HTTP. Append-only.';


--
-- Name: COLUMN referral_key.caller; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.referral_key.caller IS 'The subject of the token that it came with; a key is its caller''s own.';


--
-- Name: COLUMN referral_key.reference; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.referral_key.reference IS 'The case that it is for, also before that case is open.';


--
-- Name: reforgotten; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.reforgotten (
    generation integer NOT NULL,
    done_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    erasures integer NOT NULL,
    CONSTRAINT reforgotten_erasures_check CHECK ((erasures >= 0))
);


--
-- Name: TABLE reforgotten; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.reforgotten IS 'In which generation of the store what had been erased was erased again. Append-only.';


--
-- Name: COLUMN reforgotten.erasures; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.reforgotten.erasures IS 'How many erasures were on the list that was gone through.';


--
-- Name: stream; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.stream (
    stream text NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    head bytea NOT NULL,
    snapshot jsonb,
    snapshot_version bigint,
    snapshot_code bytea,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT stream_head_check CHECK ((octet_length(head) = 32)),
    CONSTRAINT stream_version_check CHECK ((version >= 0))
);


--
-- Name: TABLE stream; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.stream IS 'Where each case stands. Locked by whoever appends to the case.';


--
-- Name: COLUMN stream.version; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.stream.version IS 'Version of the last event.';


--
-- Name: COLUMN stream.head; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.stream.head IS 'Hash of the last event; 32 zero bytes before the first.';


--
-- Name: COLUMN stream.snapshot; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.stream.snapshot IS 'The folded case: a cache, which may be dropped at any time.';


--
-- Name: COLUMN stream.snapshot_version; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.stream.snapshot_version IS 'Version up to which the snapshot was folded.';


--
-- Name: COLUMN stream.snapshot_code; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.stream.snapshot_code IS 'SHA-256 of the code that folded it: another release folds again.';


--
-- Name: text_key; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.text_key (
    key uuid NOT NULL,
    stream text NOT NULL,
    subject text NOT NULL,
    wrapped bytea,
    master text,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    erased_by uuid,
    CONSTRAINT text_key_check CHECK ((((wrapped IS NULL) = (erased_by IS NOT NULL)) AND ((wrapped IS NULL) = (master IS NULL))))
)
WITH (autovacuum_vacuum_threshold='0', autovacuum_vacuum_scale_factor='0');


--
-- Name: TABLE text_key; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.text_key IS 'The keys of free text: one for each person in each case. A destroyed one leaves its row.';


--
-- Name: COLUMN text_key.subject; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.text_key.subject IS 'Whose text: opaque id of an officer or a party; * the case''s; # of digests of what was asked.';


--
-- Name: COLUMN text_key.wrapped; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.text_key.wrapped IS 'The key, encrypted under the master key; empty once destroyed.';


--
-- Name: COLUMN text_key.master; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.text_key.master IS 'By what the master key is known that wraps it.';


--
-- Name: COLUMN text_key.erased_by; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.text_key.erased_by IS 'The event that tells of its destruction: who, when, why.';


--
-- Name: webhook_secret; Type: TABLE; Schema: probity; Owner: -
--

CREATE TABLE probity.webhook_secret (
    secret uuid NOT NULL,
    subscription text NOT NULL,
    wrapped bytea NOT NULL,
    master text NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ends_at timestamp with time zone
);


--
-- Name: TABLE webhook_secret; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON TABLE probity.webhook_secret IS 'Secrets under which webhooks are signed, each encrypted under the master key.';


--
-- Name: COLUMN webhook_secret.ends_at; Type: COMMENT; Schema: probity; Owner: -
--

COMMENT ON COLUMN probity.webhook_secret.ends_at IS 'Until when it signs beside the one that took its place.';


--
-- Name: done; Type: TABLE; Schema: rebuilding; Owner: -
--

CREATE TABLE rebuilding.done (
    stream text NOT NULL,
    version bigint NOT NULL
);


--
-- Name: TABLE done; Type: COMMENT; Schema: rebuilding; Owner: -
--

COMMENT ON TABLE rebuilding.done IS 'Up to which version each case was filled in.';


--
-- Name: noted; Type: TABLE; Schema: rebuilding; Owner: -
--

CREATE TABLE rebuilding.noted (
    stream text NOT NULL
);


--
-- Name: TABLE noted; Type: COMMENT; Schema: rebuilding; Owner: -
--

COMMENT ON TABLE rebuilding.noted IS 'Cases that the swap has to look at, beside those with newer events.';


--
-- Name: run; Type: TABLE; Schema: rebuilding; Owner: -
--

CREATE TABLE rebuilding.run (
    token uuid NOT NULL,
    began_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    looked_in integer,
    looked_from xid8
);


--
-- Name: TABLE run; Type: COMMENT; Schema: rebuilding; Owner: -
--

COMMENT ON TABLE rebuilding.run IS 'The run that began last, until it ends: an earlier one stops when it sees this.';


--
-- Name: COLUMN run.looked_in; Type: COMMENT; Schema: rebuilding; Owner: -
--

COMMENT ON COLUMN rebuilding.run.looked_in IS 'In which generation of the store the cases were looked over.';


--
-- Name: COLUMN run.looked_from; Type: COMMENT; Schema: rebuilding; Owner: -
--

COMMENT ON COLUMN rebuilding.run.looked_from IS 'The cases were looked over: what moved since has events of this transaction or a later one.';


--
-- Name: deadlines; Type: TABLE; Schema: reporting; Owner: -
--

CREATE TABLE reporting.deadlines (
    reference text NOT NULL,
    deadline text NOT NULL,
    force text NOT NULL,
    rule text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL,
    duty text NOT NULL,
    subject text,
    state text NOT NULL,
    overdue boolean NOT NULL,
    trigger date NOT NULL,
    due date,
    done_at timestamp with time zone,
    missed_at timestamp with time zone,
    ended_at timestamp with time zone,
    regime text NOT NULL,
    citation text NOT NULL,
    unverified boolean NOT NULL,
    illustrative boolean NOT NULL
);


--
-- Name: TABLE deadlines; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON TABLE reporting.deadlines IS 'One row a deadline, running or over.';


--
-- Name: COLUMN deadlines.reference; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.reference IS 'Reference of the case.';


--
-- Name: COLUMN deadlines.deadline; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.deadline IS 'Its id within the case, as suspension_review_first/A.';


--
-- Name: COLUMN deadlines.force; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.force IS 'Opaque id of the force.';


--
-- Name: COLUMN deadlines.rule; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.rule IS 'The time limit it follows from, by its id (docs/reference/time-limits.md).';


--
-- Name: COLUMN deadlines.title; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.title IS 'The rule in words.';


--
-- Name: COLUMN deadlines.kind; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.kind IS 'duty, right (a chance that lapses unused) or period (at its end a duty is owed).';


--
-- Name: COLUMN deadlines.duty; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.duty IS 'Role that owes it, or that has the right.';


--
-- Name: COLUMN deadlines.subject; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.subject IS 'Officer or party it is about, by the reference within the case; empty when it is about the case.';


--
-- Name: COLUMN deadlines.state; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.state IS 'running, due (owed as soon as practicable), extended, paused, met (in time), missed (a duty whose day ended undone, done late since or not), lapsed (a right), withdrawn or not_applicable (it fell away).';


--
-- Name: COLUMN deadlines.overdue; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.overdue IS 'Missed and still owed: neither done late nor fallen away since.';


--
-- Name: COLUMN deadlines.trigger; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.trigger IS 'The day it is counted from.';


--
-- Name: COLUMN deadlines.due; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.due IS 'The day with whose end in London it ends; empty when it is owed as soon as practicable.';


--
-- Name: COLUMN deadlines.done_at; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.done_at IS 'When it was done, in time or late, or a right was used.';


--
-- Name: COLUMN deadlines.missed_at; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.missed_at IS 'When its day ended with nothing done, as it looked then. It stays when it turns out that it was done in time, for a right that lapsed, and when it falls away: count misses by state.';


--
-- Name: COLUMN deadlines.ended_at; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.ended_at IS 'When it fell away.';


--
-- Name: COLUMN deadlines.regime; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.regime IS 'The regulations it follows from, by year.';


--
-- Name: COLUMN deadlines.citation; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.citation IS 'Where the law says so.';


--
-- Name: COLUMN deadlines.unverified; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.unverified IS 'Whether the figure has not been checked against the instrument.';


--
-- Name: COLUMN deadlines.illustrative; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.deadlines.illustrative IS 'Whether it follows from something made up to complete an example.';


--
-- Name: hearings; Type: TABLE; Schema: reporting; Owner: -
--

CREATE TABLE reporting.hearings (
    reference text NOT NULL,
    officer text NOT NULL,
    force text NOT NULL,
    hearing text NOT NULL,
    person text NOT NULL,
    proceedings text NOT NULL,
    state text NOT NULL,
    begins_on date,
    notice_published boolean NOT NULL,
    chair text,
    finding text
);


--
-- Name: TABLE hearings; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON TABLE reporting.hearings IS 'One row an officer referred to proceedings; a joint hearing has a row for each officer.';


--
-- Name: COLUMN hearings.reference; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.reference IS 'Reference of the case.';


--
-- Name: COLUMN hearings.officer; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.officer IS 'The officer, by the letter within the case.';


--
-- Name: COLUMN hearings.force; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.force IS 'Opaque id of the force.';


--
-- Name: COLUMN hearings.hearing; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.hearing IS 'Reference of the hearing within the case.';


--
-- Name: COLUMN hearings.person; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.person IS 'The officer, by the opaque id of the force''s own systems.';


--
-- Name: COLUMN hearings.proceedings; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.proceedings IS 'meeting or hearing.';


--
-- Name: COLUMN hearings.state; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.state IS 'referred, listed, opened, adjourned, concluded or withdrawn.';


--
-- Name: COLUMN hearings.begins_on; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.begins_on IS 'The day it is listed for.';


--
-- Name: COLUMN hearings.notice_published; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.notice_published IS 'Whether the public notice was published.';


--
-- Name: COLUMN hearings.chair; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.chair IS 'Opaque id of the chair.';


--
-- Name: COLUMN hearings.finding; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.hearings.finding IS 'The gravest finding that stands: not_proven, misconduct or gross_misconduct; empty also where it was set aside.';


--
-- Name: outcomes; Type: TABLE; Schema: reporting; Owner: -
--

CREATE TABLE reporting.outcomes (
    reference text NOT NULL,
    officer text NOT NULL,
    force text NOT NULL,
    person text NOT NULL,
    severity text,
    case_to_answer text,
    disposal text,
    proceedings text,
    finding text,
    sanction text,
    notified_on date,
    live_until date,
    published boolean NOT NULL,
    barred_list_reported boolean NOT NULL,
    appeal_to text,
    set_aside boolean NOT NULL,
    departed text
);


--
-- Name: TABLE outcomes; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON TABLE reporting.outcomes IS 'One row an officer about whom something was decided at the end of the investigation or after, or who left.';


--
-- Name: COLUMN outcomes.reference; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.reference IS 'Reference of the case.';


--
-- Name: COLUMN outcomes.officer; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.officer IS 'The officer, by the letter within the case.';


--
-- Name: COLUMN outcomes.force; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.force IS 'Opaque id of the force.';


--
-- Name: COLUMN outcomes.person; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.person IS 'The officer, by the opaque id of the force''s own systems.';


--
-- Name: COLUMN outcomes.severity; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.severity IS 'The last severity assessment.';


--
-- Name: COLUMN outcomes.case_to_answer; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.case_to_answer IS 'none, misconduct or gross_misconduct; empty when it was not decided.';


--
-- Name: COLUMN outcomes.disposal; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.disposal IS 'Where the decision on the report sent the officer.';


--
-- Name: COLUMN outcomes.proceedings; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.proceedings IS 'meeting or hearing, if there were any.';


--
-- Name: COLUMN outcomes.finding; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.finding IS 'The gravest finding, also where set_aside says that it stands no more.';


--
-- Name: COLUMN outcomes.sanction; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.sanction IS 'What was imposed; empty before proceedings end.';


--
-- Name: COLUMN outcomes.notified_on; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.notified_on IS 'The day the officer was told.';


--
-- Name: COLUMN outcomes.live_until; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.live_until IS 'The last day of a warning''s life; live when not past and not set aside.';


--
-- Name: COLUMN outcomes.published; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.published IS 'Whether the report of the hearing was published.';


--
-- Name: COLUMN outcomes.barred_list_reported; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.barred_list_reported IS 'Whether the dismissal was reported for the barred list.';


--
-- Name: COLUMN outcomes.appeal_to; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.appeal_to IS 'Before whom an appeal is pending; empty when none is.';


--
-- Name: COLUMN outcomes.set_aside; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.set_aside IS 'Whether an appeal set the outcome aside.';


--
-- Name: COLUMN outcomes.departed; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.outcomes.departed IS 'resigned, retired or died, if the officer left.';


--
-- Name: register; Type: TABLE; Schema: reporting; Owner: -
--

CREATE TABLE reporting.register (
    reference text NOT NULL,
    force text NOT NULL,
    stage text NOT NULL,
    clock text NOT NULL,
    regime text NOT NULL,
    origin text NOT NULL,
    referral_kind text,
    mode text,
    severity text,
    officers integer NOT NULL,
    officers_open integer NOT NULL,
    stayed boolean NOT NULL,
    overdue integer NOT NULL,
    next_due date,
    first_known date NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    illustrative boolean NOT NULL,
    restricted boolean DEFAULT false NOT NULL
);


--
-- Name: TABLE register; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON TABLE reporting.register IS 'One row a case: where it stands. Open cases have no closed_at.';


--
-- Name: COLUMN register.reference; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.reference IS 'Reference of the case.';


--
-- Name: COLUMN register.force; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.force IS 'Opaque id of the force.';


--
-- Name: COLUMN register.stage; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.stage IS 'referral, investigation, proceedings, outcome or closed: that of the least advanced officer still open.';


--
-- Name: COLUMN register.clock; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.clock IS 'recorded (imported, no timers), live, or rehearsed (not a real case: leave it out of figures).';


--
-- Name: COLUMN register.regime; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.regime IS 'The regulations that govern it, by year: 2012, 2020 or 2025.';


--
-- Name: COLUMN register.origin; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.origin IS 'complaint, conduct_matter or dsi.';


--
-- Name: COLUMN register.referral_kind; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.referral_kind IS 'mandatory, voluntary or not_required; empty before the assessment.';


--
-- Name: COLUMN register.mode; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.mode IS 'local, directed, independent or returned; empty before the decision.';


--
-- Name: COLUMN register.severity; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.severity IS 'The gravest severity assessed for any of its officers.';


--
-- Name: COLUMN register.officers; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.officers IS 'How many officers are concerned.';


--
-- Name: COLUMN register.officers_open; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.officers_open IS 'About how many of them something is still to be decided.';


--
-- Name: COLUMN register.stayed; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.stayed IS 'Whether it waits for criminal proceedings.';


--
-- Name: COLUMN register.overdue; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.overdue IS 'How many duties were missed and are still owed.';


--
-- Name: COLUMN register.next_due; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.next_due IS 'The nearest day on which a time limit ends; empty when none runs.';


--
-- Name: COLUMN register.first_known; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.first_known IS 'The day it first came to the appropriate authority''s attention.';


--
-- Name: COLUMN register.opened_at; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.opened_at IS 'When it was referred.';


--
-- Name: COLUMN register.closed_at; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.closed_at IS 'When it was closed.';


--
-- Name: COLUMN register.illustrative; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.illustrative IS 'Whether it was made up to complete an example.';


--
-- Name: COLUMN register.restricted; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.register.restricted IS 'Whether only those may see it who have the right to see restricted cases.';


--
-- Name: restrictions; Type: TABLE; Schema: reporting; Owner: -
--

CREATE TABLE reporting.restrictions (
    reference text NOT NULL,
    officer text NOT NULL,
    force text NOT NULL,
    person text NOT NULL,
    measure text NOT NULL,
    imposed_at timestamp with time zone NOT NULL,
    oral boolean NOT NULL,
    confirmed boolean NOT NULL,
    last_review timestamp with time zone,
    next_review date,
    review_overdue boolean NOT NULL
);


--
-- Name: TABLE restrictions; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON TABLE reporting.restrictions IS 'One row an officer who is restricted now; it goes when the restriction ends.';


--
-- Name: COLUMN restrictions.reference; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.reference IS 'Reference of the case.';


--
-- Name: COLUMN restrictions.officer; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.officer IS 'The officer, by the letter within the case.';


--
-- Name: COLUMN restrictions.force; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.force IS 'Opaque id of the force.';


--
-- Name: COLUMN restrictions.person; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.person IS 'The officer, by the opaque id of the force''s own systems.';


--
-- Name: COLUMN restrictions.measure; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.measure IS 'redeployment, restricted_duties or suspension.';


--
-- Name: COLUMN restrictions.imposed_at; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.imposed_at IS 'When this measure was imposed.';


--
-- Name: COLUMN restrictions.oral; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.oral IS 'Whether it was imposed by word of mouth.';


--
-- Name: COLUMN restrictions.confirmed; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.confirmed IS 'Whether it was confirmed in writing since.';


--
-- Name: COLUMN restrictions.last_review; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.last_review IS 'When it was last reviewed.';


--
-- Name: COLUMN restrictions.next_review; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.next_review IS 'The day by which its next review is due, past when review_overdue; empty when no day is set.';


--
-- Name: COLUMN restrictions.review_overdue; Type: COMMENT; Schema: reporting; Owner: -
--

COMMENT ON COLUMN reporting.restrictions.review_overdue IS 'Whether a review was missed and is still owed.';


--
-- Name: checkpoint_head checkpoint_head_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.checkpoint_head
    ADD CONSTRAINT checkpoint_head_pkey PRIMARY KEY (stream, checkpoint);


--
-- Name: checkpoint checkpoint_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (number);


--
-- Name: command command_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.command
    ADD CONSTRAINT command_pkey PRIMARY KEY (stream, command_id);


--
-- Name: delivery dated_in_reach; Type: CHECK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE probity.delivery
    ADD CONSTRAINT dated_in_reach CHECK ((((retry_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (retry_at <= '9999-12-31 00:00:00+00'::timestamp with time zone)) AND ((tried_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (tried_at <= '9999-12-31 00:00:00+00'::timestamp with time zone)))) NOT VALID;


--
-- Name: event dated_in_reach; Type: CHECK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE probity.event
    ADD CONSTRAINT dated_in_reach CHECK ((((occurred_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (occurred_at <= '9999-12-31 00:00:00+00'::timestamp with time zone)) AND ((recorded_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (recorded_at <= '9999-12-31 00:00:00+00'::timestamp with time zone)))) NOT VALID;


--
-- Name: subscription dated_in_reach; Type: CHECK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE probity.subscription
    ADD CONSTRAINT dated_in_reach CHECK ((((resting_until >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (resting_until <= '9999-12-31 00:00:00+00'::timestamp with time zone)) AND ((failing_since >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (failing_since <= '9999-12-31 00:00:00+00'::timestamp with time zone)) AND ((last_delivered >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (last_delivered <= '9999-12-31 00:00:00+00'::timestamp with time zone)))) NOT VALID;


--
-- Name: delivery delivery_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (subscription, event_id);


--
-- Name: event event_event_id_key; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.event
    ADD CONSTRAINT event_event_id_key UNIQUE (event_id);


--
-- Name: event event_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (stream, version);


--
-- Name: feed_page feed_page_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.feed_page
    ADD CONSTRAINT feed_page_pkey PRIMARY KEY (after_generation, after_transaction, after_position);


--
-- Name: generation generation_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.generation
    ADD CONSTRAINT generation_pkey PRIMARY KEY (number);


--
-- Name: event in_form; Type: CHECK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE probity.event
    ADD CONSTRAINT in_form CHECK (((type ~ '^[a-z][a-z0-9_]*$'::text) AND (command ~ '^[a-z][a-z0-9_]*$'::text) AND (actor_role = ANY (ARRAY['intake'::text, 'appropriate_authority'::text, 'investigator'::text, 'iopc'::text, 'chair'::text, 'panel_member'::text, 'legal_adviser'::text, 'officer'::text, 'police_friend'::text, 'complainant'::text, 'local_policing_body'::text, 'appeals_tribunal'::text, 'college'::text, 'clerk'::text, 'system'::text])) AND (actor_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'::text) AND (jsonb_typeof(data) = 'object'::text) AND (NOT (data @? 'strict $.**{100}'::jsonpath)) AND (NOT (data @? 'strict $.**?(@ > 9007199254740991 || @ < -9007199254740991)'::jsonpath)))) NOT VALID;


--
-- Name: stream in_form; Type: CHECK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE probity.stream
    ADD CONSTRAINT in_form CHECK (((stream ~ '^[A-Z0-9][A-Z0-9-]{2,40}$'::text) AND ((opened_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (opened_at <= '9999-12-31 00:00:00+00'::timestamp with time zone)) AND ((closed_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (closed_at <= '9999-12-31 00:00:00+00'::timestamp with time zone)))) NOT VALID;


--
-- Name: migration migration_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);


--
-- Name: reading reading_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.reading
    ADD CONSTRAINT reading_pkey PRIMARY KEY (stream, number);


--
-- Name: referral_key referral_key_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.referral_key
    ADD CONSTRAINT referral_key_pkey PRIMARY KEY (caller, key);


--
-- Name: referral_key referral_key_reference_key; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.referral_key
    ADD CONSTRAINT referral_key_reference_key UNIQUE (reference);


--
-- Name: reforgotten reforgotten_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.reforgotten
    ADD CONSTRAINT reforgotten_pkey PRIMARY KEY (generation);


--
-- Name: stream stream_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.stream
    ADD CONSTRAINT stream_pkey PRIMARY KEY (stream);


--
-- Name: subscription subscription_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (subscription);


--
-- Name: delivery test_of_no_case; Type: CHECK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE probity.delivery
    ADD CONSTRAINT test_of_no_case CHECK (((state = 'tested'::text) = (stream IS NULL))) NOT VALID;


--
-- Name: text_key text_key_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.text_key
    ADD CONSTRAINT text_key_pkey PRIMARY KEY (key);


--
-- Name: webhook_secret webhook_secret_pkey; Type: CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.webhook_secret
    ADD CONSTRAINT webhook_secret_pkey PRIMARY KEY (secret);


--
-- Name: checkpoint_head with_its_proof; Type: CHECK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE probity.checkpoint_head
    ADD CONSTRAINT with_its_proof CHECK ((proof IS NOT NULL)) NOT VALID;


--
-- Name: done done_pkey; Type: CONSTRAINT; Schema: rebuilding; Owner: -
--

ALTER TABLE ONLY rebuilding.done
    ADD CONSTRAINT done_pkey PRIMARY KEY (stream);


--
-- Name: noted noted_pkey; Type: CONSTRAINT; Schema: rebuilding; Owner: -
--

ALTER TABLE ONLY rebuilding.noted
    ADD CONSTRAINT noted_pkey PRIMARY KEY (stream);


--
-- Name: run run_pkey; Type: CONSTRAINT; Schema: rebuilding; Owner: -
--

ALTER TABLE ONLY rebuilding.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (token);


--
-- Name: deadlines deadlines_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--

ALTER TABLE ONLY reporting.deadlines
    ADD CONSTRAINT deadlines_pkey PRIMARY KEY (reference, deadline);


--
-- Name: hearings hearings_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--

ALTER TABLE ONLY reporting.hearings
    ADD CONSTRAINT hearings_pkey PRIMARY KEY (reference, officer);


--
-- Name: outcomes outcomes_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--

ALTER TABLE ONLY reporting.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (reference, officer);


--
-- Name: register register_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--

ALTER TABLE ONLY reporting.register
    ADD CONSTRAINT register_pkey PRIMARY KEY (reference);


--
-- Name: restrictions restrictions_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--

ALTER TABLE ONLY reporting.restrictions
    ADD CONSTRAINT restrictions_pkey PRIMARY KEY (reference, officer);


--
-- Name: checkpoint_feed; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX checkpoint_feed ON probity.checkpoint USING btree (generation, transaction_id, number);


--
-- Name: delivery_dead; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX delivery_dead ON probity.delivery USING btree (subscription, stream, version) WHERE (state = 'dead'::text);


--
-- Name: delivery_log; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX delivery_log ON probity.delivery USING btree (subscription, COALESCE(tried_at, noted_at), version);


--
-- Name: delivery_waiting; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX delivery_waiting ON probity.delivery USING btree (subscription, stream, version) WHERE (state = 'waiting'::text);


--
-- Name: event_erased; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX event_erased ON probity.event USING btree (generation, transaction_id, "position") WHERE (type = 'text_erased'::text);


--
-- Name: event_feed; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX event_feed ON probity.event USING btree (generation, transaction_id, "position");


--
-- Name: event_handed_over; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX event_handed_over ON probity.event USING btree (((data ->> 'to'::text))) WHERE (type = 'officer_handed_over'::text);


--
-- Name: event_person; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX event_person ON probity.event USING btree (((data ->> 'person'::text))) WHERE (type = ANY (ARRAY['officer_added'::text, 'officer_taken_over'::text]));


--
-- Name: stream_open; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX stream_open ON probity.stream USING btree (opened_at) WHERE (closed_at IS NULL);


--
-- Name: text_key_erased_by; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX text_key_erased_by ON probity.text_key USING btree (erased_by) WHERE (erased_by IS NOT NULL);


--
-- Name: text_key_living; Type: INDEX; Schema: probity; Owner: -
--

CREATE UNIQUE INDEX text_key_living ON probity.text_key USING btree (stream, subject) WHERE (wrapped IS NOT NULL);


--
-- Name: text_key_master; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX text_key_master ON probity.text_key USING btree (master, key) WHERE (wrapped IS NOT NULL);


--
-- Name: text_key_stream; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX text_key_stream ON probity.text_key USING btree (stream, subject);


--
-- Name: text_key_subject; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX text_key_subject ON probity.text_key USING btree (subject);


--
-- Name: webhook_secret_of; Type: INDEX; Schema: probity; Owner: -
--

CREATE INDEX webhook_secret_of ON probity.webhook_secret USING btree (subscription);


--
-- Name: deadlines_due; Type: INDEX; Schema: reporting; Owner: -
--

CREATE INDEX deadlines_due ON reporting.deadlines USING btree (due) WHERE (state = ANY (ARRAY['running'::text, 'extended'::text]));


--
-- Name: deadlines_overdue; Type: INDEX; Schema: reporting; Owner: -
--

CREATE INDEX deadlines_overdue ON reporting.deadlines USING btree (rule, duty) WHERE overdue;


--
-- Name: hearings_listed; Type: INDEX; Schema: reporting; Owner: -
--

CREATE INDEX hearings_listed ON reporting.hearings USING btree (begins_on) WHERE (state = ANY (ARRAY['listed'::text, 'opened'::text, 'adjourned'::text]));


--
-- Name: outcomes_live; Type: INDEX; Schema: reporting; Owner: -
--

CREATE INDEX outcomes_live ON reporting.outcomes USING btree (person, live_until) WHERE ((live_until IS NOT NULL) AND (NOT set_aside));


--
-- Name: register_open; Type: INDEX; Schema: reporting; Owner: -
--

CREATE INDEX register_open ON reporting.register USING btree (force, stage) WHERE (closed_at IS NULL);


--
-- Name: restrictions_review; Type: INDEX; Schema: reporting; Owner: -
--

CREATE INDEX restrictions_review ON reporting.restrictions USING btree (next_review);


--
-- Name: checkpoint append_only; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON probity.checkpoint FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: checkpoint_head append_only; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON probity.checkpoint_head FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: command append_only; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON probity.command FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: event append_only; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON probity.event FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: generation append_only; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON probity.generation FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: reading append_only; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON probity.reading FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: referral_key append_only; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON probity.referral_key FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: reforgotten append_only; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON probity.reforgotten FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: checkpoint append_only_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: checkpoint_head append_only_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.checkpoint_head FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: command append_only_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.command FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: event append_only_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.event FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: generation append_only_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.generation FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: reading append_only_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.reading FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: referral_key append_only_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.referral_key FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: reforgotten append_only_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.reforgotten FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: generation begins; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER begins AFTER INSERT ON probity.generation FOR EACH STATEMENT EXECUTE FUNCTION probity.begin_generation();

ALTER TABLE probity.generation ENABLE ALWAYS TRIGGER begins;


--
-- Name: delivery forgets_nothing; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER forgets_nothing BEFORE DELETE ON probity.delivery FOR EACH ROW WHEN ((old.stream IS NOT NULL)) EXECUTE FUNCTION probity.refuse_to_forget();


--
-- Name: stream moves_forward; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER moves_forward BEFORE UPDATE ON probity.stream FOR EACH ROW WHEN (((new.version < old.version) OR ((new.version = old.version) AND (new.head <> old.head)))) EXECUTE FUNCTION probity.refuse_rewind();


--
-- Name: stream never_deleted; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER never_deleted BEFORE DELETE ON probity.stream FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: text_key never_deleted; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER never_deleted BEFORE DELETE ON probity.text_key FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();


--
-- Name: stream never_deleted_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER never_deleted_whole BEFORE TRUNCATE ON probity.stream FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: text_key never_deleted_whole; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER never_deleted_whole BEFORE TRUNCATE ON probity.text_key FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();


--
-- Name: text_key never_revived; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER never_revived BEFORE UPDATE ON probity.text_key FOR EACH ROW WHEN (((old.wrapped IS NULL) OR ((((new.key IS DISTINCT FROM old.key) OR (new.stream IS DISTINCT FROM old.stream)) OR (new.subject IS DISTINCT FROM old.subject)) OR (new.made_at IS DISTINCT FROM old.made_at)))) EXECUTE FUNCTION probity.refuse_revival();


--
-- Name: delivery notes_what_happened; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER notes_what_happened BEFORE INSERT ON probity.delivery FOR EACH ROW WHEN ((new.stream IS NOT NULL)) EXECUTE FUNCTION probity.refuse_to_note_another();


--
-- Name: subscription passes_over_nothing; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER passes_over_nothing BEFORE UPDATE ON probity.subscription FOR EACH ROW WHEN (((new.generation <> old.generation) OR (new.transaction <> old.transaction) OR (new."position" <> old."position"))) EXECUTE FUNCTION probity.refuse_to_pass_over();


--
-- Name: text_key told_by_an_event; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER told_by_an_event BEFORE UPDATE ON probity.text_key FOR EACH ROW WHEN ((new.erased_by IS NOT NULL)) EXECUTE FUNCTION probity.refuse_untold();


--
-- Name: subscription turns_rise; Type: TRIGGER; Schema: probity; Owner: -
--

CREATE TRIGGER turns_rise BEFORE UPDATE ON probity.subscription FOR EACH ROW WHEN (((new.turn <> old.turn) AND (new.turn <> (old.turn + 1)))) EXECUTE FUNCTION probity.refuse_to_skip_turns();


--
-- Name: checkpoint_head checkpoint_head_checkpoint_fkey; Type: FK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.checkpoint_head
    ADD CONSTRAINT checkpoint_head_checkpoint_fkey FOREIGN KEY (checkpoint) REFERENCES probity.checkpoint(number);


--
-- Name: delivery delivery_subscription_fkey; Type: FK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.delivery
    ADD CONSTRAINT delivery_subscription_fkey FOREIGN KEY (subscription) REFERENCES probity.subscription(subscription) ON DELETE CASCADE;


--
-- Name: text_key of_a_case; Type: FK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.text_key
    ADD CONSTRAINT of_a_case FOREIGN KEY (stream) REFERENCES probity.stream(stream) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: reading reading_stream_fkey; Type: FK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.reading
    ADD CONSTRAINT reading_stream_fkey FOREIGN KEY (stream) REFERENCES probity.stream(stream);


--
-- Name: reforgotten reforgotten_generation_fkey; Type: FK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.reforgotten
    ADD CONSTRAINT reforgotten_generation_fkey FOREIGN KEY (generation) REFERENCES probity.generation(number);


--
-- Name: webhook_secret webhook_secret_subscription_fkey; Type: FK CONSTRAINT; Schema: probity; Owner: -
--

ALTER TABLE ONLY probity.webhook_secret
    ADD CONSTRAINT webhook_secret_subscription_fkey FOREIGN KEY (subscription) REFERENCES probity.subscription(subscription) ON DELETE CASCADE;


--
-- Name: SCHEMA probity; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA probity TO probity_engine;
GRANT USAGE ON SCHEMA probity TO probity_feed;
GRANT USAGE ON SCHEMA probity TO probity_signer;


--
-- Name: SCHEMA reporting; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA reporting TO probity_engine;
GRANT USAGE ON SCHEMA reporting TO probity_reader;


--
-- Name: FUNCTION analyze_rebuild(this uuid); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.analyze_rebuild(this uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.analyze_rebuild(this uuid) TO probity_engine;


--
-- Name: FUNCTION append(told jsonb, seen bytea, happened text[], state jsonb, folded_by bytea, opened timestamp with time zone, closed timestamp with time zone, models jsonb); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.append(told jsonb, seen bytea, happened text[], state jsonb, folded_by bytea, opened timestamp with time zone, closed timestamp with time zone, models jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.append(told jsonb, seen bytea, happened text[], state jsonb, folded_by bytea, opened timestamp with time zone, closed timestamp with time zone, models jsonb) TO probity_engine;


--
-- Name: FUNCTION begin_rebuild(); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.begin_rebuild() FROM PUBLIC;
GRANT ALL ON FUNCTION probity.begin_rebuild() TO probity_engine;


--
-- Name: FUNCTION check_rebuild(this uuid); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.check_rebuild(this uuid) FROM PUBLIC;


--
-- Name: TABLE generation; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.generation TO probity_engine;
GRANT SELECT ON TABLE probity.generation TO probity_feed;
GRANT SELECT ON TABLE probity.generation TO probity_signer;


--
-- Name: FUNCTION fill_rebuild(this uuid, cases text[], versions bigint[], models jsonb); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.fill_rebuild(this uuid, cases text[], versions bigint[], models jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.fill_rebuild(this uuid, cases text[], versions bigint[], models jsonb) TO probity_engine;


--
-- Name: FUNCTION hold_read_models(patience integer); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.hold_read_models(patience integer) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.hold_read_models(patience integer) TO probity_engine;


--
-- Name: FUNCTION hold_signing(); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.hold_signing() FROM PUBLIC;
GRANT ALL ON FUNCTION probity.hold_signing() TO probity_signer;


--
-- Name: TABLE event; Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON TABLE probity.event FROM postgres;
GRANT SELECT,INSERT,REFERENCES,TRIGGER,MAINTAIN ON TABLE probity.event TO postgres;
GRANT SELECT ON TABLE probity.event TO probity_engine;
GRANT SELECT ON TABLE probity.event TO probity_feed;
GRANT SELECT ON TABLE probity.event TO probity_signer;


--
-- Name: TABLE subscription; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.subscription TO probity_engine;
GRANT SELECT,INSERT,DELETE ON TABLE probity.subscription TO probity_keeper;
GRANT SELECT ON TABLE probity.subscription TO probity_feed;


--
-- Name: COLUMN subscription.state; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(state) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.because; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(because) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.generation; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(generation) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.transaction; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(transaction) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription."position"; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE("position") ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.turn; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(turn) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.struck; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(struck) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.rests; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(rests) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.resting_until; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(resting_until) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.failing_since; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(failing_since) ON TABLE probity.subscription TO probity_engine;


--
-- Name: COLUMN subscription.last_delivered; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(last_delivered) ON TABLE probity.subscription TO probity_engine;


--
-- Name: FUNCTION left_to_rebuild(beyond text, most integer); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.left_to_rebuild(beyond text, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.left_to_rebuild(beyond text, most integer) TO probity_engine;


--
-- Name: FUNCTION left_to_swap(most integer); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.left_to_swap(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.left_to_swap(most integer) TO probity_engine;


--
-- Name: FUNCTION log_readings(cases text[], role text, id text, what text, why text); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.log_readings(cases text[], role text, id text, what text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.log_readings(cases text[], role text, id text, what text, why text) TO probity_engine;
GRANT ALL ON FUNCTION probity.log_readings(cases text[], role text, id text, what text, why text) TO probity_opener;


--
-- Name: FUNCTION look_over_rebuild(this uuid); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.look_over_rebuild(this uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.look_over_rebuild(this uuid) TO probity_engine;


--
-- Name: FUNCTION publish(case_of text, models jsonb); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.publish(case_of text, models jsonb) FROM PUBLIC;


--
-- Name: FUNCTION settle_page(); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.settle_page() FROM PUBLIC;
GRANT ALL ON FUNCTION probity.settle_page() TO probity_engine;


--
-- Name: FUNCTION swap_rebuild(this uuid); Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON FUNCTION probity.swap_rebuild(this uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION probity.swap_rebuild(this uuid) TO probity_engine;


--
-- Name: TABLE checkpoint; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.checkpoint TO probity_signer;
GRANT SELECT ON TABLE probity.checkpoint TO probity_engine;
GRANT SELECT ON TABLE probity.checkpoint TO probity_feed;


--
-- Name: COLUMN checkpoint.number; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(number) ON TABLE probity.checkpoint TO probity_signer;


--
-- Name: COLUMN checkpoint.made_at; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(made_at) ON TABLE probity.checkpoint TO probity_signer;


--
-- Name: COLUMN checkpoint.statement; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(statement) ON TABLE probity.checkpoint TO probity_signer;


--
-- Name: COLUMN checkpoint.public_key; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(public_key) ON TABLE probity.checkpoint TO probity_signer;


--
-- Name: COLUMN checkpoint.signature; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(signature) ON TABLE probity.checkpoint TO probity_signer;


--
-- Name: TABLE checkpoint_head; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT,INSERT ON TABLE probity.checkpoint_head TO probity_signer;
GRANT SELECT ON TABLE probity.checkpoint_head TO probity_engine;
GRANT SELECT ON TABLE probity.checkpoint_head TO probity_feed;


--
-- Name: TABLE command; Type: ACL; Schema: probity; Owner: -
--

REVOKE ALL ON TABLE probity.command FROM postgres;
GRANT SELECT,INSERT,REFERENCES,TRIGGER,MAINTAIN ON TABLE probity.command TO postgres;
GRANT SELECT ON TABLE probity.command TO probity_engine;
GRANT SELECT ON TABLE probity.command TO probity_feed;
GRANT SELECT ON TABLE probity.command TO probity_signer;


--
-- Name: TABLE delivery; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT,DELETE ON TABLE probity.delivery TO probity_engine;
GRANT SELECT ON TABLE probity.delivery TO probity_feed;


--
-- Name: COLUMN delivery.subscription; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(subscription) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.event_id; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(event_id) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.type; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(type) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.stream; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(stream) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.version; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(version) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.state; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(state),UPDATE(state) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.attempts; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(attempts),UPDATE(attempts) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.retry_at; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(retry_at),UPDATE(retry_at) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.tried_at; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(tried_at),UPDATE(tried_at) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.status; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(status),UPDATE(status) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.fault; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(fault),UPDATE(fault) ON TABLE probity.delivery TO probity_engine;


--
-- Name: COLUMN delivery.milliseconds; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(milliseconds),UPDATE(milliseconds) ON TABLE probity.delivery TO probity_engine;


--
-- Name: TABLE feed_page; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.feed_page TO probity_engine;
GRANT SELECT ON TABLE probity.feed_page TO probity_feed;
GRANT SELECT ON TABLE probity.feed_page TO probity_signer;


--
-- Name: TABLE migration; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.migration TO probity_engine;


--
-- Name: COLUMN migration.name; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT(name) ON TABLE probity.migration TO probity_gateway;
GRANT SELECT(name) ON TABLE probity.migration TO probity_signer;


--
-- Name: TABLE outbox; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.outbox TO probity_feed;


--
-- Name: TABLE reading; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.reading TO probity_engine;
GRANT SELECT ON TABLE probity.reading TO probity_opener;
GRANT SELECT ON TABLE probity.reading TO probity_feed;
GRANT SELECT ON TABLE probity.reading TO probity_signer;


--
-- Name: TABLE referral_key; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT,INSERT ON TABLE probity.referral_key TO probity_gateway;


--
-- Name: TABLE reforgotten; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.reforgotten TO probity_engine;
GRANT SELECT ON TABLE probity.reforgotten TO probity_feed;
GRANT SELECT ON TABLE probity.reforgotten TO probity_signer;


--
-- Name: COLUMN reforgotten.generation; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(generation) ON TABLE probity.reforgotten TO probity_keeper;


--
-- Name: COLUMN reforgotten.erasures; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(erasures) ON TABLE probity.reforgotten TO probity_keeper;


--
-- Name: TABLE stream; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.stream TO probity_engine;
GRANT SELECT ON TABLE probity.stream TO probity_feed;
GRANT SELECT ON TABLE probity.stream TO probity_signer;


--
-- Name: COLUMN stream.snapshot; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(snapshot) ON TABLE probity.stream TO probity_engine;


--
-- Name: COLUMN stream.snapshot_version; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(snapshot_version) ON TABLE probity.stream TO probity_engine;


--
-- Name: COLUMN stream.snapshot_code; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(snapshot_code) ON TABLE probity.stream TO probity_engine;


--
-- Name: TABLE text_key; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.text_key TO probity_engine;
GRANT SELECT ON TABLE probity.text_key TO probity_keeper;
GRANT SELECT ON TABLE probity.text_key TO probity_opener;


--
-- Name: COLUMN text_key.key; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(key) ON TABLE probity.text_key TO probity_engine;
GRANT SELECT(key) ON TABLE probity.text_key TO probity_feed;
GRANT SELECT(key) ON TABLE probity.text_key TO probity_signer;


--
-- Name: COLUMN text_key.stream; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(stream) ON TABLE probity.text_key TO probity_engine;
GRANT SELECT(stream) ON TABLE probity.text_key TO probity_feed;
GRANT SELECT(stream) ON TABLE probity.text_key TO probity_signer;


--
-- Name: COLUMN text_key.subject; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(subject) ON TABLE probity.text_key TO probity_engine;
GRANT SELECT(subject) ON TABLE probity.text_key TO probity_feed;
GRANT SELECT(subject) ON TABLE probity.text_key TO probity_signer;


--
-- Name: COLUMN text_key.wrapped; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(wrapped) ON TABLE probity.text_key TO probity_engine;
GRANT UPDATE(wrapped) ON TABLE probity.text_key TO probity_keeper;


--
-- Name: COLUMN text_key.master; Type: ACL; Schema: probity; Owner: -
--

GRANT INSERT(master) ON TABLE probity.text_key TO probity_engine;
GRANT UPDATE(master) ON TABLE probity.text_key TO probity_keeper;


--
-- Name: COLUMN text_key.made_at; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT(made_at) ON TABLE probity.text_key TO probity_feed;
GRANT SELECT(made_at) ON TABLE probity.text_key TO probity_signer;


--
-- Name: COLUMN text_key.erased_by; Type: ACL; Schema: probity; Owner: -
--

GRANT UPDATE(erased_by) ON TABLE probity.text_key TO probity_keeper;
GRANT SELECT(erased_by) ON TABLE probity.text_key TO probity_feed;
GRANT SELECT(erased_by) ON TABLE probity.text_key TO probity_signer;


--
-- Name: TABLE webhook_secret; Type: ACL; Schema: probity; Owner: -
--

GRANT SELECT ON TABLE probity.webhook_secret TO probity_engine;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE probity.webhook_secret TO probity_keeper;


--
-- Name: TABLE deadlines; Type: ACL; Schema: reporting; Owner: -
--

GRANT SELECT ON TABLE reporting.deadlines TO probity_engine;
GRANT SELECT ON TABLE reporting.deadlines TO probity_reader;


--
-- Name: TABLE hearings; Type: ACL; Schema: reporting; Owner: -
--

GRANT SELECT ON TABLE reporting.hearings TO probity_engine;
GRANT SELECT ON TABLE reporting.hearings TO probity_reader;


--
-- Name: TABLE outcomes; Type: ACL; Schema: reporting; Owner: -
--

GRANT SELECT ON TABLE reporting.outcomes TO probity_engine;
GRANT SELECT ON TABLE reporting.outcomes TO probity_reader;


--
-- Name: TABLE register; Type: ACL; Schema: reporting; Owner: -
--

GRANT SELECT ON TABLE reporting.register TO probity_engine;
GRANT SELECT ON TABLE reporting.register TO probity_reader;


--
-- Name: TABLE restrictions; Type: ACL; Schema: reporting; Owner: -
--

GRANT SELECT ON TABLE reporting.restrictions TO probity_engine;
GRANT SELECT ON TABLE reporting.restrictions TO probity_reader;


--
-- PostgreSQL database dump complete
--


