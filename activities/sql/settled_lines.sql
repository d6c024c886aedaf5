-- The settled page in which a cursor lies: it may begin before it, and the reader passes over what it had.
SELECT lines FROM (
    SELECT * FROM probity.feed_page
    WHERE (after_generation, after_transaction, after_position) <= ($1::integer, ($2::bigint)::text::xid8, $3::bigint)
    ORDER BY after_generation DESC, after_transaction DESC, after_position DESC LIMIT 1
) AS nearest
WHERE (last_generation, last_transaction, last_position) > ($1, ($2::bigint)::text::xid8, $3)
