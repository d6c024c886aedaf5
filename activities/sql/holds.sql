-- Whether the record holds this event.
SELECT EXISTS (SELECT FROM probity.event WHERE stream = $1 AND version = $2 AND hash = decode($3, 'hex'))
