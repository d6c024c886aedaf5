"""Measurements, each beside its yardstick in the same run: ratios count, not digits."""
