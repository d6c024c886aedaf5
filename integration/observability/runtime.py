"""The SDK's runtime: of the worker, with its metrics on a port, for Prometheus, those of `activities/metrics.py` too;
of the command line, silent."""

import logging

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from activities.metrics import BUCKETS
from integration.listening import listening

__all__ = ["address", "measured", "silent"]


def address(told: str) -> tuple[str, int]:
    """Host and port of `host:port`, as the settings have it; for port 0 one that is free. Raises `Unavailable`."""
    host, _, port = told.rpartition(":")
    with listening(host, int(port)) as free:
        return host, free.getsockname()[1]


def measured(host: str, port: int) -> Runtime:
    """A runtime whose metrics are at `http://host:port/metrics`; one a process."""
    metrics = PrometheusConfig(
        bind_address=f"{host}:{port}",
        counters_total_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides=BUCKETS,
    )
    # What the core logs comes to us as fixed sentences; the fields it would add quote failures.
    forwarded = LogForwardingConfig(logging.getLogger("temporalio.core"), append_log_fields_to_message=False)
    logs = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarded)
    return Runtime(telemetry=TelemetryConfig(metrics=metrics, logging=logs))


def silent() -> Runtime:
    """A runtime that logs nothing: whoever waits for a command is told in a sentence what is away."""
    return Runtime(telemetry=TelemetryConfig(logging=None))
