"""The record in a real Postgres: what is answered, what is kept, what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from pydantic_core import to_json, to_jsonable_python
from temporalio.exceptions import ApplicationError

from activities import reading, room, store
from activities.proof import whole
from activities.record import MAX_BODY, Act, Load, Loaded, OpenCase, PassTime, Records
from activities.room import mark
from activities.store import Pool
from domain.errors import Unavailable, UnknownCase
from domain.investigation.facts import InterviewRecorded
from domain.messages import Actor
from domain.vocabulary import Role
from tests.kit import Given, moment, referred
from tests.store import (
    ADDED,
    NOW,
    ONE,
    OPENED,
    TWO,
    act,
    asked,
    check_whole,
    correct,
    opening,
    read_models,
    reference,
    refusal,
    suspend,
)

# --- open


async def test_a_case_is_opened_once_however_often_it_is_asked_for(records: Records, pool: Pool) -> None:
    name = reference()
    first = await records.open_case(opening(name))
    assert first.refusal is None and first.version == len(first.events) == OPENED
    assert await records.open_case(opening(name)) == first
    assert await records.open_case(opening(name, command_id="another-id")) == first
    assert tuple(await check_whole(pool, name)) == first.events


async def test_another_matter_does_not_get_the_reference(records: Records, pool: Pool, ref: str) -> None:
    answer = await records.open_case(opening(ref, force="force-2"))
    assert refusal(answer) == ("duplicate_reference", f"The reference {ref} is taken by another matter.")
    assert (answer.version, answer.events) == (0, ())
    await check_whole(pool, ref)


async def test_a_referral_that_is_refused_leaves_nothing(records: Records, pool: Pool) -> None:
    name = reference()
    conflicted = opening(name, actor={"role": "intake", "id": "person-a"})
    assert refusal(await records.open_case(conflicted))[0] == "conflict_of_interest"
    malformed = OpenCase(referral={"reference": name}, command_id="open", now=NOW)
    assert refusal(await records.open_case(malformed))[0] == "malformed"
    assert await pool.fetchval("SELECT count(*) FROM probity.stream WHERE stream = $1", name) == 0
    assert (await records.open_case(opening(name))).refusal is None


async def test_a_case_goes_on_after_it_was_told_again(records: Records, pool: Pool, ref: str) -> None:
    await records.record(act(ref, "P2"))
    again = await records.open_case(opening(ref))
    assert (again.version, len(again.events)) == (ONE, ONE)


# --- record


async def test_the_same_command_twice_is_recorded_once(records: Records, pool: Pool, ref: str) -> None:
    first = await records.record(act(ref, "P2", known=OPENED))
    assert first.refusal is None and [event.command_id for event in first.events] == ["P2"] * ADDED
    assert await records.record(act(ref, "P2", known=OPENED)) == first
    await records.record(act(ref, "P3", known=ONE))
    again = await records.record(act(ref, "P2", known=OPENED, expected=OPENED))
    assert (again.version, again.events[:ADDED]) == (TWO, first.events)  # and what the caller has not seen
    assert (await records.record(act(ref, "P2", known=TWO))).events == ()
    await check_whole(pool, ref)


async def test_the_same_command_in_other_words_is_the_same(records: Records, ref: str) -> None:
    first = await records.record(act(ref, "P2", known=OPENED))
    spelled = act(ref, "P2", known=OPENED, occurred_at="2020-08-01T11:00:00+01:00", illustrative=False)
    assert await records.record(spelled) == first


async def test_a_command_id_serves_one_act(records: Records, pool: Pool, ref: str) -> None:
    await records.record(act(ref, "P2"))
    answer = await records.record(act(ref, "P2", known=OPENED, kind="interested_person"))
    assert refusal(answer) == (
        "already_done",
        "This id or key was already used for another act, or with another date.",
    )
    assert (answer.version, len(answer.events)) == (ONE, ADDED)
    assert refusal(await records.record(act(ref, "open")))[0] == "already_done"
    await check_whole(pool, ref)


async def test_an_act_meant_for_another_version_is_stale(records: Records, pool: Pool, ref: str) -> None:
    assert (await records.record(act(ref, "P2", expected=OPENED))).refusal is None
    for expected in (OPENED, ONE + 1, 0):
        answer = await records.record(act(ref, "P3", known=OPENED, expected=expected))
        assert refusal(answer) == ("stale", f"Case {ref} is at version {ONE}, not {expected}.")
        assert (answer.version, len(answer.events)) == (ONE, ADDED)
    await check_whole(pool, ref)


async def test_there_is_no_such_case(records: Records, pool: Pool) -> None:
    name = reference()
    for answer in (
        await records.record(act(name, "P2")),
        await records.enforce_deadlines(PassTime(stream=name, until=NOW, known=0, now=NOW)),
    ):
        assert refusal(answer) == ("unknown_case", f"There is no case {name}.")
        assert (answer.version, answer.events) == (0, ())
    with pytest.raises(ApplicationError) as failed:
        await records.load_case(Load(stream=name))
    assert (failed.value.type, failed.value.non_retryable) == ("unknown_case", True)
    with pytest.raises(UnknownCase):
        await whole.verify(pool, name)
    assert await store.events(pool, name) == []


async def test_what_the_law_refuses_is_not_recorded(records: Records, pool: Pool, ref: str) -> None:
    answer = await records.record(act(ref, "P1", known=OPENED - 2))
    assert refusal(answer) == ("already_done", "There is a P1 in the case already.")
    assert (answer.version, [event.version for event in answer.events]) == (OPENED, [OPENED - 1, OPENED])
    assert refusal(await records.record(act(ref, "no-party", party="")))[0] == "malformed"
    await check_whole(pool, ref)


async def test_a_store_behind_its_caller_is_another_store(records: Records, ref: str) -> None:
    with pytest.raises(
        Unavailable, match="is at version 5 here, but its workflow has seen 6: this is another database"
    ):
        await records.record(act(ref, "P2", known=6))


NOT_THE_SAME = "The body contains a number that is not the same for every reader of JSON."


def deep(levels: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("command_id", "facts", "said"),
    [
        ("", {}, "The command id has to be 1 to 300 printable ASCII characters, without `#`."),
        ("x" * 301, {}, "The command id has to be 1 to 300 printable ASCII characters, without `#`."),
        ("id\x00", {}, "The command id has to be 1 to 300 printable ASCII characters, without `#`."),
        (" ", {}, "The command id is blank: it names nothing."),
        ("deadlines@5", {}, "Command ids that begin with 'deadlines@' are the engine's own."),
        ("big", {"party": "é" * (MAX_BODY // 2)}, "The body is larger than 256 KiB."),
        ("nul", {"rank": "\x00"}, "The body contains a character that cannot be stored."),
        ("nul-after-backslash", {"rank": "\\\x00"}, "The body contains a character that cannot be stored."),
        ("surrogate", {"rank": "\ud800"}, "The body contains a character that cannot be stored."),
        ("nested-nul", {"rank": {"a": ["\x00"]}}, "The body contains a character that cannot be stored."),
        ("surrogate-key", {"\udfff": 1}, "The body contains a character that cannot be stored."),
        ("large", {"rank": 2**53}, NOT_THE_SAME),
        ("small", {"rank": [{"a": -(2**53)}]}, NOT_THE_SAME),
        ("nan", {"rank": float("nan")}, NOT_THE_SAME),
        ("infinite", {"rank": float("-inf")}, NOT_THE_SAME),
        ("safe", {"rank": 2**53 - 1}, "add_party: rank: no such field."),
        ("huge", {"rank": 10**5000}, "The body cannot be written as JSON."),
        ("deep", {"rank": deep(100_000)}, "The body cannot be written as JSON."),
        *((f"deep-{n}", {"rank": deep(n)}, None) for n in range(300, 1500, 100)),
        ("deep-enough", {"rank": deep(100)}, "add_party: rank: no such field."),
        ("backslash", {"rank": "\\u0000"}, "add_party: rank: no such field."),
    ],
)
async def test_what_cannot_be_stored_is_refused_and_not_tried_for_ever(
    records: Records, pool: Pool, ref: str, command_id: str, facts: dict[str, Any], said: str | None
) -> None:
    code, sentence = refusal(await records.record(act(ref, command_id, **facts)))
    assert (code, sentence) == ("malformed", said or sentence)
    assert len(await check_whole(pool, ref)) == OPENED


# --- time


async def test_time_passes_however_large_the_case_has_grown(
    records: Records, pool: Pool, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = (await records.record(suspend(ref))).version
    monkeypatch.setattr(room, "MAX_GIVEN", 100)
    passed = PassTime(stream=ref, until=moment("2021-08-01"), known=version, now=NOW)
    answer = await records.enforce_deadlines(passed)
    assert answer.refusal is None
    assert {event.type for event in answer.events} >= {"deadline_missed"}
    await check_whole(pool, ref)


async def test_a_case_travels_packed_and_may_grow_for_years(
    records: Records, pool: Pool, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await records.record(suspend(ref))
    case = await store.load(pool, ref)
    monkeypatch.setattr(room, "MAX_CASE", len(to_json(case)) // 2)
    assert (await records.record(act(ref, "another"))).refusal is None
    loaded = await records.load_case(Load(stream=ref))
    assert len(loaded.model_dump_json(include={"case"})) < len(to_json(case)) // 2
    assert Loaded.model_validate_json(loaded.model_dump_json()).case == await store.load(pool, ref)
    assert Loaded.model_validate(loaded.model_dump()) == loaded  # as histories hold it that are older
    older = {**loaded.model_dump(exclude={"marks"}), "command_ids": ["open", "suspend", "another"]}
    assert Loaded.model_validate(older).given() == loaded.given() == {mark(each) for each in older["command_ids"]}
    monkeypatch.setattr(room, "MAX_CASE", 1000)
    code, sentence = refusal(await records.record(act(ref, "too-much")))
    assert code == "malformed" and "has grown beyond" in sentence


async def test_time_is_enforced_once(records: Records, pool: Pool, ref: str) -> None:
    version = (await records.record(suspend(ref))).version
    passed = PassTime(stream=ref, until=moment("2021-08-01"), known=version, now=NOW)
    first = await records.enforce_deadlines(passed)
    assert {event.type for event in first.events} >= {"deadline_missed"}
    assert {(event.command, event.command_id) for event in first.events} == {
        ("enforce_deadlines", f"deadlines@{version}")
    }
    assert {(event.actor.role, event.actor.id) for event in first.events} == {("system", "deadlines")}
    again = await records.enforce_deadlines(passed)
    assert first.now and again.now and again.now > first.now
    assert again.model_copy(update={"now": first.now}) == first
    quiet = passed.model_copy(update={"known": first.version})
    assert (await records.enforce_deadlines(quiet)).events == ()
    await check_whole(pool, ref)


async def test_events_are_dated_by_the_database(records: Records, pool: Pool, ref: str) -> None:
    before = await pool.fetchval("SELECT clock_timestamp()")
    (event, *_) = (await records.record(act(ref, "P2", known=OPENED))).events
    assert before < event.recorded_at < await pool.fetchval("SELECT clock_timestamp()")
    moments = [event.recorded_at for event in await store.events(pool, ref)]
    assert moments == sorted(moments)


async def test_a_rehearsal_is_dated_by_its_own_skipped_time(records: Records, pool: Pool) -> None:
    name, then = reference(), NOW + timedelta(days=3650)
    opened = await records.open_case(opening(name, clock="rehearsed"))
    assert {event.recorded_at for event in opened.events} == {NOW}
    later = act(name, "P2", known=OPENED, occurred_at=then.isoformat()).model_copy(update={"now": then})
    assert {event.recorded_at for event in (await records.record(later)).events} == {then}
    await check_whole(pool, name)


# --- the whole life of a case


def acts() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every act of an ordinary case from referral to closure, with a restriction, a stay and an appeal."""
    given: Given = referred(officers="A")
    path = [*referred().up_to("close_case").acts[:-1], "lodge_appeal", "decide_appeal", "close_case"]
    path[4:4] = ["impose_restriction", "review_restriction", "stay_proceedings", "resume_proceedings"]
    for name in [*path[:-3], "publish_outcome", *path[-3:]]:
        if name not in given.acts:
            body = given.body(name)
            given = given.when(name, **{k: v for k, v in body.items() if k not in ("actor", "occurred_at")})
            given.check_not_refused()
            yield name, to_jsonable_python(body)


