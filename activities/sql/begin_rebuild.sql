-- Fresh tables for the read models, and the token of this run: deploy/migrations/0010_rebuild.sql says what each step does.
SELECT probity.begin_rebuild()
