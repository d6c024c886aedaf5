"""Every reader meets a case that cannot be read as it should: it says so by its code, and the other cases go on."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient
from typer.testing import CliRunner

from activities import feed, store
from activities.feed import START, Cursor
from activities.proof import whole
from activities.record import Load, PassTime, Records
from activities.reporting import duplicates
from activities.reporting.rebuild import differing, rebuild
from activities.store import Pool
from activities.text import retention
from activities.text.opening import Readable
from deploy.embedded import Stack
from domain.errors import ProbityError, Unreadable
from domain.hindsight import View
from integration.cli.main import app
from integration.client import Probity
from integration.export import export
from integration.settings import Settings
from tests.acceptance.test_cli import cli
from tests.gateway import authority, problem, referred
from tests.integration.test_retention import PERIODS, departed
from tests.store import NOW, ONE, act, opening, reference

SECRET = "Alice Example"
BROKEN = {
    "an unknown type": ("type = 'of_tomorrow'", "of a type that this release does not know"),
    "a later version": ("schema_version = 99", "has version 99, which is later than this release"),
    "data that does not fit": (f"""data = '{{"name": "{SECRET}"}}'""", "does not fit its type"),
    "an act upon nobody": (
        f"""type = 'allegation_withdrawn', data = '{{"allegation": "99", "reasons": "{SECRET}"}}'""",
        "one does not follow",
    ),
    "no data": (f"""data = '["{SECRET}"]'""", "a column holds what no event of this release holds"),
    "data that is too deep": (
        "data = (repeat('[', 300) || repeat(']', 300))::jsonb",
        "a column holds what no event of this release holds",
    ),
    "a number that is too long": (
        """data = ('{"x": 1' || repeat('0', 5000) || '}')::jsonb""",
        "a column holds what no event of this release holds",
    ),
    "an unknown role": ("actor_role = 'of_tomorrow'", "a column holds what no event of this release holds"),
}
ROWS = (
    "no data",
    "an unknown role",
    "data that is too deep",
    "a number that is too long",
)  # these cannot be shown even as they were recorded


async def change(owner_url: str, ref: str, what: str) -> None:
    """As the owner of the database can, or a later release beside this one."""
    owner = await asyncpg.connect(owner_url)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("ALTER TABLE probity.event DROP CONSTRAINT IF EXISTS in_form")
    await owner.execute(f"UPDATE probity.event SET {what} WHERE stream = $1 AND version = $2", ref, ONE)
    await owner.execute("UPDATE probity.stream SET snapshot = NULL WHERE stream = $1", ref)
    await owner.close()


async def mended(owner_url: str, ref: str, kept: dict[str, Any]) -> None:
    owner = await asyncpg.connect(owner_url)
    await owner.execute("SET session_replication_role = replica")
    back = "UPDATE probity.event SET type = $3, schema_version = $4, data = $5, actor_role = $6 "
    await owner.execute(f"{back} WHERE stream = $1 AND version = $2", ref, ONE, *kept.values())
    await owner.close()


@pytest.fixture
async def cursor(pool: Pool) -> Cursor:
    """The end of the feed before the test."""
    place = START
    while (found := await feed.page(pool, place)).events:
        place = found.cursor
    return place


@pytest.fixture(params=BROKEN)
async def broken(
    request: pytest.FixtureRequest, records: Records, owner_url: str, pool: Pool, cursor: Cursor
) -> AsyncIterator[tuple[str, str, str]]:
    """A case whose last event cannot be read: how it was changed, its reference, what is said of it."""
    ref, how = reference(), request.param
    assert (await records.open_case(opening(ref))).refusal is None
    await records.record(act(ref, "P2"))
    columns = (
        "SELECT type, schema_version, data::text, actor_role FROM probity.event WHERE stream = $1 AND version = $2"
    )
    owner = await asyncpg.connect(owner_url)
    kept = await owner.fetchrow(columns, ref, ONE)
    assert kept is not None
    what, said = BROKEN[how]
    await change(owner_url, ref, what)
    yield how, ref, said
    await mended(owner_url, ref, dict(kept))  # or no test after this one could rebuild
    await owner.close()
    assert await whole.verify(pool, ref) == []


def checked(how: str, ref: str, said: str, told: BaseException) -> None:
    """One sentence under its code, which names case and event, and quotes nothing that was recorded."""
    assert isinstance(told, ProbityError) and told.code == "unreadable"
    named = ref if how == "an act upon nobody" else f"Event {ONE} of case {ref}"
    assert said in str(told) and named in str(told) and SECRET not in str(told)


LOOKS: dict[str, Callable[[Pool, Records, str], Awaitable[object]]] = {
    "the case": lambda pool, records, ref: store.load(pool, ref),
    "an act": lambda pool, records, ref: records.record(act(ref, "P3")),
    "time": lambda pool, records, ref: records.enforce_deadlines(PassTime(stream=ref, until=NOW, known=1, now=NOW)),
    "what a workflow resumes from": lambda pool, records, ref: records.load_case(Load(stream=ref)),
}


async def test_who_asks_for_the_case_is_told_and_others_go_on(
    broken: tuple[str, str, str], pool: Pool, records: Records
) -> None:
    _, ref, _ = broken
    for look in LOOKS.values():
        with pytest.raises(Unreadable) as told:
            await look(pool, records, ref)
        checked(*broken, told.value)
    faults = await whole.verify(pool, ref)
    assert faults and SECRET not in str(faults) and all(str(ONE) in each for each in faults)
    other = reference()
    assert (await records.open_case(opening(other))).refusal is None


async def test_another_day_of_it_is_told_so_and_its_events_are_shown_as_recorded(
    broken: tuple[str, str, str], probity: Probity, pool: Pool
) -> None:
    how, ref, _ = broken
    with pytest.raises(Unreadable) as told:
        await probity.case(ref, View(as_known=datetime.now(UTC)))
    checked(*broken, told.value)
    if how in ROWS:
        for look in (probity.events(ref), export(pool, ref)):
            with pytest.raises(Unreadable) as told:
                await look
            checked(*broken, told.value)
    else:
        assert (await probity.events(ref))[-1].version == ONE
        assert await export(pool, ref)


async def test_the_feed_tells_what_comes_before_and_says_how_to_go_on(
    broken: tuple[str, str, str], cursor: Cursor, pool: Pool, records: Records
) -> None:
    how, ref, _ = broken
    other = reference()
    assert (await records.open_case(opening(other))).refusal is None
    lines, _ = await anext(feed.lines(pool, cursor))
    for read in (feed.page, feed.entries):
        found = await read(pool, cursor)
        events = [(each.stream, each.version) for each, _ in found.events if isinstance(each, Readable)]
        if how not in ROWS:
            assert len(events) == len(lines) and (ref, ONE) in events and (other, 1) in events
            assert found.stopped is None
            continue
        assert events == [(ref, version) for version in range(1, ONE)] and found.stopped
        checked(*broken, found.stopped)
        with pytest.raises(Unreadable) as told:
            await read(pool, found.cursor)
        checked(*broken, told.value)
        beyond = Cursor.read(str(told.value).rpartition(" ")[2].rstrip("."))
        assert {each.stream for each, _ in (await feed.page(pool, beyond)).events} == {other}


async def test_who_follows_the_feed_is_told_at_once_what_stops_it(
    broken: tuple[str, str, str], cursor: Cursor, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    how, ref, _ = broken
    monkeypatch.setattr(feed, "LOOK", 600)
    for follow in (feed.follow, feed.follow_entries):
        told, following = list[tuple[str, int]](), follow(pool, cursor)
        if how not in ROWS:
            assert [(await anext(following))[0] for _ in range(ONE)]
            continue
        with pytest.raises(Unreadable) as stopped:
            async with asyncio.timeout(30):
                async for each, _ in following:
                    assert isinstance(each, Readable)
                    told.append((each.stream, each.version))
        assert told == [(ref, version) for version in range(1, ONE)]
        checked(*broken, stopped.value)


@pytest.mark.parametrize("broken", ["an unknown type", "no data"], indirect=True)
async def test_the_command_line_prints_what_comes_before_and_ends_with_the_refusal(
    broken: tuple[str, str, str], cursor: Cursor, settings: Settings
) -> None:
    """As every refusal is told; `--limit` is kept, and the cursor in the sentence leads past the row."""
    how, ref, said = broken
    environment = {"DATABASE_URL": settings.database_url, "TEMPORAL_ADDRESS": settings.temporal_address}
    for more in ((), ("--checkpoints",)):
        ended = await cli(environment, "feed", "--after", str(cursor), *more)
        versions = [json.loads(line)["version"] for line in ended.out.splitlines()]
        if how not in ROWS:
            assert (ended.code, ended.err, versions) == (0, "", list(range(1, ONE + 1)))
            continue
        assert versions == list(range(1, ONE))
        replace(ended, out="").refused("unreadable", 3)
        assert f"Event {ONE} of case {ref}" in ended.err and said in ended.err and SECRET not in ended.err
        beyond = ended.err.rpartition(" ")[2].strip().rstrip(".")
        past = await cli(environment, "feed", "--after", beyond, *more)
        assert (past.code, past.out) == (0, "")
        full = await cli(environment, "feed", "--after", str(cursor), "--limit", str(ONE - 1), *more)
        where_to_go_on = f"There may be more: probity feed --after {json.loads(full.out.splitlines()[-1])['cursor']}\n"
        assert (full.code, len(full.out.splitlines()), full.err) == (0, ONE - 1, where_to_go_on)


async def test_over_all_cases_it_is_named_and_the_others_are_told(
    broken: tuple[str, str, str], pool: Pool, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    _, ref, said = broken
    assert ref in await differing(pool)
    with pytest.raises(Unreadable, match=f"Case {ref} cannot be read whole, and nothing was changed"):
        await rebuild(pool)
    one, other = reference(), reference()
    for each in (one, other):
        assert (await records.open_case(opening(each))).refusal is None
    for compared in (await duplicates.of_case(pool, await store.load(pool, one)), await duplicates.every(pool)):
        alike = {like.reference for _, like in compared.alike}
        assert {one, other} & alike and ref not in alike
        assert any(said in sentence for sentence in compared.unread)
    assert ref in caplog.text and said in caplog.text and SECRET not in caplog.text


@pytest.mark.parametrize("broken", ["no data"], indirect=True)
async def test_a_stream_ends_at_it_and_who_connects_again_is_told_why(
    broken: tuple[str, str, str], cursor: Cursor, records: Records, http: AsyncClient
) -> None:
    _, ref, said = broken
    assert (await records.open_case(opening(reference()))).refusal is None
    async with asyncio.timeout(20):
        stream = await http.get("/events/stream", params={"after": str(cursor)}, headers=authority())
    told = [json.loads(line) for line in re.findall("^data: (.*)$", stream.text, re.MULTILINE)]
    assert [(each["stream"], each["version"]) for each in told] == [(ref, version) for version in range(1, ONE)]
    last = re.findall("^id: (.*)$", stream.text, re.MULTILINE)[-1]
    again = await http.get("/events/stream", headers=authority(**{"Last-Event-ID": last}))
    assert problem(again) == (503, "unreadable") and said in again.json()["detail"]


@pytest.mark.parametrize("broken", ["an unknown type"], indirect=True)
async def test_duplicates_are_listed_and_whoever_could_not_be_compared_is_named(
    broken: tuple[str, str, str], records: Records, stack: Stack, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ref, said = broken
    one, other = reference(), reference()
    for each in (one, other):
        assert (await records.open_case(opening(each))).refusal is None
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", stack.temporal_address)
    for verb in (["duplicates"], ["duplicates", one]):
        told = await asyncio.to_thread(CliRunner().invoke, app, verb)
        assert told.exit_code == 1 and f"unreadable: Event {ONE} of case {ref}" in told.stdout
        data = json.loads((await asyncio.to_thread(CliRunner().invoke, app, [*verb, "--json"])).stdout)
        assert {one, other} & {each["reference"] for each in data["duplicates"]} and said in data["unread"][0]


async def test_an_open_case_that_cannot_be_read_holds_back_what_is_due_and_a_closed_one_is_named(
    broken: tuple[str, str, str], pool: Pool, records: Records, owner_url: str
) -> None:
    said = broken[2]
    closed = [await departed(records) for _ in range(2)]
    due = await retention.proposals(pool, PERIODS, date(2055, 1, 1))
    held = [each.held for each in due.proposals if each.review.case in closed]
    assert held and all(any(said in why for why in each) for each in held)
    assert len(due.unread) == 1 and said in due.unread[0]
    owner = await asyncpg.connect(owner_url)
    await owner.execute("SET session_replication_role = replica")
    spoil = "UPDATE probity.event SET type = $2 WHERE stream = $1 AND version = 2"
    kind = await owner.fetchval("SELECT type FROM probity.event WHERE stream = $1 AND version = 2", closed[0])
    await owner.execute("UPDATE probity.stream SET snapshot = NULL WHERE stream = $1", closed[0])
    await owner.execute(spoil, closed[0], "of_tomorrow")
    due = await retention.proposals(pool, PERIODS, date(2055, 1, 1))
    await owner.execute(spoil, closed[0], kind)
    await owner.close()
    assert closed[1] in {each.review.case for each in due.proposals} and len(due.unread) == 2
    assert any(closed[0] in sentence for sentence in due.unread)


async def test_the_gateway_and_the_watch_say_so_and_serve_the_others(
    broken: tuple[str, str, str], http: AsyncClient, probity: Probity
) -> None:
    _, ref, said = broken
    for path in ("", "/events", "/deadlines", "/next"):
        answer = await http.get(f"/cases/{ref}{path}", headers=authority())
        assert problem(answer) == (503, "unreadable") and said in answer.json()["detail"] and SECRET not in answer.text
    other = await referred(http)  # about the same people
    assert (await http.get(f"/cases/{other}", headers=authority())).status_code == 200
    assert await probity.resume(ref, other) == ([], [ref])
    report = await probity.watch(repair=False)
    assert ref in report.silent.first and other not in str(report.silent) and not report.well
