"""Erasure on a real Postgres: nothing of a text is left once its key is gone, and the record stays whole."""

import asyncio
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook
from temporalio.testing import ActivityEnvironment

from activities import feed, masters, reading, store
from activities.proof import whole
from activities.record import Act, Records, asking, body_hash
from activities.sql import sql
from activities.store import Pool
from activities.text import erasure, retention, sealing
from activities.text.reads import Reader
from activities.text.sealing import SEALED, Ring
from activities.webhooks import subscribers
from activities.webhooks.deliver import Deliveries
from activities.webhooks.outbound import Outbound
from activities.webhooks.subscribers import Wanted
from activities.webhooks.turns import Turn
from deploy.embedded import Stack
from deploy.migrate import migrate
from deploy.roles import FEED, KEEPER, OPENER, as_role
from domain.errors import NotFound, NotPermitted, Unavailable
from domain.messages import Actor, command_from
from domain.vocabulary import Role
from integration import verify
from integration.export import export
from integration.record import Record
from integration.verify import check
from tests.engine import RING, running
from tests.postgres import program
from tests.receiver import receiver
from tests.store import AUTHORITY, NOW, act, asked, check_whole, correct, opening, reference, refusal

KEEPER_OF_RECORD = Actor(role=Role.CLERK, id="clerk-9")
READER = Reader(Actor(role=Role.INVESTIGATOR, id="i-9"), "To decide on the report.", RING)
MARK = "Zq7-unmistakable"  # what must not be found anywhere once it is forgotten
WHY = "The period has ended."
EVERYWHERE = ("event", "command", "stream", "text_key")


@pytest.fixture
async def person(records: Records) -> str:
    """The opaque id of an officer who is in one case only."""
    return f"p-{reference().lower()}"


@pytest.fixture
async def ref(records: Records, person: str) -> str:
    """A case about two officers, in which each text bears the mark."""
    name = reference()
    answer = await records.open_case(about(name, person))
    assert answer.refusal is None, answer.refusal
    return name


def about(name: str, person: str) -> Any:
    officers = [{"officer": "A", "person": person}, {"officer": "B", "person": f"{person}-b"}]
    allegations = [
        {"allegation": "1", "summary": f"{MARK} of A and B", "officers": ["A", "B"]},
        {"allegation": "2", "summary": f"{MARK} of B alone", "officers": ["B"]},
    ]
    return opening(name, officers=officers, allegations=allegations, about=f"{MARK} of the case")


def suspend(ref: str, officer: str = "A", command_id: str = "suspend", reasons: str = f"{MARK} of A") -> Act:
    facts = {"officer": officer, "measure": "suspension", "reasons": reasons}
    conditions = {"redeployment_considered": True, "public_interest_requires": True}
    body = {"actor": AUTHORITY, "occurred_at": "2020-08-01T10:00:00Z", **facts, **conditions}
    return Act(stream=ref, command_id=command_id, command="impose_restriction", body=body, known=0, now=NOW)


def told(events: list[Any]) -> dict[tuple[str, str], str]:
    """Every text of a case as it is shown, by type of event and by whom or what it is about."""
    return {
        (each.type, str(each.data.get("officer") or each.data.get("allegation") or "")): each.data[field]
        for each in events
        for field in ("summary", "about", "reasons")
        if each.data.get(field) and not each.type.startswith(("text_erased", "deadline"))
    }


async def forget(pool: Pool, person: str | None, case: str | None = None) -> erasure.Forgotten:
    return await erasure.forget(pool, person, case, KEEPER_OF_RECORD, WHY)


async def raw(pool: Pool, ref: str) -> str:
    """Everything that the tables hold of a case."""
    rows = [await pool.fetch(f"SELECT t::text FROM probity.{table} t WHERE stream = $1", ref) for table in EVERYWHERE]
    return "\n".join(row[0] for found in rows for row in found)


# --- sealed


async def test_what_is_told_of_people_is_recorded_sealed_and_read_in_the_open(
    records: Records, pool: Pool, ref: str
) -> None:
    answer = await records.record(suspend(ref))
    assert answer.refusal is None
    assert MARK not in await raw(pool, ref)
    assert MARK not in answer.model_dump_json()  # nor does it travel through Temporal once more
    assert MARK not in (await records.open_case(about(ref, "x"))).model_dump_json()
    shown = told(await reading.events(pool, READER, ref))
    assert shown == {
        ("case_referred", ""): f"{MARK} of the case",
        ("allegation_added", "1"): f"{MARK} of A and B",
        ("allegation_added", "2"): f"{MARK} of B alone",
        ("restriction_imposed", "A"): f"{MARK} of A",
    }
    await check_whole(pool, ref)


async def test_without_the_right_or_the_key_it_is_shown_as_sealed(pool: Pool, owner_url: str, ref: str) -> None:
    reader, opener = [await store.open_pool(as_role(owner_url, role)) for role in (FEED, OPENER)]
    for shown in (await reading.events(pool, None, ref), await reading.events(reader, READER, ref)):
        assert set(told(shown).values()) == {"«sealed»"}
        assert {why for each in shown for why in each.withheld.values()} == {"sealed"}
    assert MARK in str(told(await reading.events(opener, READER, ref)))
    page = await feed.page(reader, limit=5000, reader=READER)
    assert "«sealed»" in str([event.data for event, _ in page.events]) and SEALED not in str(page)
    await asyncio.gather(reader.close(), opener.close())


