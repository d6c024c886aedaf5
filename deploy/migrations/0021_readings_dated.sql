-- A reading is dated as of when it is written, give or take a minute: whoever may add to the log could date theirs years
-- ago, rightly linked, and nobody who looks for last week's readers would see it. A restore loads rows before there are
-- triggers, so what was written earlier comes back as it was.
CREATE FUNCTION probity.refuse_date() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'A reading is dated as of when it is written.' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER dated_now BEFORE INSERT ON probity.reading FOR EACH ROW
    WHEN (NEW.read_at NOT BETWEEN clock_timestamp() - interval '1 minute' AND clock_timestamp() + interval '1 minute')
    EXECUTE FUNCTION probity.refuse_date();