async def test_read_models_follow_every_step_of_a_life(records: Records, pool: Pool) -> None:
    name = reference()
    version = (await records.open_case(opening(name, officers="A"))).version
    for number, (command, body) in enumerate(acts()):
        told = Act(stream=name, command_id=f"c{number}", command=command, body=body, known=version, now=NOW)
        answer = await records.record(told)
        assert answer.refusal is None, f"{command}: {answer.refusal}"
        version = answer.version
        assert len(await check_whole(pool, name)) == version
    assert (await records.load_case(Load(stream=name))).case.closed_at is not None
    assert await pool.fetchval("SELECT closed_at FROM probity.stream WHERE stream = $1", name) is not None
    links = await pool.fetch("SELECT DISTINCT correlation_id FROM probity.event WHERE stream = $1", name)
    assert [row["correlation_id"] for row in links] == [(await store.events(pool, name))[0].event_id]


async def test_what_another_release_published_is_published_whole(
    records: Records, pool: Pool, owner_url: str, ref: str
) -> None:
    """What it told otherwise, no fold of ours differs in: it would stay so for as long as the case goes on."""
    assert (await records.record(suspend(ref))).refusal is None
    owner = await asyncpg.connect(owner_url)
    await owner.execute("UPDATE reporting.register SET restricted = true WHERE reference = $1", ref)
    await owner.execute("UPDATE reporting.restrictions SET oral = NOT oral WHERE reference = $1", ref)
    await owner.execute("UPDATE probity.stream SET snapshot_code = 'another' WHERE stream = $1", ref)
    await owner.close()
    assert (await records.record(act(ref, "P2"))).refusal is None
    await check_whole(pool, ref)


