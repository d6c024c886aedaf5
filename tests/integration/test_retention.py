"""Retention on a real Postgres: what is due is listed and stays; what a person decides is in the record."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

import pytest

from activities import reading, store
from activities.record import Act, Records
from activities.reporting import duplicates, rebuild
from activities.sql import sql
from activities.store import Pool
from activities.text import erasure, retention
from activities.text.retention import Proposal
from deploy.roles import FEED, as_role
from domain.erasure import EVERYONE
from domain.errors import Malformed, NotFound, NotPermitted, OutOfOrder, Stale, Unavailable
from domain.messages import Actor
from domain.regimes.retention import Period, every_rule
from domain.retention import OpenCases
from domain.state import Case
from domain.vocabulary import Role
from integration.keeper import Keeper
from integration.verify import tell as chronology
from tests.engine import RING
from tests.integration.test_erasure import KEEPER_OF_RECORD, READER, WHY, about
from tests.store import AUTHORITY, NOW, check_whole, opening, reference

PERIODS = [Period(rule=rule.id, months=12, source="Schedule 7") for rule in every_rule()]
TOO_EARLY, DUE, LATER = date(2021, 8, 3), date(2055, 1, 1), date(2056, 1, 1)


@pytest.fixture
async def ref(records: Records) -> str:
    return await departed(records)


async def departed(records: Records, person: str = "") -> str:
    """A closed case about two officers with text of their own, both of whom have died."""
    name = reference()
    assert (await records.open_case(about(name, person or f"p-{name.lower()}"))).refusal is None
    for officer in "AB":
        told = done(name, "record_departure", {"role": "clerk", "id": "clerk-1"}, officer=officer, departure="died")
        assert (await records.record(told)).refusal is None
    assert (await records.record(done(name, "close_case", AUTHORITY))).refusal is None
    return name


def done(name: str, command: str, actor: Any, **facts: Any) -> Act:
    body = {"actor": actor, "occurred_at": "2020-08-03T10:00:00Z", **facts}
    return Act(stream=name, command_id=f"{command}{facts}", command=command, body=body, known=0, now=NOW)


async def due(pool: Pool, ref: str, on: date = DUE) -> list[Proposal]:
    return [each for each in (await retention.proposals(pool, PERIODS, on)).proposals if each.review.case == ref]


async def test_what_is_due_is_listed_by_who_may_only_read_and_nothing_is_erased(
    pool: Pool, owner_url: str, ref: str
) -> None:
    reader = await store.open_pool(as_role(owner_url, FEED))
    before = await check_whole(pool, ref)
    (whole,) = await due(reader, ref)
    assert (whole.review.person, whole.held) == (EVERYONE, ())
    assert not await due(reader, ref, TOO_EARLY) and await retention.proposals(reader, [], DUE) == ([], [])
    assert await check_whole(pool, ref) == before
    assert "«" not in str([each.data for each in await reading.events(pool, READER, ref)])
    await reader.close()


async def test_an_open_case_about_the_same_person_holds_it_back(records: Records, pool: Pool, ref: str) -> None:
    other = reference()
    await records.open_case(opening(other, officers=[{"officer": "A", "person": f"p-{ref.lower()}"}], parties=[]))
    held = {each.review.person: each.held for each in await due(pool, ref)}
    assert set(held) == {f"p-{ref.lower()}", f"p-{ref.lower()}-b", EVERYONE}  # the last is listed with what holds it
    assert all(any(other in why for why in whys) for whys in held.values()), held  # B's text is partly sealed with A's


async def test_open_cases_are_read_some_at_once_and_few_are_held(
    records: Records, pool: Pool, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, held, alone = f"p-{ref.lower()}", list[int](), list[str]()
    others = [reference() for _ in range(5)]
    for name in others:
        await records.open_case(opening(name, officers=[{"officer": "A", "person": person}], parties=[]))
    spoiled, stale, dropped = others[:3]  # of these there is no snapshot to go by
    update = "UPDATE probity.stream SET {} WHERE stream = $1"
    await pool.execute(update.format("snapshot = '{\"officers\": 1}'"), spoiled)
    await pool.execute(update.format("snapshot_code = sha256('')"), stale)
    await pool.execute(update.format("snapshot = NULL, snapshot_version = NULL"), dropped)
    load, of = store.load, OpenCases.of

    async def loading(pool: Pool, name: str) -> Case:
        alone.append(name)
        return await load(pool, name)

    def of_some(cases: list[Case]) -> OpenCases:
        held.append(len(cases))
        return of(cases)

    monkeypatch.setattr(store, "load", loading)
    monkeypatch.setattr(OpenCases, "of", of_some)
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    told = (await retention.against(pool, person, ref, DUE)).told
    assert {name for name in others for why in told if name in why} == set(others), told
    assert sorted(alone) == sorted([ref, spoiled, stale, dropped])
    assert max(held) <= 2


async def test_a_decision_to_keep_is_in_the_record_and_holds_it_back_until_its_day(
    pool: Pool, keeper: Pool, ref: str
) -> None:
    recorded = await retention.keep(keeper, ref, None, LATER, KEEPER_OF_RECORD, "A claim is pending.")
    assert (recorded.type, recorded.actor) == ("text_kept", KEEPER_OF_RECORD)
    held = await due(pool, ref)
    assert held and all("it was decided to keep it until 1 January 2056" in each.held[0] for each in held)
    (again,) = await due(pool, ref, LATER)
    assert not again.held
    last = (await check_whole(pool, ref))[-1]
    assert last.data == {"illustrative": False, "person": None, "until": "2056-01-01", "reasons": "A claim is pending."}
    assert "A claim is pending." in chronology(_as_exported(ref, last.version, last.model_dump(mode="json")))


def _as_exported(ref: str, version: int, event: dict[str, object]) -> dict[str, object]:
    return {"reference": ref, "version": version, "events": [event]}


async def test_what_is_decided_while_it_is_asked_what_holds_text_back_is_heeded(
    pool: Pool, keeper: Pool, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, person = retention.against, f"p-{ref.lower()}"

    async def and_then_keep(*told: Any) -> retention.Against:
        found = await asked(*told)
        await retention.keep(keeper, ref, None, LATER, KEEPER_OF_RECORD, "A claim is pending.")
        return found

    async def wake(_: Sequence[str]) -> None:
        raise AssertionError("nothing was erased")

    ours = Keeper(keeper, RING, wake)
    with monkeypatch.context() as meanwhile, pytest.raises(Stale, match=f"Case {ref} has moved"):
        meanwhile.setattr(retention, "against", and_then_keep)
        await ours.forget(person, ref, KEEPER_OF_RECORD, WHY)
    with pytest.raises(OutOfOrder, match="it was decided to keep it"):
        await ours.forget(person, ref, KEEPER_OF_RECORD, WHY)
    assert "text_erased" not in {event.type for event in await check_whole(pool, ref)}


@pytest.mark.parametrize("moved", [0, 1])
async def test_of_several_cases_those_that_could_be_done_are_told_and_woken(
    records: Records, pool: Pool, keeper: Pool, ref: str, moved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, person = retention.against, f"p-{ref.lower()}"
    cases = sorted([ref, await departed(records, person)])
    left, woken = cases.pop(moved), list[str]()

    async def and_then_keep(*told: Any) -> retention.Against:
        found = await asked(*told)
        await retention.keep(keeper, left, None, LATER, KEEPER_OF_RECORD, "A claim is pending.")
        return found

    async def wake(done: Sequence[str]) -> None:
        woken.extend(done)

    monkeypatch.setattr(retention, "against", and_then_keep)
    done = await Keeper(keeper, RING, wake).forget(person, None, KEEPER_OF_RECORD, WHY)
    assert [*done.cases] == [*done.about_the_case] == woken == cases
    assert [(each.case, each.code) for each in done.left] == [(left, "stale")]
    types = {name: {event.type for event in await check_whole(pool, name)} for name in (left, *cases)}
    assert [name for name in types if "text_erased" in types[name]] == cases


async def test_what_was_erased_again_is_woken_though_another_case_cannot_be_done(
    records: Records, pool: Pool, keeper: Pool, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, woken = erasure.forget_again, list[str]()
    (key,) = await pool.fetch("SELECT key FROM probity.text_key WHERE stream = $1 AND subject = $2", ref, EVERYONE)
    listed = erasure.Erasure(case=ref, person=None, keys=(key["key"],), reasons=WHY, by=KEEPER_OF_RECORD)

    async def but_one(pool: Pool, each: erasure.Erasure) -> bool:
        if each.case != ref:
            raise Unavailable("Postgres did not answer.")
        return await again(pool, each)

    async def wake(done: Sequence[str]) -> None:
        woken.extend(done)

    monkeypatch.setattr(erasure, "forget_again", but_one)
    with pytest.raises(Unavailable):
        await Keeper(keeper, RING, wake).forget_again([listed, listed.model_copy(update={"case": "OTHER"})])
    assert woken == [ref]


async def test_what_was_erased_is_not_proposed_again(pool: Pool, keeper: Pool, ref: str) -> None:
    person = f"p-{ref.lower()}"
    await erasure.forget(keeper, person, ref, KEEPER_OF_RECORD, WHY)
    assert person not in {each.review.person for each in await due(pool, ref)}
    with pytest.raises(NotFound):
        await retention.keep(keeper, ref, person, LATER, KEEPER_OF_RECORD, "Too late.")
    await erasure.forget(keeper, None, ref, KEEPER_OF_RECORD, WHY)
    assert await due(pool, ref) == []


async def test_who_may_not_decide_or_decides_nothing_is_refused(pool: Pool, keeper: Pool, ref: str) -> None:
    before = await check_whole(pool, ref)
    with pytest.raises(NotPermitted):
        await retention.keep(keeper, ref, None, LATER, Actor(role=Role.CHAIR, id="c-1"), "x")
    with pytest.raises(Malformed, match="still to come"):
        await retention.keep(keeper, ref, None, date(2020, 1, 1), KEEPER_OF_RECORD, "x")
    for case, person in ((ref, "nobody"), ("T-NO-SUCH-CASE", None)):
        with pytest.raises(NotFound):
            await retention.keep(keeper, case, person, LATER, KEEPER_OF_RECORD, "x")
    assert await check_whole(pool, ref) == before


LOOKS: dict[str, tuple[Any, Callable[[Pool], Awaitable[object]]]] = {
    "every_erasure": (erasure, erasure.erasures),
    "like_each_other": (duplicates, duplicates.every),
    "left_to_rebuild": (rebuild, rebuild.rebuild),
    "streams": (rebuild, rebuild.differing),
    "living_text": (retention, lambda pool: retention.proposals(pool, PERIODS, DUE)),
}


@pytest.mark.parametrize("statement", LOOKS)
async def test_a_look_over_every_case_takes_the_time_it_needs(
    pool: Pool, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unhurried = "1 / (current_setting('statement_timeout') = '5min')::integer = 1"
    where, look = LOOKS[statement]

    def asked_for(name: str) -> str:
        return f"SELECT * FROM (\n{sql(name)}) AS found WHERE {unhurried}" if name == statement else sql(name)

    monkeypatch.setattr(where, "sql", asked_for)
    await look(pool)
