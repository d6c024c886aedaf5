-- The secrets of a subscriber are locked by their ids before any is changed, as whoever wraps them anew does it: in another
-- order each could wait for the other.
SELECT FROM probity.webhook_secret WHERE subscription = $1 ORDER BY secret FOR UPDATE