# --- errors


async def test_a_correction_changes_what_came_before_it_everywhere(records: Records, pool: Pool, ref: str) -> None:
    suspended = await records.record(suspend(ref))
    imposed = next(event.version for event in suspended.events if event.type == "restriction_imposed")
    corrected = await records.record(correct(ref, imposed))
    assert corrected.refusal is None
    assert [event.type for event in corrected.told][-1] == "record_corrected"
    recorded = await check_whole(pool, ref)
    assert recorded[imposed - 1].type == "restriction_imposed"
    assert (await read_models(pool, ref))["restrictions"] == []
    assert (await records.record(correct(ref, imposed))).told == corrected.told
    assert (await records.record(suspend(ref).model_copy(update={"command_id": "again"}))).refusal is None
    await check_whole(pool, ref)


async def test_a_correction_is_read_from_the_first_event_when_the_snapshot_is_older(
    records: Records, pool: Pool, ref: str
) -> None:
    suspended = await records.record(suspend(ref))
    kept = await pool.fetchrow("SELECT snapshot, snapshot_version FROM probity.stream WHERE stream = $1", ref)
    assert kept is not None
    imposed = next(event.version for event in suspended.events if event.type == "restriction_imposed")
    await records.record(correct(ref, imposed))
    put_back = "UPDATE probity.stream SET snapshot = $2, snapshot_version = $3 WHERE stream = $1"
    await pool.execute(put_back, ref, kept["snapshot"], kept["snapshot_version"])
    assert (await store.load(pool, ref)).officers["A"].restriction is None
    assert (await records.record(act(ref, "after"))).refusal is None
    await check_whole(pool, ref)


