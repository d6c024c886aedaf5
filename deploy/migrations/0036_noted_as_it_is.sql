-- No subscriber of webhooks is stopped for good, nor takes another's turn. Whoever had the engine's login could leave something
-- in the tables of webhooks over which every later turn fails, and that no verb of the keeper takes away but to remove it.

-- A row of a case is of the event that it names: under the id of an event that is yet to be noted it would keep that from being
-- noted, and the cursor from moving past it. A test, whose id was drawn, gives way to an event of that id.
CREATE FUNCTION probity.refuse_to_note_another() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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

CREATE TRIGGER notes_what_happened BEFORE INSERT ON probity.delivery FOR EACH ROW WHEN (NEW.stream IS NOT NULL)
    EXECUTE FUNCTION probity.refuse_to_note_another();

-- Turns are numbered from when the subscriber was added: one that still runs for a subscriber that was removed is no turn of
-- another that was added under its name, for which it would say that events were delivered. And they rise one by one, since
-- beyond the last number there is none to take.
ALTER TABLE probity.subscription ALTER COLUMN turn SET DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

CREATE FUNCTION probity.refuse_to_skip_turns() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'A turn is followed by the next.' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER turns_rise BEFORE UPDATE ON probity.subscription FOR EACH ROW
    WHEN (NEW.turn <> OLD.turn AND NEW.turn <> OLD.turn + 1) EXECUTE FUNCTION probity.refuse_to_skip_turns();

-- A time is one that every reader has, as of events since 0031: one of another year ended each listing of subscribers.
ALTER TABLE probity.subscription ADD CONSTRAINT dated_in_reach CHECK (
    resting_until BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
    AND failing_since BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
    AND last_delivered BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
) NOT VALID;
ALTER TABLE probity.delivery ADD CONSTRAINT dated_in_reach CHECK (
    retry_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
    AND tried_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
) NOT VALID;
