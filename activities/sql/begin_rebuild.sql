-- Fresh tables for the read models, and the token of this run: deploy/migrations/0010_rebuild.sql says what
-- each step does, 0030_swap_what_moved.sql what of it is otherwise now.
SELECT probity.begin_rebuild()