async def test_an_officer_s_part_goes_on_in_another_case(records: Records, pool: Pool, ref: str) -> None:
    await records.record(suspend(ref))
    into = reference()
    officers = [{"officer": "A", "person": "person-z"}]
    assert (await records.open_case(opening(into, officers=officers))).refusal is None
    taking = asked(into, "take", "take_over_officer", from_case=ref, was="A")
    assert refusal(await records.record(taking))[0] == "out_of_order"
    nowhere = asked(into, "no", "take_over_officer", from_case="X-NOT-THERE", was="A")
    assert refusal(await records.record(nowhere))[0] == "unknown_case"
    assert (await records.record(asked(ref, "give", "hand_over_officer", officer="A", to=into))).refusal is None
    given = await check_whole(pool, ref)
    assert (await read_models(pool, ref))["restrictions"] == []
    (waiting,) = await reading.handed_over(pool, into)
    assert (waiting["reference"], waiting["officer"], waiting["closed"]) == (ref, "A", False)
    assert waiting in await reading.handed_over(pool) and await reading.handed_over(pool, ref) == []
    taken = await records.record(taking)
    assert taken.refusal is None
    assert waiting not in await reading.handed_over(pool)
    came = next(event for event in taken.told if event.type == "officer_taken_over")
    assert (came.data["version"], came.data["head"]) == (given[-1].version, given[-1].hash)
    assert {event.type for event in taken.told} >= {"officer_added", "restriction_imposed", "deadline_set"}
    await check_whole(pool, into)
    (restriction,) = (await read_models(pool, into))["restrictions"]
    assert (restriction["person"], restriction["measure"]) == ("person-a", "suspension")
    assert (await records.record(taking)).told == taken.told


