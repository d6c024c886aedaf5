"""OpenTelemetry traces from the caller through workflow and activity to SQL, for who names a collector.

Off unless `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set; every setting is
OpenTelemetry's own. A program that has a tracer provider of its own keeps it, and its spans go on into the engine's.
What is needed only then is imported only then: half a second of the command line's start.
"""

import os

from opentelemetry import trace
from temporalio.plugin import SimplePlugin

from activities import traces

__all__ = ["plugins", "start"]

COLLECTOR = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def start() -> None:
    """Trace from now on, if a collector is named and nobody traces yet. Before connections are made."""
    if traces.asked_for() or not any(os.environ.get(name) for name in COLLECTOR):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from temporalio.contrib.opentelemetry import create_tracer_provider

    from integration.observability.spans import Discreet

    provider = create_tracer_provider(resource=Resource({"service.name": "probity"}).merge(Resource.create()))
    provider.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)


def plugins() -> list[SimplePlugin]:
    """What a Temporal client is given, and a worker takes from it, so that a trace goes on where a command goes."""
    if not traces.asked_for():
        return []
    from temporalio.contrib.opentelemetry import OpenTelemetryPlugin

    # Experimental in the SDK; its predecessor, TracingInterceptor, only links the spans of an Update to its caller's.
    return [OpenTelemetryPlugin(add_temporal_spans=True)]
