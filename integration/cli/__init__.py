"""The command line `probity`: `main.py` is its entry, each other module some of its verbs or how they speak."""