async def test_a_restricted_part_is_handed_over_to_no_case_that_is_not(records: Records, ref: str) -> None:
    """Or it would be stuck: the other case may not take it over, and this one is done with it."""
    hidden = reference()
    assert (await records.open_case(opening(hidden, restricted=True))).refusal is None
    giving = asked(hidden, "give", "hand_over_officer", officer="A", to=ref)
    assert refusal(await records.record(giving)) == (
        "not_permitted",
        f"Case {hidden} is restricted and case {ref} is not: refer the receiving case as restricted.",
    )
    also = reference()
    assert (await records.open_case(opening(also, restricted=True))).refusal is None
    assert (await records.record(asked(hidden, "on", "hand_over_officer", officer="A", to=also))).refusal is None


async def test_nothing_is_handed_over_to_a_case_that_cannot_take_it_over(records: Records, ref: str) -> None:
    """No clock of the officer would run anywhere, and nothing would list the restriction."""
    nowhere, closed = reference(), reference()
    officers = [{"officer": "A", "person": "person-z"}]
    assert (await records.open_case(opening(closed, officers=officers))).refusal is None
    for command, facts in (("record_departure", {"officer": "A", "departure": "died"}), ("close_case", {})):
        told = asked(closed, command, command, **facts)
        del told.body["reasons"]
        assert (await records.record(told)).refusal is None
    for to, code in ((nowhere, "unknown_case"), (closed, "wrong_stage"), (ref, "malformed")):
        giving = asked(ref, f"give {to}", "hand_over_officer", officer="A", to=to)
        assert refusal(await records.record(giving))[0] == code
    assert (await records.record(suspend(ref))).refusal is None


async def test_an_error_of_postgres_tells_no_data(records: Records, owner_url: str) -> None:
    name, owner = reference(), await asyncpg.connect(owner_url)
    await owner.execute("ALTER TABLE reporting.register ADD CONSTRAINT no CHECK (force <> 'force-secret')")
    with pytest.raises(Unavailable) as failed:
        await records.open_case(opening(name, force="force-secret"))
    await owner.execute("ALTER TABLE reporting.register DROP CONSTRAINT no")
    await owner.close()
    assert str(failed.value) == "Postgres answered with CheckViolationError (SQLSTATE 23514)."
    assert failed.value.__cause__ is None and failed.value.__suppress_context__
    assert (await records.open_case(opening(name, force="force-secret"))).refusal is None


async def test_a_value_that_postgres_cannot_hold_is_not_quoted(pool: Pool, ref: str) -> None:
    with pytest.raises(Unavailable) as failed:
        await store.events(pool, ref, after=2**70)
    assert str(failed.value) == "Postgres answered with DataError (SQLSTATE 22000)."


async def test_no_transaction_appends_that_is_older_than_the_last_event(records: Records, pool: Pool, ref: str) -> None:
    """The feed goes by the numbers of transactions: it would tell of the event before the one that it follows."""
    async with pool.acquire() as older:
        await older.execute("BEGIN")
        await older.execute("SELECT pg_current_xact_id()")
        assert (await records.record(act(ref, "P2"))).refusal is None
        seen = await store.see(older, ref)
        told = store.Provenance(Actor(role=Role.CLERK, id="clerk-1"), "record_interview", "P3", bytes(32), seen.now)
        with pytest.raises(asyncpg.SerializationError, match="since this transaction was numbered"):
            await store.append(seen, told, [InterviewRecorded(occurred_at=seen.now, officer="A")], None)
        await older.execute("ROLLBACK")
        assert (await store.append(seen, told, [InterviewRecorded(occurred_at=seen.now, officer="A")], None)).added
    await check_whole(pool, ref)


async def test_whoever_is_told_so_while_holding_the_case_begins_again(pool: Pool, ref: str) -> None:
    numbers: list[int] = []

    async def told_twice(seen: store.Seen) -> int:
        numbers.append(await seen.connection.fetchval("SELECT pg_current_xact_id()::text::bigint"))
        if len(numbers) < 4:
            raise asyncpg.SerializationError("The case has moved since this transaction was numbered.")
        return seen.version

    assert await store.write(pool, ref, "x", told_twice) > 0
    assert numbers == sorted(set(numbers)) and len(numbers) == 4
