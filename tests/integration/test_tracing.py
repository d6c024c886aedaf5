"""One trace from the caller through workflow and activity to SQL, sent over HTTP as a collector receives it."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from activities.store import Pool
from deploy.embedded import Stack
from tests.engine import reference, referral, suspension
from tests.integration.test_observability import CHECKOUT, serving

CALLER = """
import asyncio, json, sys
from opentelemetry import trace
from domain.errors import Refused
from integration.client import Probity
from integration.settings import Settings

async def main(ref, *bodies):
    async with Probity.connect(Settings.from_environment()) as probity:
        with trace.get_tracer("caller").start_as_current_span("caller"):
            for body in bodies:
                try:
                    await probity.do(ref, "impose_restriction", json.loads(body))
                except Refused as refused:
                    print(refused)

asyncio.run(main(*sys.argv[1:]))
"""
SECRET = "Said of Jane Roe."


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Any]]]:
    """Where a collector listens, and the spans that came to it."""
    spans: list[Any] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            spans.extend(span for each in request.resource_spans for scope in each.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *told: object) -> None:
            """Nothing: the tests look at the spans."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", spans
        server.shutdown()


async def test_one_trace_goes_from_the_caller_to_sql_and_quotes_nobody(
    stack: Stack, database_url: str, pool: Pool, tmp_path: Path, collector: tuple[str, list[Any]]
) -> None:
    endpoint, spans = collector
    environment = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "TEMPORAL_NAMESPACE": stack.namespace,
        "PROBITY_TASK_QUEUE": f"probity-{uuid4()}",
        "PROBITY_CACHED_CASES": "0",  # every task replays the case, and no span is told twice
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
    }
    ref = reference()
    async with serving(environment, tmp_path / "log") as served:
        await served.probity.refer(referral(ref))
        body = json.dumps({**suspension(datetime.now(UTC)), "reasons": SECRET})
        caller = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CALLER, ref, body, body), cwd=CHECKOUT, env={**os.environ, **environment}, stdout=-1
        )
        refusal, _ = await caller.communicate()
        assert caller.returncode == 0 and b"already on suspension" in refusal
        logged = [each for each in served.logged() if each.get("command") == "impose_restriction"]
    mine = next(span for span in spans if span.name == "caller")  # both processes have ended, and sent what they had
    trace = {span.span_id: span for span in spans if span.trace_id == mine.trace_id}

    def above(span: Any) -> list[str]:
        return [span.name, *above(trace[span.parent_span_id])] if span.parent_span_id else [span.name]

    appended = [span for span in trace.values() if span.name == "SQL append"]
    assert [above(span) for span in appended] == [
        [
            "SQL append",
            "RunActivity:record",
            "StartActivity:record",
            "HandleUpdate:impose_restriction",
            "StartWorkflowUpdate:impose_restriction",
            "caller",
        ]
    ]
    assert logged[0]["trace_id"] == mine.trace_id.hex()
    kept = "SELECT trace_context FROM probity.event WHERE stream = $1 AND command = 'impose_restriction'"
    traced = await pool.fetch(kept, ref)
    assert traced and all(row["trace_context"]["traceparent"].split("-")[1] == mine.trace_id.hex() for row in traced)
    assert all(word not in str(spans) for word in SECRET.rstrip(".").split()[-2:])