async def test_each_person_has_a_key_in_each_case(pool: Pool, records: Records, ref: str, person: str) -> None:
    other = reference()
    await records.open_case(about(other, person))
    rows = await pool.fetch("SELECT stream, subject, key FROM probity.text_key WHERE stream IN ($1, $2)", ref, other)
    subjects = {person, f"{person}-b", "*", "#"}
    assert {(row["stream"], row["subject"]) for row in rows} == {(s, who) for s in (ref, other) for who in subjects}
    assert len({row["key"] for row in rows}) == len(rows) == 8
    await records.record(suspend(ref))
    assert await pool.fetchval("SELECT count(*) FROM probity.text_key WHERE stream = $1", ref) == 4


async def test_text_of_any_length_and_tongue_comes_back_as_it_was(records: Records, pool: Pool, ref: str) -> None:
    long = ('Ünï\U0001f600 "quoted" \\ «sealed:1:» \n' * 900)[:19_999]
    assert (await records.record(suspend(ref, reasons=long))).refusal is None
    assert told(await reading.events(pool, READER, ref))["restriction_imposed", "A"] == long.strip()
    await check_whole(pool, ref)


async def test_without_a_master_key_nothing_is_recorded_in_the_clear(pool: Pool, ref: str) -> None:
    bare = Records(pool, None)  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match="there is no master key"):
        await bare.record(suspend(ref))
    assert (await bare.record(act(ref, "P9"))).refusal is None  # what has no words in it needs none


# --- the same command again


async def test_the_same_words_again_are_the_same_act_and_others_are_not(records: Records, pool: Pool, ref: str) -> None:
    first = await records.record(suspend(ref))
    again = await records.record(suspend(ref))
    assert again.told == first.told
    assert refusal(await records.record(suspend(ref, reasons="Other words.")))[0] == "already_done"
    assert (await records.open_case(about(ref, await person_of(pool, ref)))).refusal is None
    assert refusal(await records.open_case(about(ref, "other")))[0] == "duplicate_reference"


async def person_of(pool: Pool, ref: str) -> str:
    return (await store.load(pool, ref)).officers["A"].person


async def test_what_was_asked_cannot_be_guessed_once_it_is_forgotten(
    records: Records, pool: Pool, keeper: Pool, ref: str, person: str
) -> None:
    await records.record(suspend(ref, reasons="He drinks."))
    guess = body_hash("impose_restriction", command_from("impose_restriction", suspend(ref, reasons="He drinks.").body))
    rows = await pool.fetch("SELECT body_hash, body_key FROM probity.command WHERE stream = $1", ref)
    assert guess not in [row["body_hash"] for row in rows] and all(row["body_key"] for row in rows)
    await forget(keeper, person)
    asked_with = "SELECT wrapped FROM probity.text_key WHERE key = ANY ($1)"
    assert {row["wrapped"] for row in await pool.fetch(asked_with, [row["body_key"] for row in rows])} == {None}
    again = await records.record(suspend(ref, reasons="He drinks."))
    assert again.refusal is None and again.told[0].type == "restriction_imposed"


@pytest.mark.parametrize("before_0024", [False, True])
async def test_another_act_under_an_old_id_is_another_also_once_its_words_are_forgotten(
    records: Records, pool: Pool, keeper: Pool, forger: Any, ref: str, person: str, before_0024: bool
) -> None:
    first = await records.record(suspend(ref))
    if before_0024:
        await forger.execute("UPDATE probity.command SET clear_hash = NULL WHERE stream = $1", ref)
    await forget(keeper, person)
    before = await store.events(pool, ref)
    other = [act(ref, "suspend"), asked(ref, "suspend", "assess_referral", kind="voluntary")]
    for each in other if before_0024 else [*other, suspend(ref, officer="B")]:
        assert refusal(await records.record(each))[0] == "already_done"
        command = command_from(each.command, each.body)
        for ring in (RING, None):
            assert not await store.asked_the_same(pool, ring, ref, "suspend", asking(each.command, command))
    # Of words it is left that there were some: others in their place are taken for them.
    for each in (suspend(ref), suspend(ref, reasons="Other words.")):
        assert (await records.record(each)).told == first.told
    assert (await records.open_case(about(ref, person))).refusal is None
    if not before_0024:
        assert refusal(await records.open_case(about(ref, "other")))[0] == "duplicate_reference"
    assert await store.events(pool, ref) == before


# --- forgotten


