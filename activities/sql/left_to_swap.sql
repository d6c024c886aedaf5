-- Cases that stand elsewhere than where they were filled in, of those that may have moved since all were looked over. Asked
-- under the lock, where every append waits.
SELECT stream, version FROM probity.left_to_swap($1)
