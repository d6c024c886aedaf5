"""The operator's views on a real Temporal: each has the cases that must be in it and no other."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tomllib import loads
from typing import Any
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from deploy import many
from deploy.embedded import Stack
from deploy.many import fill
from domain.case import lawful_next
from domain.regimes import every_time_limit
from domain.state import Case, Deadline
from domain.vocabulary import Clock, Role, Severity, Stage
from domain.working_days import end_of_day, england_and_wales, london_date
from integration.client import Probity
from integration.settings import Settings
from integration.views import COLUMNS, EVERY, OPEN, views
from tests.engine import act, at_work, reference, referral, suspension
from workflows.case import workflow_id
from workflows.page import page
from workflows.visibility import ATTRIBUTES

NOW = datetime.now(UTC)
CHECKOUT = Path(__file__).parents[2]
WEEK, FOUR_WEEKS = timedelta(days=7), timedelta(days=28)
Cases = dict[str, Case]


@pytest.fixture(scope="module")
async def probity(settings: Settings) -> AsyncIterator[Probity]:
    async with at_work(settings) as client:
        yield client


@workflow.defn(name="Case", sandboxed=False)
class Failing:
    """A release that cannot run its cases."""

    @workflow.run
    async def run(self) -> None:
        raise RuntimeError("a fault of ours")


@pytest.fixture(scope="module")
async def failing(temporal: Client) -> AsyncIterator[str]:
    """The queue of a case that fails from now on."""
    plain = await Client.connect(temporal.service_client.config.target_host, namespace=temporal.namespace)
    queue = f"failing-{uuid4()}"
    async with Worker(plain, task_queue=queue, workflows=[Failing]):
        handle = await plain.start_workflow("Case", id=workflow_id(reference()), task_queue=queue)
        yield queue
        await handle.terminate()


@pytest.fixture(scope="module")
async def cases(probity: Probity, temporal: Client, failing: str) -> Cases:
    """A dozen cases at every stage, and some that are told on purpose."""
    told = await fill(probity, 12, NOW)
    await listed_soon(probity, told)
    told += [await suspended_for(probity, days) for days in (5, 27, 45)]
    told += [await suspended_for(probity, days, "rehearsed") for days in (27, 45)]
    told += [await redeployed_for(probity, *for_days) for for_days in ((35, "live"), (70, "live"), (70, "rehearsed"))]
    told += [await imported(probity), await closed(probity), await stayed(probity), await terminated(probity, temporal)]
    return {ref: await probity.case(ref) for ref in told}


async def listed_soon(probity: Probity, told: list[str]) -> None:
    """Fix one listed hearing anew, for a day within four weeks whatever the day of the run is."""
    for case in [await probity.case(ref) for ref in told]:
        for officer in case.officers.values():
            hearing = officer.hearing
            if hearing and hearing.pending and hearing.begins_on and not hearing.opened:
                day = (london_date(NOW) + timedelta(days=10)).isoformat()
                told_by = {
                    "actor": {"role": "chair", "id": hearing.chair},
                    "occurred_at": datetime.now(UTC).isoformat(),
                }
                together = [
                    each.ref for each in case.officers.values() if each.hearing and each.hearing.ref == hearing.ref
                ]
                await probity.do(case.reference, "list_hearing", {**told_by, "officers": together, "begins_on": day})
                return
    raise AssertionError("no hearing is listed")


async def suspended_for(probity: Probity, days: int, clock: str = "live") -> str:
    """Reviewed in four weeks at the latest: after 5 days not soon, after 27 this week, after 45 it is missed."""
    ref, since = reference(), NOW - timedelta(days=days)
    await probity.refer(referral(ref, clock, since - timedelta(hours=1)))
    await probity.do(ref, "impose_restriction", suspension(since))
    return ref


async def redeployed_for(probity: Probity, days: int, clock: str) -> str:
    """Looked at again after four weeks: owed then as soon as practicable."""
    ref, since = reference(), NOW - timedelta(days=days)
    await probity.refer(referral(ref, clock, since - timedelta(hours=1)))
    await probity.do(ref, "impose_restriction", suspension(since) | {"measure": "redeployment"})
    return ref


async def imported(probity: Probity) -> str:
    ref = reference()
    await probity.refer(referral(ref, "recorded", NOW - timedelta(days=40)))
    return ref


async def closed(probity: Probity) -> str:
    ref = reference()
    await probity.refer(referral(ref))
    died = act("appropriate_authority", datetime.now(UTC), officers=["A", "B"], departure="died")
    await probity.do(ref, "record_departure", died)
    await probity.do(ref, "close_case", act("appropriate_authority", datetime.now(UTC)))
    return ref


async def stayed(probity: Probity) -> str:
    ref = reference()
    await probity.refer(referral(ref))
    told = act("appropriate_authority", datetime.now(UTC), reasons="A criminal trial is listed.")
    await probity.do(ref, "stay_proceedings", told)
    return ref


async def terminated(probity: Probity, temporal: Client) -> str:
    ref = reference()
    await probity.refer(referral(ref))
    await temporal.get_workflow_handle(workflow_id(ref)).terminate()
    return ref


def hearing_days(case: Case) -> list[datetime]:
    hearings = [officer.hearing for officer in case.officers.values() if officer.hearing and officer.hearing.pending]
    return [end_of_day(each.begins_on - timedelta(days=1)) for each in hearings if each.begins_on]


def measures(case: Case) -> set[str]:
    return {officer.restriction.measure.value for officer in case.officers.values() if officer.restriction}


def midnight(days: int) -> datetime:
    return end_of_day(london_date(NOW) + timedelta(days=days - 1))


def real(case: Case) -> tuple[Deadline, ...]:
    """What is overdue for somebody to do: a rehearsed case is nobody's."""
    return case.overdue if case.clock is not Clock.REHEARSED else ()