async def test_who_is_forgotten_is_unreadable_for_good_and_the_record_stays_whole(
    records: Records, pool: Pool, keeper: Pool, ref: str, person: str, tmp_path: Path
) -> None:
    await records.record(suspend(ref))
    before = await store.events(pool, ref)
    done = await forget(keeper, person)
    assert done == erasure.Forgotten(cases=(ref,), before=(), about_the_case=(ref,))
    events = await check_whole(pool, ref)
    assert events[: len(before)] == before  # no event was touched
    told_of = events[-1]
    assert (told_of.type, told_of.actor, told_of.data["person"]) == ("text_erased", KEEPER_OF_RECORD, person)
    shown = await reading.events(pool, READER, ref)
    gone = f"«erased on {datetime.now(UTC):%-d %B %Y}: {WHY}»"
    assert told(shown) == {
        ("case_referred", ""): f"{MARK} of the case",
        ("allegation_added", "1"): gone,  # it was about both
        ("allegation_added", "2"): f"{MARK} of B alone",
        ("restriction_imposed", "A"): gone,
    }
    assert shown[-1].event().tell() == f"Free text about {person} was erased. {WHY}"
    page = await feed.page(pool, limit=5000)
    assert sum(gone in str(event.data) for event, _ in page.events if event.stream == ref) == 2
    file = tmp_path / "case.zip"
    file.write_bytes(await export(pool, ref, None, READER))
    report = check(file)
    assert report.faults == [] and any("erased, 2 in all" in sentence for sentence in report.unproved)


async def test_an_export_proves_that_the_text_it_shows_is_what_was_recorded(
    pool: Pool, ref: str, tmp_path: Path
) -> None:
    whole, shut = tmp_path / "whole.zip", tmp_path / "shut.zip"
    whole.write_bytes(await export(pool, ref, None, READER))
    shut.write_bytes(await export(pool, ref))
    report = check(whole)
    assert report.faults == [] and "Every text that is shown is the one that was recorded sealed." in report.proved
    with zipfile.ZipFile(whole) as archive:
        chronology, record = archive.read("chronology.txt").decode(), json.loads(archive.read("record.json"))
    assert f"summary: {MARK} of B alone" in chronology and SEALED not in chronology
    with zipfile.ZipFile(shut) as archive:
        assert "summary: «sealed»" in archive.read("chronology.txt").decode()
        assert all(MARK.encode() not in archive.read(name) for name in archive.namelist())
    assert check(shut).faults == []
    first, second = record["texts"][:2]
    for forged, fault in (
        ({**first, "text": "He never was there."}, "is not the one that was recorded"),
        ({**first, "secret": second["secret"]}, "is not the one that was recorded"),
        ({**first, "field": "reference"}, "was not recorded sealed"),
        ({**first, "version": 99}, "was not recorded sealed"),
    ):
        faults = list(verify.texts({**record, "texts": [forged, second]}))
        assert len(faults) == 1 and fault in faults[0]


async def test_everyone_in_a_case_is_forgotten(records: Records, pool: Pool, keeper: Pool, ref: str) -> None:
    await records.record(suspend(ref))
    await forget(keeper, None, ref)
    assert {text.partition(" on ")[0] for text in told(await reading.events(pool, READER, ref)).values()} == {"«erased"}
    living = "SELECT count(*) FROM probity.text_key WHERE stream = $1 AND wrapped IS NOT NULL"
    assert await pool.fetchval(living, ref) == 0
    await check_whole(pool, ref)


async def test_in_one_case_only_or_in_all(records: Records, pool: Pool, keeper: Pool, ref: str, person: str) -> None:
    others = [reference(), reference()]
    for name in others:
        await records.open_case(about(name, person))
    assert (await forget(keeper, person, others[0])).cases == (others[0],)
    done = await forget(keeper, person)
    assert (set(done.cases), done.before) == ({ref, others[1]}, (others[0],))
    for name in (ref, *others):
        await check_whole(pool, name)


DESTROY = "UPDATE probity.text_key SET wrapped = NULL, master = NULL, erased_by = $2 WHERE key = $1"


async def test_a_key_is_destroyed_by_an_event_that_names_it_and_by_no_other(
    records: Records, pool: Pool, keeper: Pool, ref: str, person: str
) -> None:
    other = reference()
    await records.open_case(about(other, person))
    await forget(keeper, person)
    told_of = {name: (await store.events(pool, name))[-1] for name in (ref, other)}
    (key,) = await living_keys(pool, ref, f"{person}-b")
    first = (await store.events(pool, ref))[0].event_id
    for event in (uuid4(), first, told_of[ref].event_id, told_of[other].event_id):  # none of them names it
        with pytest.raises(asyncpg.RestrictViolationError, match="by an event of its case that names it"):
            await keeper.execute(DESTROY, key, event)
    # Nor does one of another case that does, which whoever may append there could put into it.
    forged = await store.write(keeper, other, "", lambda it: erasure._tell(it, None, [key], KEEPER_OF_RECORD, WHY))
    with pytest.raises(asyncpg.RestrictViolationError):
        await keeper.execute(DESTROY, key, forged.event_id)
    assert await living_keys(pool, ref, f"{person}-b") == [key]
    assert (await forget(keeper, f"{person}-b", ref)).cases == (ref,)
    assert key.hex in (await store.events(pool, ref))[-1].data["keys"]


