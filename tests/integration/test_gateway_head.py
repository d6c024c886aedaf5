"""HEAD over a gateway on a port: what GET answers without its body, and nothing is read or followed for it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from activities.store import Pool
from activities.text import reads
from integration.gateway import openapi
from tests.gateway import authority, intake, referred, served

STREAM = "/events/stream"
GOTTEN = sorted(path for path, methods in openapi()["paths"].items() if "get" in methods and path != STREAM)
PLAIN = ["/", "/docs", "/docs/", "/docs/page.js", "/openapi.json", "/nowhere"]
PASSING = ("date", "x-request-id")
WHY = {"Probity-Purpose": "To decide on the report."}


@pytest.fixture
async def caller(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client of the gateway over a socket, as a load balancer is: in one process nobody leaves the body out."""
    async with served(app) as address, AsyncClient(base_url=address, timeout=30) as client:
        yield client


@pytest.mark.parametrize("path", [*GOTTEN, *PLAIN])
async def test_it_is_answered_wherever_get_is_with_the_same_headers(
    http: AsyncClient, caller: AsyncClient, path: str
) -> None:
    at = path.format(reference=await referred(http), deadline="no/such")
    gotten, headed = [await caller.request(method, at, headers=authority()) for method in ("GET", "HEAD")]
    told = [{name: value for name, value in each.headers.items() if name not in PASSING} for each in (gotten, headed)]
    assert (headed.status_code, headed.content, told[1]) == (gotten.status_code, b"", told[0])
    if tag := gotten.headers.get("etag"):
        assert headed.headers["etag"] == tag
        assert (await caller.head(at, headers=authority(**{"If-None-Match": tag}))).status_code == 304


async def test_no_text_is_opened_for_it_and_no_reading_is_recorded(
    http: AsyncClient, caller: AsyncClient, pool: Pool
) -> None:
    ref = await referred(http)
    sealed = (await caller.get(f"/cases/{ref}/events", headers=intake())).headers["etag"]
    for path in (f"/cases/{ref}/events", "/events"):
        headed = await caller.head(path, headers=intake(**WHY, **{"If-None-Match": sealed}))
        assert headed.status_code == 200 and not {"etag", "content-length"} & set(headed.headers)
        assert (await caller.head(path, headers=authority(**WHY))).status_code == 403  # as it is for GET
    assert await reads.readings(pool, ref) == []


async def test_of_the_feed_that_is_followed_it_ends_at_once(caller: AsyncClient) -> None:
    async with asyncio.timeout(10):
        headed = await caller.head(STREAM, headers=authority())
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers["content-type"].startswith("text/event-stream") and "content-length" not in headed.headers
    assert (await caller.head(STREAM, params={"after": "x"}, headers=authority())).status_code == 400


async def test_what_is_told_is_not_told_by_it(caller: AsyncClient) -> None:
    headed = await caller.head("/cases/X-2020-0001/commands/assess_referral", headers=authority())
    assert (headed.status_code, headed.headers["allow"]) == (405, "POST")


async def test_the_log_names_it_with_its_route(caller: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "probity.gateway")
    await caller.head("/cases/X-2020-0001", headers=authority())
    (line,) = [each for each in caplog.records if each.name == "probity.gateway"]
    assert line.getMessage().startswith("HEAD /cases/{reference} for appropriate_authority-1: 404")
