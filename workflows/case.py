"""One case, from referral to outcome (docs/adr/0001).

The workflow knows when, the domain knows what, the store knows what happened. It opens the case, stays with it through
its stages, keeps one timer for the nearest deadline, and takes every command as a named Update. It acts on where the
case stands, as the store tells it; what it folds of the stream is a cache for validators, queries and the details page.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities import metrics
from activities.record import Act, Answer, Load, OpenCase, PassTime, Records, check_expected, check_message
from activities.room import mark
from domain.case import CLOCK_SKEW, Possible, decide, evolve, lawful_next
from domain.correction import RecordCorrected
from domain.errors import Malformed, Refused, Unavailable
from domain.messages import COMMANDS, Recorded, Refusal, command_from
from domain.state import Case
from domain.summary import CaseSummary, DeadlineSummary, Standing, Wake, summary
from domain.vocabulary import Clock, Stage
from domain.working_days import england_and_wales
from workflows import visibility
from workflows.asking import Asking
from workflows.commands import NotRead, refusal_error, with_updates
from workflows.page import page

__all__ = ["UPGRADE", "WORKFLOW_TYPE", "CaseWorkflow", "workflow_id"]

WORKFLOW_TYPE = "Case"
UPGRADE = "upgrade"
APART = timedelta(minutes=1)  # at most, until a case looks again whether its day has come by the other clock too
A_MOMENT = timedelta(milliseconds=1)  # any timer ends a workflow task
FULL = 256 * 1024  # bytes that acts gave, which a task holds three times: a marker has them twice, their Update once
COME_TO = "Come to the date of the act that starts the case again"
ENDED = Refusal(code=Unavailable.code, sentence="The case was cancelled meanwhile.")
AHEAD = "Temporal's clock is ahead of the database's: look again"
ORDER = list(Stage)


def workflow_id(reference: str) -> str:
    """The id under which a case runs; it keeps two workflows from running one case."""
    return f"case/{reference}"


@workflow.defn(name=WORKFLOW_TYPE)
@with_updates
class CaseWorkflow:
    """A misconduct case from referral to outcome."""

    @workflow.init
    def __init__(self, start: Any = None) -> None:
        self._case: Case | None = None
        self._standing: Standing | None = None
        self._given: set[int] = set()  # marks of command ids
        self._stood_at = workflow.now()
        self._ahead_of: Wake | None = None  # due by our clock, and not yet by the store's, when it was last asked
        self._given_by_task = 0  # bytes, about
        self._lock = asyncio.Lock()
        self._asking = Asking()
        self._ending = False  # cancelled: what was accepted is recorded, and nothing is enforced any more

    @workflow.run
    async def run(self, start: Any = None) -> CaseSummary:
        """Start input: the referral as JSON; none for a case that the store holds, which then goes on."""
        try:
            await self._open(start)
            while True:
                await self._live()
                await workflow.wait_condition(workflow.all_handlers_finished)
                if self._stands().stage is Stage.CLOSED:
                    return summary(self._known())  # else the act that this run was started with has reopened it
        except (asyncio.CancelledError, ActivityError) as ended:
            if is_cancelled_exception(ended) and self._standing is not None:
                # What was accepted is recorded first, also while a deadline is enforced. Started again, a case goes on.
                self._ending = True
                await workflow.wait_condition(workflow.all_handlers_finished)
            raise

    async def _live(self) -> None:
        """Stay with the case through its stages to its end."""
        await self._stay_while(Stage.REFERRAL)  # assessed, referred, mode decided, investigator appointed
        await self._stay_while(Stage.INVESTIGATION)  # severity, notice, restriction, interviews, report, decision
        await self._stay_while(Stage.PROCEEDINGS)  # documents, panel, hearing or meeting, findings
        await self._stay_while(Stage.OUTCOME)  # sanction, report, notice to the officer, appeal, closure

    async def _open(self, start: Any) -> None:
        async with self._lock:
            if start is None:
                await self._resume()
            else:
                await self._begin(start)

    async def _begin(self, start: Any) -> None:
        """The store reads the referral and refuses one that does not fit: here, today's model would judge at replay."""
        reference = self._reference()
        opening = OpenCase(referral=start, command_id=f"refer/{reference}", stream=reference, now=workflow.now())
        await self._learn(await self._asking.ask(Records.open_case, opening, "Open the case"))

    async def _resume(self) -> None:
        loaded = await self._asking.ask(Records.load_case, Load(stream=self._reference()), "Load the case")
        self._case, self._given = loaded.case, loaded.given()
        self._stand(loaded.standing, loaded.moved_at)

    def _reference(self) -> str:
        """The case, by the workflow's own id: under any other id a second workflow could run it."""
        own = workflow.info().workflow_id
        reference = own.removeprefix(workflow_id(""))
        if own != workflow_id(reference):
            raise refusal_error(Malformed("The workflow's id has to be case/, and the reference of the case."))
        return reference

    async def _stay_while(self, stage: Stage) -> None:
        """Enforce each deadline as it falls due until the case is past this stage."""
        while self._at_most(stage):
            if self._may_roll_over():
                # The fresh run is for the version that is current then (docs/upgrade.md); without versions, for any.
                workflow.continue_as_new(
                    initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
                )
            await self._next_deadline(stage)

    def _at_most(self, stage: Stage) -> bool:
        return ORDER.index(self._stands().stage) <= ORDER.index(stage)

    async def _next_deadline(self, stage: Stage) -> None:
        """Wait for the nearest deadline under one timer, which is set anew only when another becomes the nearest."""
        wake = self._stands().wake

        def moved() -> bool:
            return self._stands().wake != wake or self._may_roll_over() or not self._at_most(stage)

        if wake is None:
            await workflow.wait_condition(moved)
        elif wake.at > workflow.now():
            try:
                await workflow.wait_condition(moved, timeout=wake.at - workflow.now(), timeout_summary=wake.line)
            except TimeoutError:
                await self._enforce()
        else:
            ahead = await self._enforce()
            if self._ahead_of == wake:
                with suppress(TimeoutError):
                    await workflow.wait_condition(moved, timeout=min(ahead, APART), timeout_summary=AHEAD)

    async def _enforce(self) -> timedelta:
        """Have what is due enforced; how far our clock is ahead of the store's, which dates the record."""
        async with self._lock:
            if (wake := self._due()) is None:
                return APART  # an act settled it while this waited for the lock
            case, now, since = self._known(), workflow.now(), max(wake.at, self._stood_at)
            passed = PassTime(stream=case.reference, until=now, known=case.version, now=now)
            answer = await self._asking.ask(Records.enforce_deadlines, passed, wake.line)
            if answer.refusal is not None:  # the case is gone from the store: to go on would be to ask for ever
                raise refusal_error(answer.refusal)
            if case.clock is Clock.LIVE and answer.events:
                metrics.enforced(workflow.now() - since)
            await self._learn(answer)
            self._ahead_of = wake if self._due() == wake else None
            return now - answer.now if answer.now is not None and answer.now < now else APART

    def _due(self) -> Wake | None:
        wake = self._stands().wake
        return wake if wake is not None and wake.at <= workflow.now() else None

    def _may_roll_over(self) -> bool:
        """Go on in a fresh history once this one is long, or another version of the worker has become the current one.

        Not while an Update is half done. Nothing is handed on: the store has the state.
        """
        info = workflow.info()
        due = info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()
        return due and workflow.all_handlers_finished()

    @workflow.signal(name=UPGRADE, description="Look whether another version of the worker is to run this case.")
    def upgrade(self) -> None:
        """Being woken is all: a case that only waits for its deadline would not learn of a new version for months."""

    def check(self, name: str, body: Any, expected: Any = None) -> None:
        """Validator of every Update: refuse what the domain refuses, at no cost in history.

        And every act while one waits because the case cannot be read, say: refused here, it may be sent again as it is.
        """
        if self._asking.stuck is not None:
            raise refusal_error(self._asking.stuck)
        try:
            command = command_from(name, body)
            check_message(self._command_id(), body)
            if not isinstance(expected, int | None):
                raise Malformed("The version that the act is meant for has to be a number.")
            if self._case is not None and mark(self._command_id()) not in self._given:
                if expected is not None and expected < self._case.version:  # the store may be ahead of this
                    check_expected(self._case.reference, self._case.version, expected)
                decide(self._case, command, england_and_wales(), workflow.now())
        except Refused as refused:
            metrics.refused(name if name in COMMANDS else "unknown", refused.code)
            raise refusal_error(refused) from None

    async def give(self, name: str, body: Any, expected: int | None = None) -> tuple[Recorded, ...]:
        """Handler of every Update: have the act recorded and answer with its events, now or when it is sent again."""
        await workflow.wait_condition(lambda: self._standing is not None)
        await self._come_to(name, body)
        async with self._lock:
            before = self._known().version
            act = Act(
                stream=self._known().reference,
                command_id=self._command_id(),
                command=name,
                body=body,
                known=before,
                expected=expected,
                now=workflow.now(),
            )
            answer: Answer = await self._asking.ask(Records.record, act, name)
            await self._learn(answer)
            await self._end_task_if_full(answer)
        if answer.refusal is not None:
            metrics.refused(name, answer.refusal.code)
            raise refusal_error(answer.refusal, workflow.now())
        return tuple(answer.told)

    async def _end_task_if_full(self, answer: Answer) -> None:
        """Let what one workflow task gives not grow beyond 4 MiB, for which Temporal would terminate the case."""
        self._given_by_task += answer.weight
        if self._given_by_task > FULL:
            self._given_by_task = 0
            await workflow.sleep(A_MOMENT)

    async def _come_to(self, name: str, body: Any) -> None:
        """A rehearsed case that an act starts again begins at real time: wait until its clock is carried to the act.

        While it runs its validator refuses an act that its clock has not come to.
        """
        if self._known().clock is not Clock.REHEARSED:
            return
        if (ahead := command_from(name, body).occurred_at - workflow.now()) > CLOCK_SKEW:
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._ending, timeout=ahead, timeout_summary=COME_TO)
            if self._ending:
                raise refusal_error(ENDED)

    @workflow.update(
        description="Wait until the case is open and whatever has fallen due is enforced; records nothing.",
        unfinished_policy=workflow.HandlerUnfinishedPolicy.ABANDON,  # where no case is opened, the end says why
    )
    async def catch_up(self) -> int:
        """The version at which the case has caught up with its clock, or with the store's where that is behind."""
        return await self._caught_up()

    async def _caught_up(self) -> int:
        await workflow.wait_condition(lambda: self._standing is not None and (self._ending or self._is_caught_up()))
        if not self._is_caught_up():
            raise refusal_error(ENDED)
        return self._known().version

    def _is_caught_up(self) -> bool:
        return self._due() in (None, self._ahead_of)

    @workflow.update(description="Read the case anew from the store and enforce what has fallen due; records no act.")
    async def look_again(self) -> int:
        """The version after it. For the watch: it also learns of events that did not come through this workflow."""
        await workflow.wait_condition(lambda: self._standing is not None)
        async with self._lock:
            await self._resume()
        await self._enforce()
        return await self._caught_up()

    @look_again.validator
    def _may_look_again(self) -> None:
        """Not while it waits for the store: it reads anew then anyway, and an Update more would only wait behind it."""
        if self._asking.waits:
            stuck = Refusal(code=Unavailable.code, sentence="The case waits for the store already.")
            raise refusal_error(self._asking.stuck or stuck)

    def _command_id(self) -> str:
        update = workflow.current_update_info()
        if update is None:
            raise RuntimeError("a command arrives only as an Update")
        # Temporal answers an Update id that it knows without a look at the body: a client that puts a digest of the
        # body behind `#` has another body under the same command id come through to the store, which refuses it.
        return update.id.partition("#")[0]

    async def _learn(self, answer: Answer) -> None:
        if answer.refusal is not None and self._case is None:
            raise refusal_error(answer.refusal)
        if any(recorded.type == RecordCorrected.name for recorded in answer.events):
            await self._resume()  # it changes what came before: the store reads the whole history anew
            return
        for recorded in answer.events:
            if recorded.version == (self._case.version if self._case else 0) + 1:
                self._case = evolve(self._case, recorded.event())
                self._given.add(mark(recorded.command_id))
        if answer.version > (self._case.version if self._case else 0):
            await self._resume()  # more has happened than had room in the answer
        elif answer.standing is not None:
            self._stand(answer.standing)

    def _stand(self, standing: Standing, since: datetime | None = None) -> None:
        """Publish where the case stands. It is told by the store: folded here it would bind replay to today's rules.

        `since`: from when on the record had it so, where this run only reads it.
        """
        self._standing, self._stood_at = standing, since or workflow.now()
        published = workflow.info().typed_search_attributes
        if updates := visibility.changes(published, visibility.attributes(standing)):
            workflow.upsert_search_attributes(updates)

    def details(self) -> str:
        """The case on one page, for the Temporal UI; empty until it is open."""
        return page(self._case) if self._case is not None else ""

    def _known(self) -> Case:
        if self._case is None:
            raise RuntimeError("the case has not been opened")
        return self._case

    def _stands(self) -> Standing:
        if self._standing is None:
            raise RuntimeError("the case has not been opened")
        return self._standing

    def _shown(self) -> Case:
        """The case for a query, which may come before this run has read it, or after it ended without."""
        if self._case is None:
            raise NotRead
        return self._case

    @workflow.query(description="How the case stands, on one page.")
    def state(self) -> CaseSummary:
        """The case on one page."""
        return summary(self._shown())

    @workflow.query(description="Every deadline of the case, by its id.")
    def deadlines(self) -> dict[str, DeadlineSummary]:
        """The deadlines, by id."""
        return summary(self._shown()).deadlines

    @workflow.query(name="lawful_next", description="What may be done next, by whom, for which officers.")
    def acts(self) -> list[Possible]:
        """What may be done next."""
        return lawful_next(self._shown(), england_and_wales())