async def test_whoever_verifies_is_told_of_keys_that_went_without_an_event(
    records: Records, pool: Pool, keeper: Pool, owner_url: str, forger: Any, stack: Stack, ref: str, person: str
) -> None:
    """As before migration 0025 the keeper's login could destroy one, and the owner of the database can at any time."""
    reader = await store.open_pool(as_role(owner_url, FEED))
    record = Record(reader, running(stack, owner_url))
    assert (await records.record(suspend(ref))).refusal is None
    await forget(keeper, person)
    assert (await records.record(act(ref, "P9"))).refusal is None
    assert await record.verify(ref) == []  # text that was erased, text that is there, and an act without any
    (key,) = await living_keys(pool, ref, f"{person}-b")
    under = "A key that event {} or its command was recorded under"
    untold = f"{under} was destroyed, and no event of the case tells of it."
    lost = f"{under} is not in this store."
    texts = {each.data["allegation"]: each for each in await store.events(pool, ref) if "allegation" in each.data}
    for event in (uuid4(), (await store.events(pool, ref))[-2].event_id):  # of none, and of the one that names others
        await forger.execute(DESTROY, key, event)
        assert await record.verify(ref) == [untold.format(texts["1"].version)]
    await forger.execute("DELETE FROM probity.text_key WHERE key = $1", key)
    assert await record.verify(ref) == [lost.format(texts["1"].version)]
    await forger.execute("DELETE FROM probity.text_key WHERE stream = $1 AND subject = '#'", ref)
    assert await record.verify(ref) == [lost.format(1), lost.format(texts["1"].version)]
    await reader.close()


OTHERS = "The key of {} in event {} is kept as somebody else's: it was changed."


async def test_whose_text_a_key_is_for_is_compared_with_whom_the_event_is_about(
    records: Records, pool: Pool, keeper: Pool, forger: Any, ref: str, person: str, stack: Stack, database_url: str
) -> None:
    """Whoever owns the database could have another forgotten in place of the one who is named."""
    record = Record(pool, running(stack, database_url))
    assert (await records.record(correct(ref, (await records.record(suspend(ref))).told[0].version))).refusal is None
    rename = "UPDATE probity.text_key SET subject = $3 WHERE stream = $1 AND subject = $2"
    for one, two in ((person, f"{person}-b"), ("*", person)):
        for change in ((one, "x"), (two, one), ("x", two)):
            await forger.execute(rename, ref, *change)
        found = await record.verify(ref)
        assert OTHERS.format("summary" if one == person else "about", 5 if one == person else 1) in found
        for change in ((one, "x"), (two, one), ("x", two)):
            await forger.execute(rename, ref, *change)
        assert await record.verify(ref) == []
    await forger.execute(rename, ref, "#", "x")
    told = "The key of what the command of event 1 asked is kept as somebody's: it was changed."
    assert await record.verify(ref) == [told]


async def test_a_key_that_is_there_although_the_record_says_that_it_is_not_is_told(
    pool: Pool, keeper: Pool, forger: Any, ref: str, person: str, stack: Stack, database_url: str
) -> None:
    """Put back from a backup by the owner of the database, every reader would be shown what was erased."""
    record = Record(pool, running(stack, database_url))
    row = await pool.fetchrow("SELECT * FROM probity.text_key WHERE stream = $1 AND subject = $2", ref, person)
    assert row is not None
    await forget(keeper, person)
    assert await record.verify(ref) == []
    back = "UPDATE probity.text_key SET wrapped = $2, master = $3, erased_by = NULL WHERE key = $1"
    await forger.execute(back, row["key"], row["wrapped"], row["master"])
    assert MARK in str(told(await reading.events(pool, READER, ref)))
    last = (await store.events(pool, ref))[-1].version
    said = f"Event {last} says that keys were destroyed, and one of them is there: it was put back, or never destroyed."
    assert await record.verify(ref) == [said]


async def test_an_erasure_without_its_form_ends_no_list_of_them(
    pool: Pool, keeper: Pool, forger: Any, ref: str, person: str
) -> None:
    """Whoever may append can put one in, and it is never taken out: nothing could be erased again after a restore."""
    await forget(keeper, person)
    before = await erasure.erasures(pool)
    spoil = "UPDATE probity.event SET type = 'text_erased', data = $2 WHERE stream = $1 AND version = 3"
    for data in ('{"keys": "x", "reasons": "w"}', '{"keys": ["x"], "reasons": "w"}', '{"keys": null}', '{"keys": [1]}'):
        await forger.execute(spoil, ref, data)
        assert await erasure.erasures(pool) == before


async def living_keys(pool: Pool, ref: str, subject: str) -> list[UUID]:
    return [row["key"] for row in await pool.fetch(sql("living_keys"), ref) if row["subject"] == subject]