def at_once(case: Case, *rules: str) -> list[date]:
    """Since when what is owed as soon as practicable is owed, by any rule or by these."""
    owed = [each for each in case.deadlines.values() if not rules or each.rule in rules]
    return [each.owed_since for each in owed if each.owed_since and case.clock is not Clock.REHEARSED]


SUSPENSION_REVIEWS = {row.id for row in every_time_limit() if row.id.startswith("suspension_review")}

# What each view is about, said of the record and not of the attributes.
MEANT: Mapping[str, Callable[[Case], bool]] = {
    "overdue": lambda case: bool(real(case)),
    "overdue_authority": lambda case: any(late.duty is Role.APPROPRIATE_AUTHORITY for late in real(case)),
    "overdue_iopc": lambda case: any(late.duty is Role.IOPC for late in real(case)),
    "suspension_review_missed": lambda case: any(late.rule in SUSPENSION_REVIEWS for late in real(case)),
    "review_called_for": lambda case: bool(at_once(case, "suspension_review_reps", "restriction_review")),
    "owed_long": lambda case: any(day < london_date(NOW) - FOUR_WEEKS for day in at_once(case)),
    "due_this_week": lambda case: (
        case.clock is not Clock.REHEARSED and bool(case.ticking) and case.ticking[0].due_at <= midnight(7)
    ),
    "suspended": lambda case: "suspension" in measures(case),
    "restricted": lambda case: bool(measures(case) - {"suspension"}),
    "stayed": lambda case: case.stayed,
    "hearings": lambda case: bool(hearing_days(case)),
    "hearings_soon": lambda case: any(midnight(0) <= day <= midnight(28) for day in sorted(hearing_days(case))[:1]),
    "new": lambda case: case.stage is Stage.REFERRAL,
    "investigations": lambda case: case.stage is Stage.INVESTIGATION,
    "proceedings": lambda case: case.stage is Stage.PROCEEDINGS,
    "gross": lambda case: case.severity is Severity.GROSS_MISCONDUCT,
    "not_live": lambda case: case.clock is Clock.RECORDED,
}


