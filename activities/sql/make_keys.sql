-- Keys of a case for those who have none, under the master key $2. Of two who make one at once, the first one's stays.
INSERT INTO probity.text_key (stream, master, key, subject, wrapped)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::text[], $5::bytea[])
ON CONFLICT (stream, subject) WHERE wrapped IS NOT NULL DO NOTHING
