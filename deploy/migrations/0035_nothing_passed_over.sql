-- No subscriber of webhooks is passed over without a word. The engine moves cursors and clears the queue: whoever had its
-- login could move a cursor past events that nobody had noted, or clear what waits, and no check named it.
--
-- What the engine says it delivered stands on its word, and stands in the log, where nothing takes it away for 30 days.

-- Whether a subscriber is told of an event: by its type, and by what the first event of the case says of force and restriction.
CREATE FUNCTION probity.is_told(subscriber probity.subscription, happened probity.event) RETURNS boolean LANGUAGE sql STABLE
    RETURN (cardinality(subscriber.types) = 0 OR happened.type = ANY (subscriber.types))
       AND (SELECT (cardinality(subscriber.forces) = 0 OR first.data ->> 'force' = ANY (subscriber.forces))
                   AND (subscriber.restricted OR first.data -> 'restricted' IS DISTINCT FROM 'true')
            FROM probity.event first WHERE first.stream = happened.stream AND first.version = 1);

-- A cursor goes on as far as the feed does, and past an event once it is noted.
CREATE FUNCTION probity.refuse_to_pass_over() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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

CREATE TRIGGER passes_over_nothing BEFORE UPDATE ON probity.subscription FOR EACH ROW
    WHEN ((NEW.generation, NEW.transaction, NEW.position) <> (OLD.generation, OLD.transaction, OLD.position))
    EXECUTE FUNCTION probity.refuse_to_pass_over();

-- What a subscriber is to be told stays until it was delivered, and a delivery in the log. A subscriber that is removed takes
-- all of its own with it.
CREATE FUNCTION probity.refuse_to_forget() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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

CREATE TRIGGER forgets_nothing BEFORE DELETE ON probity.delivery FOR EACH ROW WHEN (OLD.stream IS NOT NULL)
    EXECUTE FUNCTION probity.refuse_to_forget();

-- A test is of no case, so that no event passes for one; and the engine says what came of a delivery, not of which event it is
-- nor since when it waits.
ALTER TABLE probity.delivery ADD CONSTRAINT test_of_no_case CHECK ((state = 'tested') = (stream IS NULL)) NOT VALID;
REVOKE INSERT, UPDATE ON probity.delivery FROM probity_engine;
GRANT INSERT (subscription, event_id, type, stream, version, state, attempts, retry_at, tried_at, status, fault, milliseconds),
      UPDATE (state, attempts, retry_at, tried_at, status, fault, milliseconds) ON probity.delivery TO probity_engine;