async def found(temporal: Client, settings: Settings, view: str, meant: set[str]) -> set[str]:
    """The references that a view shows of this module's cases; the list follows the workflows a moment later."""
    query = f'{views(NOW)[view].query} AND TaskQueue = "{settings.task_queue}"'
    for _ in range(50):
        shown = {each.id.removeprefix(workflow_id("")) async for each in temporal.list_workflows(query)}
        if shown == meant:
            break
        await asyncio.sleep(0.1)
    return shown


def running_only(cases: Cases) -> Cases:
    return {ref: case for ref, case in list(cases.items())[:-1] if case.closed_at is None}  # the last is terminated


@pytest.mark.parametrize("view", MEANT)
async def test_a_view_has_the_cases_it_is_about(temporal: Client, settings: Settings, cases: Cases, view: str) -> None:
    meant = {ref for ref, case in running_only(cases).items() if MEANT[view](case)}
    assert meant, "no case must be in it"
    assert meant < set(cases), "no case must be missing from it"
    assert await found(temporal, settings, view, meant) == meant


async def test_closed_and_ended_cases_are_found(temporal: Client, settings: Settings, cases: Cases) -> None:
    ended = {ref for ref, case in cases.items() if case.closed_at is not None}
    assert await found(temporal, settings, "closed", ended) == ended != set()
    assert await found(temporal, settings, "ended", {list(cases)[-1]}) == {list(cases)[-1]}


async def test_a_case_whose_workflow_tasks_fail_is_found(temporal: Client, failing: str) -> None:
    query = f'{views(NOW)["failing"].query} AND TaskQueue = "{failing}"'
    async with asyncio.timeout(60):
        while not [each async for each in temporal.list_workflows(query)]:
            await asyncio.sleep(0.5)


async def test_every_view_is_held_by_a_test_and_every_column_is_there() -> None:
    assert {*MEANT, "closed", "ended", "failing", "paused"} == set(views(NOW))
    assert set(COLUMNS) <= {"Status", "Workflow ID", *ATTRIBUTES}


def test_the_page_of_the_operator_tells_the_views_as_they_are() -> None:
    page = (CHECKOUT / "docs/operator.md").read_text("utf-8")
    told = loads((CHECKOUT / "integration/views.toml").read_text("utf-8"))
    for kind, of in (("open", OPEN), ("every", EVERY)):
        rows = "".join(f"| {row['about']} | `{re.sub('[{}]', '', row['query'])}` |\n" for row in told[kind].values())
        assert f"| View | Query, after `{of} AND` |\n|---|---|\n{rows}\n" in page


async def test_the_ui_introduces_a_case(temporal: Client, cases: Cases) -> None:
    """Summary, details and memo are set once; none of them tells what the case is about in free text."""
    ref, case = next(iter(cases.items()))
    seen = await temporal.get_workflow_handle(workflow_id(ref)).describe()
    assert await seen.static_summary() == f"Misconduct case {ref}, {case.force}: conduct matter, 6 officers"
    assert "6 officers" in (await seen.static_details() or "")
    memo: dict[str, Any] = dict(await seen.memo())
    assert memo == {
        "origin": "conduct_matter",
        "first_known": case.first_known.isoformat(),
        "officers": 6,
        "illustrative": True,
    }


async def test_the_page_is_short_enough_and_tells_no_free_text(cases: Cases) -> None:
    for case in cases.values():
        told = page(case)
        assert len(told) < 20_000
        assert told.index("### Due next") < told.index(" officers\n")
        assert not any(person.person in told for person in case.officers.values())
        assert not case.overdue or told.index("### Overdue") < told.index("### Due next")
        assert case.closed_at is not None or all(act.command in told for act in lawful_next(case, england_and_wales()))


async def test_whoever_has_cases_brought_in_is_told_so_first(
    stack: Stack, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was silent for more than a minute."""
    told: list[str] = []

    async def filling(_: Probity, how_many: int) -> list[str]:
        told.append(capsys.readouterr().out)
        return how_many * ["X-1"]

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", stack.temporal_address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", stack.namespace)
    monkeypatch.setattr(many, "fill", filling)
    await many._main(3)
    assert told == ["Bringing in 3 cases, act by act; four dozen take a minute or two.\n"]
    assert capsys.readouterr().out == "3 cases came in.\n"
