-- Cases, in order, that stand elsewhere than where they were filled in.
SELECT stream, version FROM probity.left_to_rebuild($1, $2)
