-- A key of free text is of a case that is there. One of no case, which the engine's login could add, could not be erased or
-- deleted, and under a master key that nobody has it kept every worker from starting. A case is opened in one transaction
-- with its keys, so they are looked at when that ends.

-- Keys that were left where a case was not opened after all have sealed nothing; an opening takes three seconds at most.
ALTER TABLE probity.text_key DISABLE TRIGGER never_deleted;
DELETE FROM probity.text_key k
WHERE k.made_at < clock_timestamp() - interval '1 minute'
  AND NOT EXISTS (SELECT FROM probity.stream s WHERE s.stream = k.stream);
ALTER TABLE probity.text_key ENABLE TRIGGER never_deleted;

ALTER TABLE probity.text_key ADD CONSTRAINT of_a_case
    FOREIGN KEY (stream) REFERENCES probity.stream DEFERRABLE INITIALLY DEFERRED;

-- A key is destroyed by an event of its case that names it, which comes first: the keeper's login could destroy one by
-- SQL, and neither the record nor the list that a restore is gone through by would tell of it.
CREATE FUNCTION probity.refuse_untold() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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

CREATE TRIGGER told_by_an_event BEFORE UPDATE ON probity.text_key FOR EACH ROW
    WHEN (NEW.erased_by IS NOT NULL) EXECUTE FUNCTION probity.refuse_untold();
