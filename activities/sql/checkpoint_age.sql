-- How long ago the last checkpoint was signed, in seconds, by the clock that dated it; null where none ever was.
SELECT extract(epoch FROM clock_timestamp() - max(made_at))::float8 FROM probity.checkpoint
