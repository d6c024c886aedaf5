-- Checkpoints stand on the feed too, for readers who ask for them: a follower who keeps what was signed, where the owner of
-- the database cannot reach, bears witness against whoever computes a chain anew and signs it again.
--
-- A checkpoint is alone in its transaction, so (generation, transaction_id, number) is a place of its own among the events.
-- Where it stands does not say which events it holds: it holds the heads that its statement saw. Those that were signed
-- before this migration stand where it does, in their order.
ALTER TABLE probity.checkpoint
    ADD COLUMN generation     integer NOT NULL DEFAULT probity.current_generation(),
    ADD COLUMN transaction_id xid8    NOT NULL DEFAULT pg_current_xact_id();

COMMENT ON COLUMN probity.checkpoint.generation IS 'Generation of the store in which it was signed: first in the order of the feed.';
COMMENT ON COLUMN probity.checkpoint.transaction_id IS 'Transaction that wrote it: its place in the feed.';

CREATE INDEX checkpoint_feed ON probity.checkpoint (generation, transaction_id, number);

-- The place is the server's: a signer who chose it could slip a checkpoint past every reader.
REVOKE INSERT ON probity.checkpoint FROM probity_signer;
GRANT INSERT (number, made_at, statement, public_key, signature) ON probity.checkpoint TO probity_signer;

-- In the outbox they are an aggregate of their own, so that Debezium's router sends them to a topic of their own.
CREATE OR REPLACE VIEW probity.outbox AS
SELECT event_id AS id, 'case'::text AS aggregatetype, stream AS aggregateid, type, data AS payload, version, occurred_at,
       recorded_at, generation, transaction_id, position
FROM probity.event
UNION ALL
SELECT md5('probity checkpoint ' || number || ' ' || encode(signature, 'hex'))::uuid, 'checkpoint', 'checkpoint',
       'checkpoint_signed',
       jsonb_build_object('statement', statement, 'public_key', encode(public_key, 'hex'), 'signature', encode(signature, 'hex')),
       number, made_at, made_at, generation, transaction_id, number
FROM probity.checkpoint;

COMMENT ON VIEW probity.outbox IS 'Events, and checkpoints, in the columns of Debezium''s outbox router.';
