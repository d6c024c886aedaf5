-- Webhooks: who is told of events, under which secrets, how far each has been told, and what became of each delivery.
-- Each subscriber goes on from a cursor of its own in the feed. To move it and to note what is to be delivered is one
-- transaction, so nothing is passed over however the engine ends (docs/adr/0023).

CREATE TABLE probity.subscription (
    subscription    text        NOT NULL PRIMARY KEY CHECK (subscription ~ '^[a-z0-9][a-z0-9-]{1,40}$'),
    url             text        NOT NULL,
    types           text[]      NOT NULL DEFAULT '{}',
    forces          text[]      NOT NULL DEFAULT '{}',
    restricted      boolean     NOT NULL DEFAULT false,
    reader_role     text,
    reader_id       text,
    purpose         text,
    made_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    state           text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    because         text,
    generation      integer     NOT NULL,
    transaction     bigint      NOT NULL,
    position        bigint      NOT NULL,
    turn            bigint      NOT NULL DEFAULT 0,
    struck          text[]      NOT NULL DEFAULT '{}',
    rests           integer     NOT NULL DEFAULT 0,
    resting_until   timestamptz,
    failing_since   timestamptz,
    last_delivered  timestamptz,
    CHECK ((reader_role IS NULL) = (reader_id IS NULL) AND (reader_id IS NULL) = (purpose IS NULL))
);

COMMENT ON TABLE probity.subscription IS 'Subscribers of webhooks.';
COMMENT ON COLUMN probity.subscription.types IS 'Names of events that it is told of; none: of every one.';
COMMENT ON COLUMN probity.subscription.forces IS 'Forces of whose cases it is told; none: of every one.';
COMMENT ON COLUMN probity.subscription.restricted IS 'Whether it is told of restricted cases too.';
COMMENT ON COLUMN probity.subscription.reader_id IS 'As whom it is entitled to free text, for the purpose; none: text stays sealed.';
COMMENT ON COLUMN probity.subscription.because IS 'Why it is paused or disabled.';
COMMENT ON COLUMN probity.subscription.position IS 'With generation and transaction the cursor: what stands before it was noted in probity.delivery.';
COMMENT ON COLUMN probity.subscription.turn IS 'Rises with each attempt at delivery: one that was given up and still runs writes nothing any more.';
COMMENT ON COLUMN probity.subscription.struck IS 'Cases whose delivery failed since the last that did not.';
COMMENT ON COLUMN probity.subscription.rests IS 'How often in a row the whole endpoint was given a rest.';

CREATE TABLE probity.webhook_secret (
    secret       uuid        NOT NULL PRIMARY KEY,
    subscription text        NOT NULL REFERENCES probity.subscription ON DELETE CASCADE,
    wrapped      bytea       NOT NULL,
    master       text        NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at      timestamptz
);

COMMENT ON TABLE probity.webhook_secret IS 'Secrets under which webhooks are signed, each encrypted under the master key.';
COMMENT ON COLUMN probity.webhook_secret.ends_at IS 'Until when it signs beside the one that took its place.';
CREATE INDEX webhook_secret_of ON probity.webhook_secret (subscription);

CREATE TABLE probity.delivery (
    subscription text        NOT NULL REFERENCES probity.subscription ON DELETE CASCADE,
    event_id     uuid        NOT NULL,
    type         text        NOT NULL,
    stream       text,
    version      bigint,
    noted_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    state        text        NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead', 'tested')),
    attempts     integer     NOT NULL DEFAULT 0,
    retry_at     timestamptz,
    tried_at     timestamptz,
    status       integer,
    fault        text,
    milliseconds integer,
    PRIMARY KEY (subscription, event_id),
    CHECK ((state = 'waiting') = (retry_at IS NOT NULL))
);

COMMENT ON TABLE probity.delivery IS 'What is to be delivered and what became of it: the queue, the dead letters and the log.';
COMMENT ON COLUMN probity.delivery.attempts IS 'That count against it: one that the endpoint put off does not.';
COMMENT ON COLUMN probity.delivery.status IS 'What HTTP answered last; none when there was no answer: then fault says why.';

CREATE INDEX delivery_waiting ON probity.delivery (subscription, stream, version) WHERE state = 'waiting';
CREATE INDEX delivery_dead ON probity.delivery (subscription, stream, version) WHERE state = 'dead';
CREATE INDEX delivery_log ON probity.delivery (subscription, tried_at);

-- Who is told of what, and who is entitled to personal data, is for the keeper. The engine moves cursors, notes what came
-- of deliveries and clears the log; it can neither turn a subscriber to another address nor entitle it to anything.
GRANT SELECT ON probity.subscription, probity.webhook_secret TO probity_engine;
GRANT UPDATE (state, because, generation, transaction, position, turn, struck, rests, resting_until, failing_since,
              last_delivered) ON probity.subscription TO probity_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON probity.delivery TO probity_engine;
GRANT SELECT, INSERT, DELETE ON probity.subscription TO probity_keeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON probity.webhook_secret TO probity_keeper;
GRANT SELECT ON probity.subscription, probity.delivery TO probity_feed;
