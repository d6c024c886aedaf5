-- Take the turn: whoever had it before and still runs writes nothing any more.
UPDATE probity.subscription SET turn = turn + 1 WHERE subscription = $1
RETURNING *, clock_timestamp() AS now
