"""Webhooks: who is told of events, and how the worker sends them (docs/webhooks.md)."""
