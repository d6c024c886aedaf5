-- A reading of each of some cases: who ($1, $2), what ($3) and why ($4).
INSERT INTO probity.reading (reader_role, reader_id, what, purpose, stream, number, read_at, hash)
SELECT $1, $2, $3, $4, * FROM unnest($5::text[], $6::bigint[], $7::timestamptz[], $8::bytea[])
