"""The case workflow on a real Temporal server whose time can be skipped, over a real Postgres."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistory,
    WorkflowUpdateFailedError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer

from activities import store
from activities.proof import whole
from activities.room import mark
from activities.text.sealing import Ring
from deploy import register, schedules
from deploy.embedded import Stack
from domain.errors import (
    AlreadyDone,
    DuplicateReference,
    Malformed,
    NotPermitted,
    OutOfOrder,
    Stale,
    Unavailable,
    UnknownCase,
)
from domain.messages import Recorded
from domain.state import DeadlineState
from domain.vocabulary import Stage
from integration import client
from integration.client import Probity, connect_temporal
from integration.plugin import probity_plugin
from integration.rehearsal import rehearsing
from integration.settings import Settings
from tests.engine import act, at_work, reference, referral, suspension
from tests.keep_histories import STORIES, SUBSCRIBER, SUBSCRIPTIONS
from worker import engine
from workflows.case import workflow_id
from workflows.details import METADATA
from workflows.page import page
from workflows.subscription import subscription_id
from workflows.visibility import ATTRIBUTES

HISTORIES = Path(__file__).parents[1] / "histories"


@pytest.fixture(scope="module")
async def probity(settings: Settings) -> AsyncIterator[Probity]:
    """A client of a running engine."""
    async with at_work(settings) as client:
        yield client


async def suspended(probity: Probity, clock: str = "rehearsed") -> str:
    ref = reference()
    await probity.refer(referral(ref, clock))
    await probity.do(ref, "impose_restriction", suspension(await probity.now(ref)))
    return ref


async def test_what_temporal_kept_is_no_receipt_where_the_record_was_set_back(
    probity: Probity, forger: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    ref = await suspended(probity)
    review = act("appropriate_authority", await probity.now(ref), officer="A", reasons="Still grave.")
    receipt = await probity.do(ref, "review_restriction", review, command_id="lost")
    assert await probity.do(ref, "review_restriction", review, command_id="lost") == receipt
    async with forger.transaction():
        for table in ("event", "command"):
            await forger.execute(f"DELETE FROM probity.{table} WHERE stream = $1 AND command_id = 'lost'", ref)
    with pytest.raises(Unavailable, match="which the record does not hold"):
        await probity.do(ref, "review_restriction", review, command_id="lost")


async def kinds(handle: WorkflowHandle[Any, Any]) -> list[str]:
    history = await handle.fetch_history()
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]


async def test_a_missed_deadline_is_noted_when_it_ends_and_made_good(probity: Probity) -> None:
    ref = await suspended(probity)
    due = (await probity.case(ref)).deadlines["suspension_review_first/A"].due_at
    await probity.skip(ref, due + timedelta(hours=8))
    missed = (await probity.case(ref)).deadlines["suspension_review_first/A"]
    assert (missed.state, missed.missed_at, missed.overdue) == (DeadlineState.MISSED, due, True)
    review = act("appropriate_authority", await probity.now(ref), officer="A", reasons="Still grave.")
    await probity.do(ref, "review_restriction", review)
    good = (await probity.case(ref)).deadlines["suspension_review_first/A"]
    assert (good.state, good.overdue) == (DeadlineState.MISSED, False)
    assert (await probity.case(ref)).deadlines["suspension_review_next/A"].ticking


async def test_a_deadline_is_warned_of_and_met(probity: Probity) -> None:
    ref = await suspended(probity)
    deadline = (await probity.case(ref)).deadlines["suspension_review_first/A"]
    assert deadline.warn_at is not None
    await probity.skip(ref, deadline.warn_at + timedelta(hours=9))
    assert (await probity.case(ref)).deadlines["suspension_review_first/A"].warned
    review = act("appropriate_authority", await probity.now(ref), officer="A", reasons="Still grave.")
    await probity.do(ref, "review_restriction", review)
    assert (await probity.case(ref)).deadlines["suspension_review_first/A"].state is DeadlineState.MET


async def test_an_act_told_late_but_done_in_time_withdraws_the_miss(probity: Probity) -> None:
    ref = await suspended(probity)
    due = (await probity.case(ref)).deadlines["suspension_review_first/A"].due_at
    await probity.skip(ref, due + timedelta(days=3))
    assert (await probity.case(ref)).deadlines["suspension_review_first/A"].overdue
    review = act("appropriate_authority", due - timedelta(hours=7), officer="A", reasons="Done, and told late.")
    receipt = await probity.do(ref, "review_restriction", review)
    assert (await probity.case(ref)).deadlines["suspension_review_first/A"].state is DeadlineState.MET
    assert any(e.type == "deadline_met" and e.data["miss_withdrawn"] for e in receipt.events)


async def test_a_correction_of_the_record_reaches_the_workflow_s_clock(probity: Probity) -> None:
    """A review told by mistake had met one deadline and set the next: both are as they were, and are enforced so."""
    ref = await suspended(probity)
    due_at = (await probity.case(ref)).deadlines["suspension_review_first/A"].due_at
    review = act("appropriate_authority", await probity.now(ref), officer="A", reasons="Still grave.")
    receipt = await probity.do(ref, "review_restriction", review)
    mistaken = next(event.version for event in receipt.events if event.type == "restriction_reviewed")
    undo = act("clerk", await probity.now(ref), event=mistaken, reasons="The review of another officer.")
    await probity.do(ref, "correct_record", undo)
    standing = (await probity.case(ref)).deadlines
    assert "suspension_review_next/A" not in standing
    assert standing["suspension_review_first/A"].ticking
    await probity.skip(ref, due_at + timedelta(hours=1))
    assert (await probity.case(ref)).deadlines["suspension_review_first/A"].missed_at == due_at
    with pytest.raises(AlreadyDone):
        await probity.do(ref, "correct_record", act("clerk", await probity.now(ref), event=mistaken, reasons="Twice."))
    assert (await probity.events(ref))[mistaken - 1].type == "restriction_reviewed"


async def test_a_miss_is_dated_when_the_limit_ended_and_enforced_once(probity: Probity) -> None:
    ref = await suspended(probity)
    due = (await probity.case(ref)).deadlines["suspension_review_first/A"].due_at
    await probity.skip(ref, due + timedelta(days=40))
    misses = [e for e in await probity.events(ref) if e.type == "deadline_missed" and "review" in e.data["rule"]]
    assert [e.occurred_at for e in misses] == [due]
    assert misses[0].actor.role == "system"


async def test_a_refusal_leaves_no_history(probity: Probity, temporal: Client) -> None:
    ref = await suspended(probity, "live")
    handle = temporal.get_workflow_handle(workflow_id(ref))
    before = await kinds(handle)
    with pytest.raises(NotPermitted):
        await probity.do(
            ref, "impose_restriction", suspension(datetime.now(UTC)) | {"actor": {"role": "college", "id": "c"}}
        )
    with pytest.raises(AlreadyDone):
        await probity.do(ref, "impose_restriction", suspension(datetime.now(UTC)))
    assert await kinds(handle) == before


async def test_a_malformed_body_is_refused_without_repeating_its_values(probity: Probity, temporal: Client) -> None:
    ref = await suspended(probity, "live")
    handle = temporal.get_workflow_handle(workflow_id(ref))
    for body in ({"measure": "secret-word"}, "secret-word", None, ["secret-word"], 7):
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update("impose_restriction", body)
        assert isinstance(refused.value.cause, ApplicationError)
        assert refused.value.cause.type == "malformed"
        assert "secret-word" not in str(refused.value.cause)


async def test_an_update_without_a_body_is_malformed(probity: Probity, temporal: Client) -> None:
    ref = await suspended(probity, "live")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await temporal.get_workflow_handle(workflow_id(ref)).execute_update("lift_restriction")
    assert isinstance(refused.value.cause, ApplicationError) and refused.value.cause.type == "malformed"


async def test_the_same_command_id_twice_is_recorded_once(probity: Probity) -> None:
    ref = reference()
    await probity.refer(referral(ref))
    body = suspension(datetime.now(UTC))
    first = await probity.do(ref, "impose_restriction", body, command_id="k-1")
    again = await probity.do(ref, "impose_restriction", body, command_id="k-1")
    for none in ("", " "):  # under which a second act would pass for the first, or the first be done twice
        with pytest.raises(Malformed, match=r"^The command id "):
            await probity.do(ref, "impose_restriction", body, command_id=none)
    assert first.version == again.version == len(await probity.events(ref))


async def test_another_act_under_a_command_id_that_is_taken_is_refused(probity: Probity) -> None:
    ref = reference()
    await probity.refer(referral(ref))
    await probity.do(ref, "impose_restriction", suspension(datetime.now(UTC)), command_id="k-1")
    party = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
    with pytest.raises(AlreadyDone):
        await probity.do(ref, "add_party", party, command_id="k-1")
    assert "P-1" not in (await probity.case(ref)).parties


ONE_MARK = ("plumless", "buckeroo")  # of one length and one CRC-32, and so whatever is put behind both


async def test_ids_of_one_mark_are_ids_of_two_acts(probity: Probity, temporal: Client, pool: store.Pool) -> None:
    """A case takes the second for given before and lets it through: the store decides it as any other."""
    first, second = ONE_MARK
    assert mark(f"{first}-1") == mark(f"{second}-1")
    ref, body = reference(), suspension(datetime.now(UTC))
    await probity.refer(referral(ref))
    told = await probity.do(ref, "impose_restriction", body, command_id=first)
    party = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
    added = await probity.do(ref, "add_party", party, command_id=second)
    assert {event.command_id for event in added.events} == {second} and added.version > told.version
    for n, (refusal, command, what, expected) in enumerate(
        (
            (AlreadyDone, "impose_restriction", body, None),
            (NotPermitted, "impose_restriction", body | {"actor": {"role": "college", "id": "c"}}, None),
            (Stale, "add_party", party | {"party": "P-2"}, told.version),
        )
    ):
        await probity.do(ref, "add_party", party | {"party": f"P-0{n}"}, command_id=f"{first}-{n}")
        with pytest.raises(refusal):
            await probity.do(ref, command, what, command_id=f"{second}-{n}", expected=expected)
    with pytest.raises(AlreadyDone):
        await probity.do(ref, "add_party", party, command_id=first)
    assert await probity.do(ref, "impose_restriction", body, command_id=first) == told
    assert await probity.do(ref, "add_party", party, command_id=second) == added
    assert "WORKFLOW_TASK_FAILED" not in await kinds(temporal.get_workflow_handle(workflow_id(ref)))
    parties = {event.data["party"] for event in await probity.events(ref) if event.type == "party_added"}
    assert parties == {"P-1", "P-00", "P-01", "P-02"}
    assert await whole.verify(pool, ref) == []


async def test_a_case_is_resumed_after_it_was_terminated(
    probity: Probity, temporal: Client, settings: Settings
) -> None:
    ref = await suspended(probity, "live")
    await temporal.get_workflow_handle(workflow_id(ref)).terminate()
    with pytest.raises(Unavailable, match="no workflow runs it"):
        await probity.do(ref, "add_party", act("clerk", datetime.now(UTC), party="P-1", kind="interested_person"))
    await temporal.start_workflow("Case", id=workflow_id(ref), task_queue=settings.task_queue)
    await probity.do(ref, "add_party", act("clerk", datetime.now(UTC), party="P-1", kind="interested_person"))
    assert "P-1" in (await probity.case(ref)).parties


async def test_an_act_that_gives_too_much_at_once_is_refused_before_it_is_recorded(probity: Probity) -> None:
    ref = reference()
    officers = [{"officer": f"A{n}", "person": f"p-{n}"} for n in range(40)]
    allegations = [{"allegation": "1", "summary": "Said.", "officers": [each["officer"] for each in officers]}]
    opened = await probity.refer(referral(ref) | {"officers": officers, "allegations": allegations})
    every = [each["officer"] for each in officers]
    body = act("appropriate_authority", datetime.now(UTC), officers=every, measure="restricted_duties")
    with pytest.raises(Malformed, match="at once"):
        await probity.do(ref, "impose_restriction", body | {"reasons": "\N{GRINNING FACE}" * 15_000})
    assert (await probity.case(ref)).version == opened.version


async def test_updates_at_once_are_recorded_one_after_the_other(probity: Probity) -> None:
    ref = reference()
    await probity.refer(referral(ref))
    at = datetime.now(UTC)
    bodies = [act("clerk", at, party=f"P-{n}", kind="interested_person") for n in range(8)]
    await asyncio.gather(*(probity.do(ref, "add_party", body) for body in bodies))
    assert [e.version for e in await probity.events(ref)] == list(range(1, len(await probity.events(ref)) + 1))
    assert len((await probity.case(ref)).parties) == 8


async def test_an_act_meant_for_a_version_that_is_past_is_stale(probity: Probity, temporal: Client) -> None:
    """Of two who act on what both have seen, the second is told so, in the workflow and where none runs."""
    ref = reference()
    seen = (await probity.refer(referral(ref))).version
    bodies = [act("clerk", datetime.now(UTC), party=f"P-{n}", kind="interested_person") for n in range(2)]
    first = await probity.do(ref, "add_party", bodies[0], command_id="one", expected=seen)
    with pytest.raises(Stale, match=f"at version {first.version}, not {seen}"):
        await probity.do(ref, "add_party", bodies[1], command_id="two", expected=seen)
    with pytest.raises(Stale, match=f"at version {first.version}, not {first.version + 9}"):
        await probity.do(ref, "add_party", bodies[1], command_id="two", expected=first.version + 9)
    assert await probity.do(ref, "add_party", bodies[0], command_id="one", expected=seen) == first
    await probity.do(ref, "add_party", bodies[1], command_id="two", expected=first.version)
    assert len((await probity.case(ref)).parties) == 2
    handle = temporal.get_workflow_handle(workflow_id(ref))
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update("add_party", args=[bodies[0], "the newest"])
    assert isinstance(failed.value.cause, ApplicationError) and failed.value.cause.type == "malformed"
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    with pytest.raises(Stale):
        await probity.do(ref, "add_party", bodies[1], expected=seen)


async def test_a_reference_is_used_once(probity: Probity) -> None:
    ref = reference()
    await probity.refer(referral(ref))
    with pytest.raises(DuplicateReference):
        await probity.refer(referral(ref) | {"force": "force-02"})


async def test_an_unknown_case_is_told_as_such(probity: Probity) -> None:
    with pytest.raises(UnknownCase):
        await probity.do("T-NOBODY", "close_case", act("appropriate_authority", datetime.now(UTC)))


async def test_a_referral_that_does_not_fit_fails_its_workflow_at_once(
    settings: Settings, probity: Probity, temporal: Client
) -> None:
    ref = reference()
    for start, code in (
        ({"reference": ref}, "malformed"),
        ("nonsense", "malformed"),
        (referral(reference()), "malformed"),  # not the reference of its workflow
        (referral(ref) | {"actor": {"role": "college", "id": "c-1"}}, "not_permitted"),
        (None, "unknown_case"),
    ):
        started = temporal.start_workflow("Case", start, id=workflow_id(ref), task_queue=settings.task_queue)
        with pytest.raises(WorkflowFailureError) as failed:
            await (await started).result()
        assert isinstance(failed.value.cause, ApplicationError)
        assert failed.value.cause.type == code


async def test_a_case_is_run_under_its_own_workflow_id_alone(
    settings: Settings, probity: Probity, temporal: Client
) -> None:
    """Two workflows would run one case, each with a timer of its own."""
    ref = await suspended(probity, "live")
    for start in (referral(ref), None):
        started = temporal.start_workflow("Case", start, id=ref, task_queue=settings.task_queue)
        with pytest.raises(WorkflowFailureError) as failed:
            await (await started).result()
        assert isinstance(failed.value.cause, ApplicationError)
        assert failed.value.cause.type == "malformed"


async def test_the_operator_sees_where_a_case_stands(probity: Probity, temporal: Client) -> None:
    ref = await suspended(probity, "live")
    handle = temporal.get_workflow_handle(workflow_id(ref))
    seen = (await handle.describe()).typed_search_attributes
    values = {pair.key.name: pair.value for pair in seen if pair.key.name in ATTRIBUTES}
    assert values["CaseStage"] == Stage.REFERRAL.value
    assert list(values["RestrictionsInForce"]) == ["suspension"]
    assert values["NextDeadline"] == "suspension_reps/A"
    metadata = await handle.query(METADATA)
    assert "### Due" in metadata.current_details
    assert sorted(metadata.current_details.splitlines()) == sorted(page(await probity.case(ref)).splitlines())
    described = {update.name: update.description for update in metadata.definition.update_definitions}
    assert described["impose_restriction"].startswith("Restrict an officer")
    pending = [e for e in (await handle.fetch_history()).events if e.HasField("timer_started_event_attributes")]
    assert b"Make representations against the suspension (A), officer: " in pending[-1].user_metadata.summary.data


async def test_queries_answer_state_deadlines_and_what_may_be_done(probity: Probity, temporal: Client) -> None:
    ref = await suspended(probity, "live")
    handle = temporal.get_workflow_handle(workflow_id(ref))
    assert (await handle.query("state"))["stage"] == "referral"
    assert "suspension_review_first/A" in await handle.query("deadlines")
    assert "review_restriction" in {possible["command"] for possible in await handle.query("lawful_next")}


async def test_history_per_command_stays_small(probity: Probity, temporal: Client) -> None:
    ref = reference()
    await probity.refer(referral(ref))
    handle = temporal.get_workflow_handle(workflow_id(ref))
    before = len(await kinds(handle))
    for n in range(10):
        await probity.do(ref, "add_party", act("clerk", datetime.now(UTC), party=f"P-{n}", kind="interested_person"))
    assert (len(await kinds(handle)) - before) / 10 <= 8


async def test_a_case_closes_and_its_workflow_ends(probity: Probity, temporal: Client) -> None:
    ref = reference()
    await probity.refer(referral(ref))
    at = datetime.now(UTC)
    for officer in ("A", "B"):
        await probity.do(ref, "record_departure", act("clerk", at, officer=officer, departure="died"))
    await probity.do(ref, "close_case", act("appropriate_authority", at))
    ended = await temporal.get_workflow_handle(workflow_id(ref)).result()
    assert ended["closed"] is True
    assert (await probity.case(ref)).ticking == ()
    with pytest.raises(Exception, match="closed"):
        await probity.do(ref, "close_case", act("appropriate_authority", at))


async def test_a_closed_case_is_reopened_and_its_workflow_runs_again(probity: Probity, temporal: Client) -> None:
    ref = reference()
    await probity.refer(referral(ref))
    at = datetime.now(UTC)
    for officer in ("A", "B"):
        await probity.do(ref, "record_departure", act("clerk", at, officer=officer, departure="died"))
    await probity.do(ref, "close_case", act("appropriate_authority", at))
    await temporal.get_workflow_handle(workflow_id(ref)).result()
    with pytest.raises(OutOfOrder):
        early = act("appropriate_authority", at - timedelta(minutes=1), reasons="A witness came forward")
        await probity.do(ref, "reopen_case", early)
    body = act("appropriate_authority", datetime.now(UTC), reasons="A witness came forward")
    receipt = await probity.do(ref, "reopen_case", body, command_id="reopen-1")
    assert [event.type for event in receipt.events] == ["case_reopened", "deadline_reinstated"]
    assert await probity.do(ref, "reopen_case", body, command_id="reopen-1") == receipt
    await probity.do(ref, "add_party", act("clerk", datetime.now(UTC), party="P-9", kind="interested_person"))
    handle = temporal.get_workflow_handle(workflow_id(ref))
    assert (await handle.query("state"))["closed"] is False
    await probity.do(ref, "close_case", act("appropriate_authority", datetime.now(UTC)))
    assert (await handle.result())["closed"] is True
    await replay(await handle.fetch_history())


async def test_a_rehearsed_case_is_reopened_and_its_clock_goes_on(probity: Probity, temporal: Client) -> None:
    ref = reference()
    await probity.refer(referral(ref, "rehearsed"))
    at = await probity.now(ref)
    for officer in ("A", "B"):
        await probity.do(ref, "record_departure", act("clerk", at, officer=officer, departure="died"))
    await probity.skip(ref, at + timedelta(days=100))
    at = await probity.now(ref)
    await probity.do(ref, "close_case", act("appropriate_authority", at))
    await temporal.get_workflow_handle(workflow_id(ref)).result()
    later = at + timedelta(days=30)
    told = await probity.do(ref, "reopen_case", act("appropriate_authority", later, reasons="A witness came forward"))
    assert [event.type for event in told.events][:1] == ["case_reopened"]
    assert timedelta() <= await probity.now(ref) - later < timedelta(minutes=5)
    await probity.skip(ref, later + timedelta(days=10))
    party = act("clerk", await probity.now(ref), party="P-9", kind="interested_person")
    await probity.do(ref, "add_party", party)
    await replay(await temporal.get_workflow_handle(workflow_id(ref)).fetch_history())


async def test_a_rehearsed_case_that_waits_for_the_date_of_an_act_can_be_cancelled(
    probity: Probity, temporal: Client, settings: Settings
) -> None:
    ref = reference()
    await probity.refer(referral(ref, "rehearsed"))
    await temporal.get_workflow_handle(workflow_id(ref)).terminate()
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        "Case",
        id=workflow_id(ref),
        task_queue=settings.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
    )
    far = act("clerk", datetime.now(UTC) + timedelta(days=20_000), party="P-9", kind="interested_person")
    told = await rehearsing(temporal).start_update_with_start_workflow(
        "add_party", far, wait_for_stage=WorkflowUpdateStage.ACCEPTED, start_workflow_operation=start
    )
    handle = await start.workflow_handle()
    await handle.cancel()
    async with asyncio.timeout(20):
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await told.result()
    assert isinstance(failed.value.cause, ApplicationError) and failed.value.cause.type == "unavailable"


async def test_a_history_replays(probity: Probity, temporal: Client) -> None:
    ref = await suspended(probity)
    await probity.skip(ref, (await probity.now(ref)) + timedelta(days=60))
    await replay(await temporal.get_workflow_handle(workflow_id(ref)).fetch_history())


@pytest.mark.parametrize("kept", sorted(HISTORIES.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_the_histories_of_earlier_releases_replay(kept: Path) -> None:
    reference = kept.stem.partition(".")[0]  # behind the point stands which of its runs it is
    await replay(WorkflowHistory.from_json(workflow_id(reference), kept.read_text("utf-8")))


@pytest.mark.parametrize("kept", sorted(HISTORIES.glob(f"*/{SUBSCRIPTIONS}/*.json")), ids=lambda path: path.stem)
async def test_the_histories_of_subscribers_replay(kept: Path) -> None:
    name = kept.stem.partition(".")[0]
    await replay(WorkflowHistory.from_json(subscription_id(name), kept.read_text("utf-8")))


def test_there_are_histories_of_every_turn_of_every_release_to_replay() -> None:
    told = (HISTORIES.parents[1] / "CHANGELOG.md").read_text("utf-8")
    for release in (version("probity"), *re.findall(r"^## \[?(\d+\.\d+\.\d+)", told, re.MULTILINE)):
        assert list((HISTORIES / release).glob("*.json")), f"none of {release}: python -m tests.keep_histories"
    newest = HISTORIES / version("probity")
    assert {kept.stem.partition(".")[0] for kept in newest.glob("*.json")} >= set(STORIES)
    assert list((newest / SUBSCRIPTIONS).glob(f"{SUBSCRIBER}.*.json"))


async def replay(history: WorkflowHistory) -> None:
    await Replayer(workflows=[], plugins=[probity_plugin()]).replay_workflow(history)


async def test_a_worker_without_a_cache_replays_at_every_step(
    settings: Settings, temporal: Client, pool: store.Pool
) -> None:
    uncached = replace(settings, task_queue=f"probity-{uuid4()}", cached_cases=0)
    async with at_work(uncached) as probity:
        ref = await suspended(probity)
        await probity.skip(ref, (await probity.now(ref)) + timedelta(days=40))
        review = act("appropriate_authority", await probity.now(ref), officer="A", reasons="Still grave.")
        await probity.do(ref, "review_restriction", review)
        assert (await probity.case(ref)).deadlines["suspension_review_next/A"].ticking
        details = (await temporal.get_workflow_handle(workflow_id(ref)).query(METADATA)).current_details
        # Of a case that was evicted, so replayed for this alone.
        assert sorted(details.splitlines()) == sorted(page(await probity.case(ref)).splitlines())
    assert await whole.verify(pool, ref) == []


async def test_a_worker_does_not_poll_before_everything_is_set_up(settings: Settings, stack: Stack) -> None:
    bare = replace(settings, database_url=stack.database_url)
    own = await store.open_pool(bare.database_url)
    with pytest.raises(Unavailable, match=r"deploy\.migrate"):
        async with engine(bare, await connect_temporal(bare), own):
            pass
    await own.close()


async def test_a_worker_does_not_poll_where_a_search_attribute_is_missing(settings: Settings, temporal: Client) -> None:
    bare = replace(settings, temporal={**settings.temporal, "namespace": f"bare-{uuid4()}"})
    month = Duration(seconds=30 * 24 * 3600)
    own, elsewhere = await store.open_pool(bare.database_url), await connect_temporal(bare)
    for ask in (register.missing(elsewhere), schedules.watch(elsewhere, settings.task_queue)):
        with pytest.raises(Unavailable, match="no such namespace"):
            await ask
    await temporal.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=bare.temporal["namespace"], workflow_execution_retention_period=month)
    )
    async with asyncio.timeout(30):
        while not (lacking := await lacks(elsewhere)):  # the server comes to know a namespace after a while
            await asyncio.sleep(0.1)
    with pytest.raises(Unavailable, match=r"Temporal lacks search attributes .*deploy\.register"):
        async with engine(bare, elsewhere, own):
            pass
    assert await register.register(elsewhere) == lacking == list(ATTRIBUTES)
    assert await register.register(elsewhere) == []  # safe to run twice
    await own.close()


async def lacks(elsewhere: Client) -> list[str]:
    try:
        return await register.missing(elsewhere)
    except Unavailable:
        return []


@pytest.mark.parametrize(
    ("ring", "said"),
    [(None, "PROBITY_MASTER_KEYS is not set"), (Ring([bytes(32)]), "The master keys lack [0-9a-f]{16}, under")],
)
async def test_a_worker_does_not_poll_without_the_master_keys(
    settings: Settings, pool: store.Pool, probity: Probity, ring: Ring | None, said: str
) -> None:
    await probity.refer(referral(reference()))
    with pytest.raises(Unavailable, match=said):
        async with engine(replace(settings, ring=ring), await connect_temporal(settings), pool):
            pass


async def test_a_worker_that_could_change_the_record_does_not_poll(
    settings: Settings, owner_url: str, probity: Probity
) -> None:
    own = await store.open_pool(owner_url)
    with pytest.raises(Unavailable, match="lets this login change what is recorded"):
        async with engine(settings, await connect_temporal(settings), own):
            pass
    await own.close()


async def test_an_answer_is_told_to_whoever_asks_temporal_itself(probity: Probity, temporal: Client) -> None:
    ref = reference()
    await probity.refer(referral(ref))
    handle = temporal.get_workflow_handle(workflow_id(ref))
    told = await handle.execute_update(
        "impose_restriction", suspension(datetime.now(UTC)), result_type=tuple[Recorded, ...]
    )
    assert told[0].type == "restriction_imposed"


async def test_without_a_worker_the_caller_is_told_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = replace(settings, task_queue=f"probity-{uuid4()}")
    monkeypatch.setattr(client, "PATIENCE", timedelta(seconds=1))
    async with Probity.connect(nobody) as probity:
        with pytest.raises(Unavailable, match="is a worker running"):
            await probity.refer(referral(reference()))
