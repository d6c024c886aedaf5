-- A subscriber, unless there is one of that name.
INSERT INTO probity.subscription (subscription, url, types, forces, restricted, reader_role, reader_id, purpose,
                                  generation, transaction, position)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING true
