"""A part between two cases in a real Postgres: no transaction spans their acts, and one case alone takes it over."""

import asyncio
from typing import Any

import pytest

from activities import store
from activities.record import Answer, Records
from activities.store import Connection, Pool
from domain.messages import Recorded
from tests.store import asked, check_whole, correct, opening, reference, refusal, suspend


async def opened(records: Records, person: str) -> str:
    """A case about one officer A."""
    name = reference()
    answer = await records.open_case(opening(name, officers=[{"officer": "A", "person": person}]))
    assert answer.refusal is None
    return name


@pytest.fixture
async def giving(records: Records) -> str:
    """A case whose officer was suspended."""
    name = await opened(records, "person-a")
    assert (await records.record(suspend(name))).refusal is None
    return name


@pytest.fixture
async def taking(records: Records) -> str:
    return await opened(records, "person-z")


async def hand_over(records: Records, giving: str, to: str) -> Answer:
    return await records.record(asked(giving, f"give {to}", "hand_over_officer", officer="A", to=to))


async def take_over(records: Records, taking: str, giving: str, command_id: str = "take") -> Answer:
    return await records.record(asked(taking, command_id, "take_over_officer", from_case=giving, was="A"))


async def test_of_two_at_once_one_takes_a_part_over(records: Records, pool: Pool, giving: str, taking: str) -> None:
    third = await opened(records, "person-y")
    assert (await hand_over(records, giving, taking)).refusal is None
    answers = await asyncio.gather(
        *(take_over(records, taking, giving, f"take-{n}") for n in range(4)), take_over(records, third, giving)
    )
    told = [each.refusal.code if each.refusal else "" for each in answers]
    assert sorted(told) == ["", "already_done", "already_done", "already_done", "out_of_order"]
    assert told[-1] == "out_of_order"
    taken = [event for event in await check_whole(pool, taking) if event.type == "officer_taken_over"]
    assert len(taken) == 1


async def test_a_part_that_is_handed_over_to_two_cases_at_once_goes_to_one(
    records: Records, pool: Pool, giving: str, taking: str
) -> None:
    third = await opened(records, "person-y")
    answers = await asyncio.gather(hand_over(records, giving, taking), hand_over(records, giving, third))
    assert sorted(each.refusal.code if each.refusal else "" for each in answers) == ["", "wrong_stage"]
    assert sum(event.type == "officer_handed_over" for event in await check_whole(pool, giving)) == 1


async def test_what_was_handed_over_to_the_wrong_case_is_handed_back(
    records: Records, pool: Pool, giving: str, taking: str
) -> None:
    """docs/operator.md says that it is: nothing of a handing over can be voided."""
    assert (await hand_over(records, giving, taking)).refusal is None
    assert (await take_over(records, taking, giving)).refusal is None
    back = asked(taking, "back", "hand_over_officer", officer="B", to=giving)
    assert (await records.record(back)).refusal is None
    again = asked(giving, "again", "take_over_officer", from_case=taking, was="B")
    assert (await records.record(again)).refusal is None
    for name in (giving, taking):
        await check_whole(pool, name)
    rows = await pool.fetch("SELECT reference, officer, person FROM reporting.restrictions WHERE person = 'person-a'")
    assert [tuple(row) for row in rows if row["reference"] in (giving, taking)] == [(giving, "B", "person-a")]


async def test_what_is_corrected_while_a_part_is_taken_over_is_corrected_before_or_after(
    records: Records, pool: Pool, giving: str, taking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A correction that is recorded first is taken over; who sees it there before the part has gone can rely on it."""
    assert (await hand_over(records, giving, taking)).refusal is None
    imposed = next(each.version for each in await store.events(pool, giving) if each.type == "restriction_imposed")
    read, correcting = store.read_events, list[asyncio.Task[Answer]]()

    async def read_and_correct(connection: Connection, stream: str, *span: Any) -> list[Recorded]:
        found = await read(connection, stream, *span)
        if stream == giving and not correcting:
            correcting.append(asyncio.create_task(records.record(correct(giving, imposed))))
            await asyncio.wait(correcting, timeout=0.5)
        return found

    monkeypatch.setattr(store, "read_events", read_and_correct)
    taken = await take_over(records, taking, giving)
    assert taken.refusal is None and (await correcting[0]).refusal is None
    rows = await pool.fetch(
        "SELECT type, version FROM probity.event WHERE type = ANY($1) AND stream = ANY($2) ORDER BY position",
        ["officer_taken_over", "record_corrected"],
        [giving, taking],
    )
    assert [row["type"] for row in rows] == ["officer_taken_over", "record_corrected"]
    (came,) = (event for event in taken.told if event.type == "officer_taken_over")
    assert came.data["version"] == rows[1]["version"] - 1
    await check_whole(pool, giving)
    await check_whole(pool, taking)


async def test_two_cases_that_take_each_other_s_part_over_at_once_do_not_wait_for_each_other(
    records: Records, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await opened(records, "person-x"), await opened(records, "person-y")
    for giving, taking in ((one, two), (two, one)):
        assert (await hand_over(records, giving, taking)).refusal is None
    hold = store.hold

    async def hold_and_wait(connection: Connection, stream: str) -> bool:
        held = await hold(connection, stream)
        await asyncio.sleep(0.2)
        return held

    monkeypatch.setattr(store, "hold", hold_and_wait)
    answers = await asyncio.gather(take_over(records, one, two), take_over(records, two, one))
    assert [each.refusal for each in answers] == [None, None]
    for name in (one, two):
        await check_whole(pool, name)


async def test_a_case_that_is_no_reference_is_refused_and_not_waited_for(records: Records, taking: str) -> None:
    for wrong in ("no reference", 7, None, "\x00"):
        assert refusal(await take_over(records, taking, wrong))[0] == "malformed"  # type: ignore[arg-type]
