"""How Probity runs: the embedded stack, migrations, compose, and the settings of Postgres and Temporal."""
