-- The way from a case's head to the root of a checkpoint is kept with it: made again later it takes the heads of all cases at
-- that checkpoint, for each checkpoint at which the case had moved, and an export of a long case took minutes.
ALTER TABLE probity.checkpoint_head ADD COLUMN proof bytea CHECK (octet_length(proof) % 33 = 0);

COMMENT ON COLUMN probity.checkpoint_head.proof IS
    'From the leaf up, 33 bytes a step: 0 where the other half stood left of it, 1 where right, and its hash. Empty before 0017.';
