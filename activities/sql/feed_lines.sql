-- The same page where nothing is settled yet, as a settled page is made: lines of JSON in one value.
SELECT convert_to(string_agg(line, E'\n' ORDER BY generation, transaction_id, position), 'UTF8') FROM (
    SELECT generation, transaction_id, position, probity.line(event) AS line
    FROM probity.event
    WHERE (generation, transaction_id, position) > ($1::integer, ($2::bigint)::text::xid8, $3::bigint)
      AND (generation < (SELECT probity.current_generation())
           OR transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())))
    ORDER BY generation, transaction_id, position LIMIT $4
) AS following
