-- What a table of reporting has that its fresh one would not: row security, policies, triggers of somebody's own.
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'reporting'::regnamespace
  AND (c.relrowsecurity OR EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)
       OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal))
ORDER BY c.relname LIMIT 1
