-- The swap of a rebuild looks, under the lock on every case, only at those that may have moved: to compare all of them with
-- what was filled in took half a second a million cases, twice, while every append waited (0010_rebuild.sql).
--
--   look_over_rebuild   without a lock: notes from which transaction on events are new, then which cases stand elsewhere than
--                       where they were filled in. Whatever moves later has an event of that transaction or a later one
--   left_to_swap        what was noted, what was filled in since, and what has newer events, as far as it stands elsewhere;
--                       where nobody has looked, every case that does
--
-- The mark is taken before the look, in a statement of its own, so that whoever commits between them is seen by either. An
-- event bears the transaction that also moved its case; below the oldest that still runs every one is over, and what it
-- wrote was seen by the look. A later generation is asked for by itself: of a comparison of both columns at once the
-- planner reckons that it holds of every event, and reads them all.
ALTER TABLE rebuilding.run ADD COLUMN looked_in integer, ADD COLUMN looked_from xid8;
COMMENT ON COLUMN rebuilding.run.looked_in IS 'In which generation of the store the cases were looked over.';
COMMENT ON COLUMN rebuilding.run.looked_from IS 'The cases were looked over: what moved since has events of this transaction or a later one.';

CREATE TABLE rebuilding.noted (stream text NOT NULL PRIMARY KEY);
COMMENT ON TABLE rebuilding.noted IS 'Cases that the swap has to look at, beside those with newer events.';

CREATE FUNCTION probity.look_over_rebuild(this uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM probity.check_rebuild(this);
    UPDATE rebuilding.run
    SET looked_in = probity.current_generation(), looked_from = pg_snapshot_xmin(pg_current_snapshot()) WHERE token = this;
    DELETE FROM rebuilding.noted;
    INSERT INTO rebuilding.noted (stream) SELECT l.stream FROM probity.left_to_rebuild('', NULL) l ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION probity.left_to_swap(most integer) RETURNS TABLE (stream text, version bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

-- As in 0010_rebuild.sql, and notes what is filled in after the look.
CREATE OR REPLACE FUNCTION probity.fill_rebuild(this uuid, cases text[], versions bigint[], models jsonb) RETURNS void
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
    IF EXISTS (SELECT FROM rebuilding.run WHERE looked_from IS NOT NULL) THEN
        INSERT INTO rebuilding.noted (stream) SELECT unnest(cases) ON CONFLICT DO NOTHING;
    END IF;
END
$$;

-- As in 0010_rebuild.sql, but for which cases it looks at.
CREATE OR REPLACE FUNCTION probity.swap_rebuild(this uuid) RETURNS void
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

REVOKE ALL ON FUNCTION probity.look_over_rebuild, probity.left_to_swap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION probity.look_over_rebuild, probity.left_to_swap TO probity_engine;
