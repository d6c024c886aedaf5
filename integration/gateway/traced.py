"""A span for each request (OpenTelemetry), under the caller's where `traceparent` names one.

It tells the method, the template of the route and the status. The path, the query and the headers tell of cases and
people, and are left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import Scope

__all__ = ["answered", "spanned"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")  # a caller may make up others, and say a lot so
FAULT = 500  # the status from which on the fault is ours


@contextmanager
def spanned(scope: Scope) -> Iterator[trace.Span]:
    """From the arrival of a request to its end; of no cost while nobody traces."""
    above = TraceContextTextMapPropagator().extract({"traceparent": Headers(scope=scope).get("traceparent", "")})
    method = scope["method"] if scope["method"] in METHODS else "_OTHER"
    with trace.get_tracer(__name__).start_as_current_span(
        method,
        above,
        trace.SpanKind.SERVER,
        {"http.request.method": method},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield span


def answered(span: trace.Span, scope: Scope, status: int) -> None:
    """How it ended; no status where the caller left first."""
    if route := getattr(scope.get("route"), "path", None):
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    if status:
        span.set_attribute("http.response.status_code", status)
    if status >= FAULT:
        span.set_status(trace.StatusCode.ERROR)
