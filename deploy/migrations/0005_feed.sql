-- The feed: every event of every case, once, in an order that a reader who comes back can go on from.
--
-- Numbers are given out before commits, so a reader who goes by `position` alone passes over an event whose transaction
-- commits late. The feed goes by (generation, transaction_id, position), and only as far as no transaction that still runs
-- could add anything before.
--   https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT

-- Transaction ids are the cluster's: in another one, into which the record was restored, they begin anew, below those of
-- the events that are there. So each such move begins a generation, which comes first in the order.
CREATE TABLE probity.generation (
    number   integer     NOT NULL PRIMARY KEY CHECK (number > 0),
    cluster  text        NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE probity.generation IS 'How often the record was moved: `python -m deploy.migrate` adds a row in another cluster.';
COMMENT ON COLUMN probity.generation.cluster IS 'System identifier of the Postgres cluster.';

CREATE FUNCTION probity.cluster() RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT system_identifier::text FROM pg_control_system());

CREATE FUNCTION probity.current_generation() RETURNS integer LANGUAGE sql STABLE
    RETURN (SELECT max(number) FROM probity.generation);

INSERT INTO probity.generation (number, cluster) VALUES (1, probity.cluster());

ALTER TABLE probity.event ADD COLUMN generation integer NOT NULL DEFAULT 1;
ALTER TABLE probity.event ALTER COLUMN generation SET DEFAULT probity.current_generation();
COMMENT ON COLUMN probity.event.generation IS 'Generation of the store in which it was written: first in the order of the feed.';

DROP INDEX probity.event_feed;
CREATE INDEX event_feed ON probity.event (generation, transaction_id, position);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON probity.generation
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.generation
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();

-- The columns that Debezium's outbox router expects. Its order is that of the log, so it needs no watermark.
CREATE VIEW probity.outbox AS
SELECT event_id AS id, 'case'::text AS aggregatetype, stream AS aggregateid, type, data AS payload, version, occurred_at,
       recorded_at, generation, transaction_id, position
FROM probity.event;

COMMENT ON VIEW probity.outbox IS 'Events in the columns of Debezium''s outbox router.';

GRANT SELECT ON probity.generation TO probity_engine, probity_feed, probity_signer;
GRANT SELECT ON probity.outbox TO probity_feed;