async def test_nothing_is_asked_of_the_database_once_it_is_erased(
    pool: Pool, keeper: Pool, ref: str, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed then, as a look over every case did, told of an erasure that it had not been done."""

    def asked_for(name: str) -> str:
        statements.append(name)
        return sql(name)

    statements = list[str]()
    monkeypatch.setattr(erasure, "sql", asked_for)
    assert (await forget(keeper, person)).about_the_case == (ref,)
    assert statements == ["text_about", "living_keys", "destroy_keys"]


async def test_to_forget_twice_changes_nothing(pool: Pool, keeper: Pool, ref: str, person: str) -> None:
    await forget(keeper, person)
    version = len(await store.events(pool, ref))
    assert await forget(keeper, person) == erasure.Forgotten(cases=(), before=(ref,), about_the_case=())
    both = await asyncio.gather(*(forget(keeper, f"{person}-b") for _ in range(4)))
    assert sorted((*done.cases, *done.before) for done in both) == [(ref,)] * 4
    assert [done.cases for done in both].count((ref,)) == 1
    assert len(await store.events(pool, ref)) == version + 1
    await check_whole(pool, ref)


async def test_who_was_never_told_of_is_not_found_and_not_everyone_may(keeper: Pool, ref: str, person: str) -> None:
    with pytest.raises(NotFound):
        await forget(keeper, "nobody-of-this-name")
    with pytest.raises(NotPermitted):
        await erasure.forget(keeper, person, None, Actor(role=Role.INVESTIGATOR, id="i-1"), WHY)


ORPHAN = """
INSERT INTO probity.text_key (key, stream, subject, wrapped, master)
VALUES (gen_random_uuid(), 'NOCASE-1', 'p-x', 'x', 'nobody has it')
"""


async def test_a_key_of_no_case_is_not_taken_and_would_not_be_erased_in_silence(
    pool: Pool, keeper: Pool, forger: Any
) -> None:
    for anyone in (pool, keeper):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await anyone.execute(ORPHAN)
    assert await masters.unknown_masters(pool, RING) == []  # so workers start
    await forger.execute(ORPHAN)
    with pytest.raises(NotFound):
        await forget(keeper, "p-x", "NOCASE-1")
    assert (await retention.against(keeper, "p-x", "NOCASE-1", NOW.date())).told == []
    await forger.execute("DELETE FROM probity.text_key WHERE stream = 'NOCASE-1'")


async def test_a_case_that_is_not_opened_after_all_leaves_no_key(
    records: Records, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, made = reference(), "SELECT count(*) FROM probity.text_key WHERE stream = $1"
    with monkeypatch.context() as patch, pytest.raises(Unavailable):
        patch.setattr(store, "sql", lambda name: "SELECT" if name.startswith("append") else sql(name))
        await records.open_case(about(name, "p-x"))
    assert await pool.fetchval(made, name) == 0
    assert (await records.open_case(about(name, "p-x"))).refusal is None
    assert await pool.fetchval(made, name) == 4


async def test_an_act_that_is_not_recorded_leaves_no_key(
    records: Records, pool: Pool, keeper: Pool, person: str
) -> None:
    """Of two at once that are meant for the same version one is too late: its person is named nowhere in the case."""
    for attempt in range(8):
        name, who = reference(), f"{person}-{attempt}"
        await records.open_case(about(name, who))
        await forget(keeper, None, name)
        now = {"expected": len(await store.events(pool, name))}
        acts = [suspend(name, each, f"suspend-{each}").model_copy(update=now) for each in ("A", "B")]
        both = await asyncio.gather(*(records.record(each) for each in acts))
        assert sorted(answer.refusal.code if answer.refusal else "" for answer in both) == ["", "stale"]
        told_of = who if any(answer.told and answer.told[0].data["officer"] == "A" for answer in both) else f"{who}-b"
        assert {row["subject"] for row in await pool.fetch(sql("living_keys"), name)} == {told_of, "#"}
        (late,) = {who, f"{who}-b"} - {told_of}
        assert (await forget(keeper, late, name)).before == (name,)


async def test_whoever_was_given_a_key_meanwhile_keeps_it_and_no_text_is_lost(
    records: Records, pool: Pool, keeper: Pool, ref: str, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of the release before stores its keys apart from the append, so that the case has not moved."""
    await forget(keeper, person)
    seal, given = sealing.seal, list[UUID]()

    async def sealed(*args: Any, **rest: Any) -> sealing.Sealed:
        done = await seal(*args, **rest)
        if not given:
            given.append(uuid4())
            other = RING.wrap(sealing.Key(given[0], bytes(32)))
            await pool.execute(GIVEN, given[0], ref, person, other, RING.ids[0])
        return done

    monkeypatch.setattr(sealing, "seal", sealed)
    assert (await records.record(suspend(ref))).refusal is None
    assert told(await reading.events(pool, READER, ref))["restriction_imposed", "A"] == f"{MARK} of A"
    assert await living_keys(pool, ref, person) == given
    await check_whole(pool, ref)


GIVEN = "INSERT INTO probity.text_key (key, stream, subject, wrapped, master) VALUES ($1, $2, $3, $4, $5)"


async def test_text_told_later_is_sealed_under_a_new_key(
    records: Records, pool: Pool, keeper: Pool, ref: str, person: str
) -> None:
    await forget(keeper, person)
    assert (await records.record(suspend(ref))).refusal is None
    shown = told(await reading.events(pool, READER, ref))
    assert shown["restriction_imposed", "A"] == f"{MARK} of A" and shown["allegation_added", "1"].startswith("«erased")
    await forget(keeper, person)
    assert f"{MARK} of A" not in told(await reading.events(pool, READER, ref)).values()


async def test_a_case_whose_text_is_erased_is_corrected_and_handed_over(
    records: Records, pool: Pool, keeper: Pool, ref: str, person: str
) -> None:
    other = reference()
    await records.open_case(about(other, f"{person}-c"))
    suspended = await records.record(suspend(ref))
    await forget(keeper, person)
    handed = await records.record(asked(ref, "hand", "hand_over_officer", officer="A", to=other))
    assert handed.refusal is None, handed.refusal
    taken = await records.record(asked(other, "take", "take_over_officer", from_case=ref, was="A"))
    assert taken.refusal is None, taken.refusal
    assert "«erased on" in str(told(await reading.events(pool, READER, other)).values())
    assert (await records.record(correct(ref, suspended.told[0].version))).refusal is None
    erased = next(each for each in await store.events(pool, ref) if each.type == "text_erased")
    assert "what it erased is gone" in refusal(await records.record(correct(ref, erased.version)))[1]
    for name in (ref, other):
        await check_whole(pool, name)


async def test_what_is_taken_over_is_sealed_anew_and_erased_case_by_case(
    records: Records, pool: Pool, keeper: Pool, ref: str, person: str
) -> None:
    other = reference()
    await records.open_case(about(other, f"{person}-c"))
    await records.record(suspend(ref))
    await records.record(asked(ref, "hand", "hand_over_officer", officer="A", to=other))
    assert (await records.record(asked(other, "take", "take_over_officer", from_case=ref, was="A"))).refusal is None
    await forget(keeper, person, ref)
    assert f"{MARK} of A" in told(await reading.events(pool, READER, other)).values()
    assert MARK not in await raw(pool, other)
    await forget(keeper, person)
    assert f"{MARK} of A" not in told(await reading.events(pool, READER, other)).values()


async def test_a_correction_reads_sealed_text(records: Records, pool: Pool, ref: str) -> None:
    suspended = await records.record(suspend(ref))
    answer = await records.record(correct(ref, suspended.told[0].version))
    assert answer.refusal is None and MARK not in await raw(pool, ref)
    await check_whole(pool, ref)


# --- faults


async def test_the_key_is_destroyed_and_that_is_told_or_neither(
    pool: Pool, keeper: Pool, ref: str, person: str
) -> None:
    """The connection ends between the two statements, wherever that is."""
    version = len(await store.events(pool, ref))
    for statement in ("destroy_keys", "append"):
        with pytest.MonkeyPatch.context() as patch:
            kill = "SELECT pg_terminate_backend(pg_backend_pid())"

            def cut(name: str, at: str = statement, kill: str = kill) -> str:
                return kill if name == at else str(sql(name))

            patch.setattr(erasure if statement == "destroy_keys" else store, "sql", cut)
            with pytest.raises((Unavailable, asyncpg.PostgresError)):
                await forget(keeper, person)
        assert len(await store.events(pool, ref)) == version
        assert f"{MARK} of A and B" in told(await reading.events(pool, READER, ref)).values()
        await check_whole(pool, ref)
    await forget(keeper, person)
    assert len(await store.events(pool, ref)) == version + 1


async def test_what_is_told_while_someone_is_forgotten_is_erased_or_comes_after(
    records: Records, pool: Pool, keeper: Pool, person: str
) -> None:
    for attempt in range(6):
        name, who = reference(), f"{person}-{attempt}"
        await records.open_case(about(name, who))
        answer, done = await asyncio.gather(records.record(suspend(name)), forget(keeper, who))
        assert answer.refusal is None and done.cases == (name,)
        events = await check_whole(pool, name)
        order = [each.type for each in events if each.type in ("text_erased", "restriction_imposed")]
        shown = told(await reading.events(pool, READER, name))["restriction_imposed", "A"]
        assert shown.startswith("«erased") if order[-1] == "text_erased" else shown == f"{MARK} of A"


async def test_master_keys_are_changed_while_the_engine_records(records: Records, pool: Pool, keeper: Pool) -> None:
    new, old = bytes([9]) * 32, bytes(range(32))
    both, alone = Ring([new, old]), Ring([new])
    rotating = Records(pool, both)
    names = [reference() for _ in range(12)]
    for name in names[:6]:
        await records.open_case(about(name, f"p-{name.lower()}"))
    before = {name: await store.events(pool, name) for name in names[:6]}

    async def write(name: str, by: Records) -> None:
        if name not in before:
            await by.open_case(about(name, f"p-{name.lower()}"))
        assert (await by.record(suspend(name))).refusal is None

    await asyncio.gather(*(write(name, rotating) for name in names), masters.rewrap(keeper, both))
    await masters.rewrap(keeper, both)
    assert await masters.unknown_masters(pool, alone) == []
    assert await masters.rewrap(keeper, both) == (0, ())
    for name in names:
        events = await check_whole(pool, name)
        assert events[: len(before.get(name, []))] == before.get(name, [])
        assert (
            told(await reading.events(pool, READER._replace(ring=alone), name))["restriction_imposed", "A"]
            == f"{MARK} of A"
        )
        assert {why for e in await reading.events(pool, READER, name) for why in e.withheld.values()} == {
            "wrong_master_key"
        }
    assert await masters.unknown_masters(pool, RING) == [both.ids[0]]
    assert {each.code for each in (await masters.rewrap(keeper, RING)).left} == {"wrong_master_key"}
    await masters.rewrap(keeper, Ring([old, new]))


async def test_what_cannot_be_opened_keeps_no_other_key_from_being_wrapped_anew(
    records: Records, keeper: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masters, "STEP", 2)  # fewer than are left, so that some pages hold nothing else
    new, old = bytes([9]) * 32, bytes(range(32))
    both, name, sound = Ring([new, old]), reference(), reference()
    for each in (name, sound):
        await records.open_case(about(each, f"p-{each.lower()}"))
    await subscribers.add(keeper, RING, Wanted(subscription="left", url="https://example.test/"), None)
    keys = await keeper.fetch("SELECT key FROM probity.text_key WHERE stream = $1", name)
    damaged = [row["key"] for row in keys[:-1]]
    await keeper.execute("UPDATE probity.text_key SET wrapped = sha256('x') WHERE key = ANY($1)", damaged)
    await keeper.execute("UPDATE probity.text_key SET master = 'other' WHERE key = $1", keys[-1]["key"])
    await keeper.execute("UPDATE probity.webhook_secret SET wrapped = sha256('x') WHERE subscription = 'left'")
    async with asyncio.timeout(60):
        done = await masters.rewrap(keeper, both)
    left = {(each.case, each.subscription, each.code): each for each in done.left}
    assert left.keys() == {
        (name, None, "damaged_key"),
        (name, None, "wrong_master_key"),
        (None, "left", "damaged_key"),
    }
    assert left[name, None, "wrong_master_key"].key == keys[-1]["key"] and len(damaged) > 2
    assert done.wrapped > 0 and len(done.left) == len(keys) + 1
    assert done.left[0].tell().startswith(f"A key of case {name} was left as it was: ")
    under = "SELECT count(*) FROM probity.text_key WHERE wrapped IS NOT NULL AND master <> $1 AND stream <> $2"
    assert await keeper.fetchval(under, both.ids[0], name) == 0
    await subscribers.remove(keeper, "left")
    await forget(keeper, None, name)
    assert await masters.rewrap(keeper, both) == (0, ())  # and nothing is left
    await masters.rewrap(keeper, Ring([old, new]))


async def test_a_subscribers_secret_goes_under_the_new_master_key_and_signs_once_the_old_is_gone(
    records: Records, pool: Pool, keeper: Pool
) -> None:
    new, old = bytes([9]) * 32, bytes(range(32))
    both, alone, outbound = Ring([new, old]), Ring([new]), Outbound(development=True)
    async with receiver() as hook:
        wanted = Wanted(subscription="rewrapped", url=hook.url)
        first = await subscribers.add(keeper, RING, wanted, None)
        second = await subscribers.rotate(keeper, RING, "rewrapped", timedelta(hours=1))
        await records.open_case(about(reference(), "p-rewrapped"))
        turn = Turn(subscription="rewrapped", now=datetime.now(UTC))
        assert len(await masters.unknown_masters(pool, alone)) == 1  # so no worker starts with the new one alone
        with pytest.raises(Unavailable):
            await ActivityEnvironment().run(Deliveries(pool, alone, outbound).deliver, turn)
        await masters.rewrap(keeper, both)
        assert await masters.unknown_masters(pool, alone) == []
        await ActivityEnvironment().run(Deliveries(pool, alone, outbound).deliver, turn)
        assert hook.got
        for secret in (first, second):
            Webhook(secret).verify(hook.got[0].body, hook.got[0].headers)
    await outbound.close()
    await subscribers.remove(keeper, "rewrapped")
    await masters.rewrap(keeper, Ring([old, new]))


@pytest.mark.parametrize("subject", ["of nobody", "#"])
async def test_a_key_that_a_stranger_put_in_is_erased_and_no_text_beside(
    pool: Pool, keeper: Pool, ref: str, subject: str
) -> None:
    """By the login of the engine, under a master key that nobody has: no worker starts until it is gone."""
    if subject == "#":  # which every case has until its text is erased
        await forget(keeper, None, ref)
    before = told(await reading.events(pool, READER, ref))
    key: UUID = await pool.fetchval(
        "INSERT INTO probity.text_key (key, stream, subject, wrapped, master)"
        " VALUES (gen_random_uuid(), $1, $2, 'x', 'of a stranger') RETURNING key",
        *(ref, subject),
    )
    assert await masters.unknown_masters(pool, RING) == ["of a stranger"]
    line = erasure.Erasure(case=ref, person=None, keys=(key,), reasons=WHY, by=KEEPER_OF_RECORD)
    assert await erasure.forget_again(keeper, line)
    assert await masters.unknown_masters(pool, RING) == []
    assert told(await reading.events(pool, READER, ref)) == before
    assert await whole.verify(pool, ref) == [] and await erasure.verify(pool, ref) == []


SPOILED = """
ALTER TABLE probity.text_key DISABLE TRIGGER ALL; ALTER TABLE probity.event DISABLE TRIGGER ALL;
GRANT UPDATE ON probity.event TO CURRENT_USER;
UPDATE probity.event
SET data = jsonb_set(data, '{summary}', to_jsonb(overlay(data ->> 'summary' placing 'AAAA' from 120)))
WHERE stream = 'REF' AND data ->> 'allegation' = '2';
UPDATE probity.text_key SET wrapped = sha256('x') WHERE stream = 'REF' AND subject = '*';
REVOKE UPDATE ON probity.event FROM CURRENT_USER;
ALTER TABLE probity.event ENABLE TRIGGER ALL; ALTER TABLE probity.text_key ENABLE TRIGGER ALL;
"""


async def test_a_damaged_text_is_said_to_be_and_the_rest_is_read(
    pool: Pool, keeper: Pool, owner_url: str, ref: str
) -> None:
    owner = await asyncpg.connect(owner_url)
    await owner.execute(SPOILED.replace("REF", ref))
    await owner.close()
    shown = await reading.events(pool, READER, ref)
    why = {(each.type, name): code for each in shown for name, code in each.withheld.items()}
    assert why == {("case_referred", "about"): "damaged_key", ("allegation_added", "summary"): "damaged"}
    assert told(shown)["allegation_added", "1"] == f"{MARK} of A and B"
    assert told(shown)["allegation_added", "2"] == "«cannot be opened: it is not what was sealed (damaged)»"
    assert await whole.verify(pool, ref)  # and the chain says which event it is
    await forget(keeper, None, ref)  # or other tests find a key that nobody can wrap anew


# --- an attack on ourselves, and a restore


def dump(url: str) -> str:
    """The whole database as text, as a backup has it."""
    return program("pg_dump", url)


async def test_a_restore_of_an_older_backup_is_made_to_forget_again(
    records: Records, keeper: Pool, owner_url: str, ref: str, person: str, pool: Pool
) -> None:
    await records.record(suspend(ref))
    await forget(keeper, f"{person}-b")  # so that the backup has destroyed keys, and events that tell of them
    backup = await asyncio.to_thread(dump, owner_url)
    assert MARK not in backup
    await forget(keeper, person)
    kept = [each for each in await erasure.erasures(keeper) if (each.case, each.person) == (ref, person)]
    assert MARK not in await asyncio.to_thread(dump, owner_url)
    restored = urlsplit(owner_url)._replace(path=f"/restored_{ref.lower().replace('-', '_')}").geturl()
    admin = await asyncpg.connect(owner_url)
    await admin.execute(f'CREATE DATABASE "{urlsplit(restored).path[1:]}"')
    await asyncio.to_thread(program, "psql", restored, "-q", "-v", "ON_ERROR_STOP=1", stdin=backup)
    await migrate(restored)
    old = await store.open_pool(as_role(restored, KEEPER))
    assert f"{MARK} of A" in told(await reading.events(old, READER, ref)).values()  # the backup knows it still
    assert f"{MARK} of B alone" not in told(await reading.events(old, READER, ref)).values()
    (key,) = await living_keys(old, ref, person)
    with pytest.raises(asyncpg.RestrictViolationError):  # and lets no key go without an event either
        await old.execute(DESTROY, key, uuid4())
    assert [await erasure.forget_again(old, each) for each in kept] == [True]
    assert [await erasure.forget_again(old, each) for each in kept] == [False]
    assert f"{MARK} of A" not in told(await reading.events(old, READER, ref)).values()
    assert await whole.verify(old, ref) == []
    await old.close()
    await admin.execute(f'DROP DATABASE "{urlsplit(restored).path[1:]}" WITH (FORCE)')
    await admin.close()


async def test_an_erasure_of_no_keys_destroys_none(pool: Pool, keeper: Pool, ref: str) -> None:
    """In a list that was written or cut by hand: it was taken for everyone's text."""
    before = await raw(pool, ref)
    facts: dict[str, Any] = {"case": ref, "person": None, "keys": (), "reasons": WHY, "by": KEEPER_OF_RECORD}
    for person in (None, "p-x"):
        assert not await erasure.forget_again(keeper, erasure.Erasure.model_construct(**facts | {"person": person}))
    assert await raw(pool, ref) == before
    with pytest.raises(ValidationError, match="keys"):
        erasure.Erasure(**facts)
    await store.write(keeper, ref, "", lambda seen: erasure._tell(seen, None, [], KEEPER_OF_RECORD, WHY))
    assert ref not in {each.case for each in await erasure.erasures(keeper)}


async def test_errors_do_not_repeat_what_was_told(records: Records, pool: Pool, ref: str) -> None:
    answer = await records.record(suspend(ref, officer="Z"))
    assert answer.refusal is not None and MARK not in answer.model_dump_json()
    with pytest.raises(Unavailable) as failed:
        await Records(pool, Ring([bytes(32)])).record(suspend(ref))
    assert MARK not in str(failed.value) and "wrong_master_key" in str(failed.value)
