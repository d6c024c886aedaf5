"""The law and the case: pure, with no clock, randomness, network, database or files but its own data."""
