"""The schema of the database: numbered SQL files that `deploy.migrate` applies in order. An applied file is frozen.

What they come to, in one file: `deploy/schema.sql`.
"""
