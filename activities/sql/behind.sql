-- Active subscribers for whom there is something that they may not know of: events in the feed after their cursor, or a
-- delivery that should have been made a minute ago. What is asked of the feed is as in feed.sql, for one event.
SELECT subscription, concat(generation, '-', transaction, '-', position) AS place FROM probity.subscription s
WHERE state = 'active' AND (resting_until IS NULL OR resting_until < clock_timestamp() - interval '1 minute') AND (
    EXISTS (SELECT FROM probity.event e
            WHERE (e.generation, e.transaction_id, e.position) > (s.generation, s.transaction::text::xid8, s.position)
              AND (e.generation < (SELECT probity.current_generation())
                   OR e.transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot()))))
    OR EXISTS (SELECT FROM probity.delivery d
               WHERE d.subscription = s.subscription AND d.state = 'waiting'
                 AND d.retry_at < clock_timestamp() - interval '1 minute'))
