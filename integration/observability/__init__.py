"""What a process tells of itself: health, logs, metrics and traces (docs/observability.md)."""
