"""What touches the world: Postgres. Classes that own a pool, one per concern."""
