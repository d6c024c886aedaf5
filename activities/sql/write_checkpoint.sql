-- A checkpoint and the heads that moved since the one before, in one statement.
WITH made AS (
    INSERT INTO probity.checkpoint (number, made_at, statement, public_key, signature) VALUES ($1, $2, $3, $4, $5)
    RETURNING number
)
INSERT INTO probity.checkpoint_head (stream, checkpoint, version, head, proof)
SELECT moved.stream, made.number, moved.version, moved.head, moved.proof
FROM made CROSS JOIN unnest($6::text[], $7::bigint[], $8::bytea[], $9::bytea[]) AS moved (stream, version, head, proof)
