"""The reference pages of the docs, generated from the code."""
