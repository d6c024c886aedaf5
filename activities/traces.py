"""What the record adds to a trace (OpenTelemetry): a span for each statement, and the trace by which an event came.

Off until somebody sets a tracer provider (`integration/observability/tracing.py`). A span names the statement and never
holds a value: what is told of people is in the values.
"""

from time import time_ns  # noqa: TID251 - of a span, which dates nothing in the record
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from activities.sql import name_of

if TYPE_CHECKING:
    from asyncpg.connection import LoggedQuery

__all__ = ["asked_for", "of_command", "spanned"]

SECOND = 10**9  # nanoseconds


def asked_for() -> bool:
    """Whether this process traces."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def of_command() -> dict[str, str] | None:
    """The trace that is going on, in the W3C's form, if there is one."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier or None


def spanned(query: "LoggedQuery") -> None:
    """The span of a statement that is over; the driver calls this in the context in which the statement was sent."""
    if not trace.get_current_span().get_span_context().is_valid:
        return  # the pool's own, and what nobody asked for
    ended = time_ns()
    span = trace.get_tracer(__name__).start_span(
        f"SQL {name_of(query.query)}",
        kind=trace.SpanKind.CLIENT,
        attributes={"db.system.name": "postgresql", "db.query.summary": name_of(query.query)},
        start_time=ended - int(query.elapsed * SECOND),
    )
    if query.exception is not None:
        span.set_attribute("error.type", type(query.exception).__name__)
        span.set_status(trace.StatusCode.ERROR)
    span.end(ended)
