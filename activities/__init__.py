"""What touches the world: Postgres. A module per concern, each given a pool."""
