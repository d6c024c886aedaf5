"""One trace from the caller through workflow and activity to SQL, sent over HTTP as a collector receives it."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from activities.store import Pool
from deploy.embedded import Stack
from deploy.part import part
from tests.engine import act, reference, referral, suspension
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


ROUTE = "POST /cases/{reference}/commands/assess_referral"
HTTP_TRACE, HTTP_PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


async def over_http(environment: Mapping[str, str], folder: Path, ref: str) -> None:
    """A command by a gateway of its own, from a caller whose span a header names."""
    served = {**environment, "PROBITY_MASTER_KEYS": str(folder / "master-keys")}
    body = json.dumps(act("appropriate_authority", datetime.now(UTC), kind="voluntary", reasons=SECRET))
    headers = {"Content-Type": "application/json", "Idempotency-Key": "over-http"}
    headers["traceparent"] = f"00-{HTTP_TRACE}-{HTTP_PARENT}-01"
    async with part("gateway", served, "integration.gateway", "--development") as (_, url):
        assert (await asyncio.to_thread(urlopen, f"{url}/cases?force=Jane-Roe", timeout=60)).status == 200
        request = Request(f"{url}/cases/{ref}/commands/assess_referral", body.encode(), headers)
        answer = await asyncio.to_thread(urlopen, request, timeout=60)
        assert answer.status == 200


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
        await over_http(environment, tmp_path, ref)
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
    (asked,) = (span for span in spans if span.trace_id.hex() == HTTP_TRACE and span.name.startswith("POST "))
    assert (asked.name, asked.parent_span_id.hex()) == (ROUTE, HTTP_PARENT)
    told = {each.key: each.value.string_value or each.value.int_value for each in asked.attributes}
    assert told == {"http.request.method": "POST", "http.route": ROUTE[5:], "http.response.status_code": 200}
    trace = {span.span_id: span for span in spans if span.trace_id == asked.trace_id and span is not asked}
    trace[asked.parent_span_id] = mine  # stands for the caller, who sends no spans here
    trace[asked.span_id] = asked
    (appended,) = (span for span in trace.values() if span.name == "SQL append_with_keys")
    assert above(appended)[1:6] == [
        "RunActivity:record",
        "StartActivity:record",
        "HandleUpdate:assess_referral",
        "StartWorkflowUpdate:assess_referral",
        ROUTE,
    ]
    assert logged[0]["trace_id"] == mine.trace_id.hex()
    kept = "SELECT trace_context FROM probity.event WHERE stream = $1 AND command = 'impose_restriction'"
    traced = await pool.fetch(kept, ref)
    assert traced and all(row["trace_context"]["traceparent"].split("-")[1] == mine.trace_id.hex() for row in traced)
    assert all(word not in str(spans) for word in SECRET.rstrip(".").split()[-2:])
