-- Whether a cursor lies where the feed has not come to yet, so that this store cannot have given it out: only what is below
-- the mark of feed.sql is. To whoever asked with it, all that is recorded until then would be missing without a word.
SELECT ($1::integer, ($2::bigint)::text::xid8)
       >= (probity.current_generation(), pg_snapshot_xmin(pg_current_snapshot()))
