"""What the engine counts and logs of acts, by the meter of the Temporal SDK: one endpoint for its metrics and for ours.

A workflow counts by its own meter, which is silent while it replays; an activity by its own; where neither runs, as in
a test of the store, nothing is counted. What each metric means stands in docs/observability.md.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import perf_counter

from temporalio import activity, workflow
from temporalio.common import MetricMeter

from domain.messages import Refusal

__all__ = ["BUCKETS", "acted", "conflicted", "enforced", "failed", "looked", "refused", "replayed", "timed", "told"]

log = logging.getLogger(__name__)

LATENESS, LATENCY = "probity_deadline_lateness_seconds", "probity_command_latency_seconds"
TELLING = "probity_webhook_latency_seconds"
BUCKETS = {
    LATENESS: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400],
    LATENCY: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3, 10],
    TELLING: [0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600, 3600, 21600, 86400],
}


def _meter() -> MetricMeter:
    if workflow.in_workflow():
        return workflow.metric_meter()
    return activity.metric_meter() if activity.in_activity() else MetricMeter.noop


def enforced(late: timedelta) -> None:
    """A deadline was enforced this long after it could have been: after its moment, or after the case told of it."""
    _meter().create_histogram_float(LATENESS).record(max(late.total_seconds(), 0.0))


def refused(command: str, code: str) -> None:
    """An act was refused."""
    _meter().create_counter("probity_refusals").add(1, {"command": command, "code": code})


def conflicted() -> None:
    """A case moved between reading and writing, so that it had to be read and decided on again."""
    _meter().create_counter("probity_append_conflicts").add(1)


def replayed(command: str) -> None:
    """A command came a second time and was answered with what it had given."""
    _meter().create_counter("probity_replays").add(1, {"command": command})


def looked(found: Mapping[str, int], at: datetime) -> None:
    """The watch has looked over all cases at that moment, and found so many of each kind."""
    meter = _meter()
    for name, count in found.items():
        meter.create_gauge(f"probity_watch_{name}").set(count)
    meter.create_gauge_float("probity_watch_timestamp_seconds").set(at.timestamp())


def failed() -> None:
    """An activity failed by a fault of ours."""
    _meter().create_counter("probity_faults").add(1)


@contextmanager
def timed(command: str) -> Iterator[None]:
    """How long the worker takes to decide on a command and have it committed, refusals too."""
    begun = perf_counter()
    try:
        yield
    finally:
        _meter().create_histogram_float(LATENCY).record(perf_counter() - begun, {"command": command})


def acted(case: str, command: str, command_id: str, version: int, refusal: Refusal | None = None) -> None:
    """Log that an act was recorded or refused, in one line; of what was told only the ids."""
    facts = {"case": case, "command": command, "command_id": command_id, "version": version}
    if refusal is not None:
        log.info("refused", extra={**facts, "code": refusal.code})
    else:
        log.info("recorded", extra=facts)


def told(subscription: str, outcome: str, late: timedelta | None) -> None:
    """A webhook was sent: delivered, so `late`; to be tried again (`waiting`); or given up (`dead`)."""
    meter = _meter()
    meter.create_counter("probity_webhooks").add(1, {"subscription": subscription, "outcome": outcome})
    if late is not None:
        meter.create_histogram_float(TELLING).record(max(late.total_seconds(), 0.0), {"subscription": subscription})
