-- Read models are rebuilt into fresh tables, in a schema that nobody reads, and swapped for the live ones while the engine
-- runs (activities/rebuild.py drives it, docs/adr/0021 says why so).
--
--   begin_rebuild    drops what an earlier run left, makes the tables anew: empty, with the columns, keys, indexes and comments
--                    that the live ones have now, also those that someone added by hand
--   left_to_rebuild  which cases stand elsewhere than where they were filled in: all at first, then those that moved
--   fill_rebuild     some cases, each at its version; a case may be filled in again
--   hold_read_models for the length of a transaction no case moves, and nobody is at the live tables; or soon an error
--   swap_rebuild     so held: looks again that every case stands where it was filled in, and puts the fresh tables in place
--
-- Appends go on all the while and write the live tables. One that comes while the swap holds the locks waits at its case,
-- finds the fresh tables under the old names, and writes there what it changes: its case stands there as it was read, or
-- the swap, which looks after it has the locks, would have seen it move. The locks are taken in the order in which an
-- append takes them, so the two do not wait for each other, and are given up soon and tried again: whoever reads a read
-- model for long holds up the swap, and for the length of one such try the appends, and not more.
--   https://www.postgresql.org/docs/current/explicit-locking.html
--
-- The functions run as the owner, so that the engine, which owns nothing, may do this and nothing else with tables. In
-- turn it loses its rights to the read models: it writes them by an append, or makes them all anew.
CREATE SCHEMA rebuilding;
COMMENT ON SCHEMA rebuilding IS 'Read models that are being made anew; tables left here are those of a run that did not end.';

CREATE TABLE rebuilding.run (
    token    uuid        NOT NULL PRIMARY KEY,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE rebuilding.run IS 'The run that began last, until it ends: an earlier one stops when it sees this.';

CREATE TABLE rebuilding.done (
    stream  text   NOT NULL PRIMARY KEY,
    version bigint NOT NULL
);
COMMENT ON TABLE rebuilding.done IS 'Up to which version each case was filled in.';

-- In the order in which probity.publish writes them.
CREATE FUNCTION probity.read_models() RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY['register', 'deadlines', 'restrictions', 'hearings', 'outcomes'];

CREATE FUNCTION probity.begin_rebuild() RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

CREATE FUNCTION probity.left_to_rebuild(beyond text, most integer) RETURNS TABLE (stream text, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.stream, s.version FROM probity.stream s LEFT JOIN rebuilding.done d ON d.stream = s.stream
    WHERE s.stream > beyond AND s.version > 0 AND d.version IS DISTINCT FROM s.version ORDER BY s.stream LIMIT most
$$;

CREATE FUNCTION probity.check_rebuild(this uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rebuilding.run WHERE token = this) THEN
        RAISE EXCEPTION 'Another run has begun since.' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END
$$;

-- `models`: of each table all rows of these cases.
CREATE FUNCTION probity.fill_rebuild(this uuid, cases text[], versions bigint[], models jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
END
$$;

-- So that the fresh tables are planned for as the old ones were. Not under the lock.
CREATE FUNCTION probity.analyze_rebuild(this uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    model text;
BEGIN
    PERFORM probity.check_rebuild(this);
    FOREACH model IN ARRAY probity.read_models() LOOP
        EXECUTE format('ANALYZE rebuilding.%I', model);
    END LOOP;
END
$$;

-- `patience`: milliseconds for each lock. Postgres stops an autovacuum that is in the way after one second.
CREATE FUNCTION probity.hold_read_models(patience integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
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

CREATE FUNCTION probity.swap_rebuild(this uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
    IF EXISTS (SELECT FROM probity.left_to_rebuild('', 1)) THEN
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

REVOKE ALL ON FUNCTION probity.begin_rebuild, probity.left_to_rebuild, probity.check_rebuild, probity.fill_rebuild,
    probity.analyze_rebuild, probity.hold_read_models, probity.swap_rebuild FROM PUBLIC;
GRANT EXECUTE ON FUNCTION probity.begin_rebuild, probity.left_to_rebuild, probity.fill_rebuild, probity.analyze_rebuild,
    probity.hold_read_models, probity.swap_rebuild TO probity_engine;

REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA reporting FROM probity_engine;
REVOKE EXECUTE ON FUNCTION probity.publish FROM probity_engine;
