-- A reading goes after the last one of its case: numbered far ahead, one row would leave no number for those that follow,
-- and nobody could open the text of that case again. The primary key holds off two who add the same one at once.
CREATE FUNCTION probity.refuse_gap() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.number <> 1 + coalesce((SELECT max(r.number) FROM probity.reading r WHERE r.stream = NEW.stream), 0) THEN
        RAISE EXCEPTION 'A reading takes the next number of the log of its case.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER next_number BEFORE INSERT ON probity.reading FOR EACH ROW EXECUTE FUNCTION probity.refuse_gap();
