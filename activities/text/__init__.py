"""Free text about people: sealed under keys that can be destroyed, opened for a reader who says why, erased."""
