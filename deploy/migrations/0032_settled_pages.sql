-- The feed's settled pages: what comes after a cursor and can no longer change, as lines of JSON in one row, made once and not
-- for every reader. A row for each event costs more to find, to write as text and to take apart than all that it holds.
--
-- They are a cache: the events are the record, `probity verify --all` compares the two, and the owner may empty the table at
-- any time. The watch settles what has come since (`activities/feed.settle`). docs/adr/0029.

-- An event as a line: as recorded, text sealed, its cursor first. What may hold a quote is quoted; the rest are numbers, ids
-- and names of closed patterns. A line holds no line break, which JSON writes in other letters.
CREATE FUNCTION probity.line(event probity.event) RETURNS text LANGUAGE sql STABLE
    RETURN concat('{"cursor":"', event.generation, '-', event.transaction_id, '-', event.position,
        '","stream":"', event.stream, '","version":', event.version, ',"event_id":"', event.event_id,
        '","type":', to_json(event.type), ',"schema_version":', event.schema_version,
        ',"occurred_at":', to_json(event.occurred_at), ',"recorded_at":', to_json(event.recorded_at),
        ',"actor":{"role":', to_json(event.actor_role), ',"id":', to_json(event.actor_id),
        '},"command":', to_json(event.command), ',"command_id":', to_json(event.command_id),
        ',"data":', event.data, ',"hash":"', encode(event.hash, 'hex'), '"}');

CREATE TABLE probity.feed_page (
    after_generation  integer NOT NULL,
    after_transaction xid8    NOT NULL,
    after_position    bigint  NOT NULL,
    last_generation   integer NOT NULL,
    last_transaction  xid8    NOT NULL,
    last_position     bigint  NOT NULL,
    lines             bytea   NOT NULL,
    PRIMARY KEY (after_generation, after_transaction, after_position)
);

COMMENT ON TABLE probity.feed_page IS 'Pages of the feed that are settled, as lines of JSON: a cache, which may be dropped at any time.';
COMMENT ON COLUMN probity.feed_page.after_generation IS 'With the next two: the cursor that the page comes after.';
COMMENT ON COLUMN probity.feed_page.last_generation IS 'With the next two: the cursor of its last event.';
COMMENT ON COLUMN probity.feed_page.lines IS 'Its events in the order of the feed, a line each (probity.line), in UTF-8.';

-- Settles the page after the last one, if 500 events or a mebibyte of them lie below the mark of the feed; whether it did.
-- Of two that settle one finds the page there. What is in it is read here, so that no caller can give another.
CREATE FUNCTION probity.settle_page() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
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

REVOKE ALL ON FUNCTION probity.settle_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION probity.settle_page TO probity_engine;
GRANT SELECT ON probity.feed_page TO probity_engine, probity_feed, probity_signer;
