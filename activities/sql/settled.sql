-- Of each settled page whether it is what the events between its ends are, as lines. Compared where they lie.
SELECT after_generation, after_transaction::text::bigint, after_position, lines IS NOT DISTINCT FROM (
    SELECT convert_to(string_agg(probity.line(event), E'\n' ORDER BY generation, transaction_id, position), 'UTF8')
    FROM probity.event
    WHERE (generation, transaction_id, position) > (after_generation, after_transaction, after_position)
      AND (generation, transaction_id, position) <= (last_generation, last_transaction, last_position)
) AS whole
FROM probity.feed_page
ORDER BY after_generation, after_transaction, after_position
