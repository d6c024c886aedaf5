-- The database numbers, dates and links each reading itself: whoever may add to the log says who read what and why, and
-- nothing else. One that was put in with any hash had `verify` say for ever that a reading was changed.
--
-- No lock is asked for, since whoever may log in could hold an advisory one: of two who add to the log of a case at once
-- the later waits for the row of the earlier, finds the number taken, and goes on after it. Cases come in one order, so
-- that no two wait for each other; it takes READ COMMITTED, in which each statement sees what was committed before it.
CREATE FUNCTION probity.log_readings(cases text[], role text, id text, what text, why text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

REVOKE ALL ON FUNCTION probity.log_readings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION probity.log_readings TO probity_engine, probity_opener;
REVOKE INSERT ON probity.reading FROM probity_engine, probity_opener;

-- What guarded a number and a date that were given (0018, 0021): none is given any more.
DROP TRIGGER next_number ON probity.reading;
DROP FUNCTION probity.refuse_gap;
DROP TRIGGER dated_now ON probity.reading;
DROP FUNCTION probity.refuse_date;
