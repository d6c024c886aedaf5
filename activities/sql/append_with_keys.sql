-- The append, and the keys of free text that were made for it: all of it is written, or nothing. The append comes first, as
-- the rows are selected from it, so that nobody waits for the case with a key in hand that whoever holds the case waits for.
-- Who was given a key by somebody else meanwhile has two: that is refused, and the act is decided on again.
WITH appended AS MATERIALIZED (SELECT probity.append($1, $2, $3, $4, $5, $6, $7, $8))
INSERT INTO probity.text_key (key, stream, subject, wrapped, master)
SELECT made.key, made.stream, made.subject, made.wrapped, made.master
FROM appended, jsonb_to_recordset($9) AS made (key uuid, stream text, subject text, wrapped bytea, master text)
