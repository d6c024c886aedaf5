"""The schema of the database: numbered SQL files that `deploy.migrate` applies in order. An applied file is frozen."""
