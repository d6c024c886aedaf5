"""A subscriber of webhooks: who is told of events, for as long as it is one. Its page says how that goes.

All that it knows stands in Postgres: it waits until it is rung for, or until a delivery is due again, and has a turn
taken. So it may be started anew at any time, and its history may go (docs/adr/0023).
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.faults import FAULT
from activities.webhooks.deliver import DELIVER, Deliveries
from activities.webhooks.turns import Change, Replay, SubscriberStanding, Trial, Tried, Turn
from domain.errors import Malformed, NotFound, Unavailable
from domain.messages import plain
from workflows.commands import refusal_error

__all__ = ["SUBSCRIPTION", "SubscriptionWorkflow", "deliveries_queue", "page", "subscription_id"]

SUBSCRIPTION = "Subscription"
LONGEST_REASON = 200
HEARTBEAT = timedelta(seconds=10)
ANSWERED = timedelta(seconds=25)  # an Update: below the caller's patience, above what a receiver may take
T = TypeVar("T")


def subscription_id(subscription: str) -> str:
    """The id of a subscriber's workflow."""
    return f"subscription/{subscription}"


def deliveries_queue(task_queue: str) -> str:
    """Where deliveries are made: receivers that are slow hold up no case."""
    return f"{task_queue}-webhooks"


@workflow.defn(name=SUBSCRIPTION)
class SubscriptionWorkflow:
    """Delivers to one subscriber."""

    @workflow.init
    def __init__(self) -> None:
        own = workflow.info().workflow_id
        self._name = own.removeprefix(subscription_id(""))
        self._rung = True
        self._standing = SubscriberStanding()

    @workflow.run
    async def run(self) -> str:
        """Deliver until the subscriber is removed."""
        while self._standing.state != "removed":
            if self._may_roll_over():
                workflow.continue_as_new(
                    initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
                )
            await self._rest()
            self._rung = False
            turn = Turn(subscription=self._name, now=workflow.now())
            self._stands(await self._done(DELIVER, turn, SubscriberStanding, "Deliver what there is"))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return "removed"

    def _may_roll_over(self) -> bool:
        """Go on in a fresh history once this one is long, or another version of the worker is the current one."""
        info = workflow.info()
        due = info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()
        return due and workflow.all_handlers_finished()

    async def _rest(self) -> None:
        """Until somebody rings, or a delivery is due."""
        if self._rung or self._standing.more:
            return
        wake = self._standing.wake
        left = wake - workflow.now() if wake else None
        if left is None:
            await workflow.wait_condition(lambda: self._rung)
        elif left > timedelta():
            try:
                await workflow.wait_condition(lambda: self._rung, timeout=left, timeout_summary="Deliver again")
            except TimeoutError:
                return

    def _stands(self, standing: SubscriberStanding) -> None:
        self._standing = standing
        workflow.set_current_details(page(standing))

    async def _answered(self, what: Any, asked: Any, kind: type[T], summary: str) -> T:
        """Done while whoever asked still waits, or given up: a handler that never ended would keep this history on."""
        try:
            return await self._done(what, asked, kind, summary, within=ANSWERED)
        except ActivityError:
            self._rung = True  # it may have been done all the same: a turn finds out
            told = f"It was not done within {ANSWERED.seconds} seconds, and may yet be; see its workflow in Temporal."
            raise ApplicationError(told, type=Unavailable.code, non_retryable=True) from None

    async def _done(self, what: Any, asked: Any, kind: type[T], summary: str, *, within: timedelta | None = None) -> T:
        """Done where deliveries are made, however long the database is away unless it has to be done in a time."""
        found: T = await workflow.execute_activity(
            what,
            asked,
            result_type=kind,
            task_queue=deliveries_queue(workflow.info().task_queue),
            start_to_close_timeout=timedelta(seconds=90),
            schedule_to_close_timeout=within,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RetryPolicy(
                maximum_interval=timedelta(minutes=1), non_retryable_error_types=[FAULT] if within else None
            ),
            summary=summary,
        )
        return found

    @workflow.signal
    def ring(self) -> None:
        """There may be something to deliver."""
        self._rung = True

    @workflow.update
    async def pause(self, because: Any = None) -> SubscriberStanding:
        """Deliver nothing until it is resumed; nothing is lost meanwhile. Say why, if you like, naming nobody."""
        return await self._change("paused", because or "by an operator")

    @pause.validator
    def _check_pause(self, because: Any = None) -> None:
        if not isinstance(because, str | None) or len(because or "") > LONGEST_REASON:
            raise refusal_error(Malformed("Why it is paused is told in 200 characters at most."))

    @workflow.update
    async def resume(self) -> SubscriberStanding:
        """Deliver again, from where it stood; what waits is tried at once."""
        return await self._change("active", None)

    async def _change(self, state: str, because: str | None) -> SubscriberStanding:
        change = Change(subscription=self._name, state=state, now=workflow.now(), because=because)
        self._stands(
            await self._answered(Deliveries.change_subscription, change, SubscriberStanding, f"Make it {state}")
        )
        self._rung = True
        return self._standing

    @workflow.update
    async def test(self) -> Tried:
        """Send a test event now, once, also while it is paused."""
        trial = Trial(subscription=self._name, id=str(workflow.uuid4()))
        tried = await self._answered(Deliveries.send_test, trial, Tried, "Send a test")
        if tried is None:
            raise refusal_error(NotFound("There is no such subscriber any more."))
        return tried

    @workflow.update
    async def replay(self, event: Any = None) -> int:
        """Deliver dead letters after all: the one of this event, or without one all of them. Says how many."""
        asked = Replay(subscription=self._name, now=workflow.now(), event=event)
        count = await self._answered(Deliveries.replay_dead_letters, asked, int, "Let dead letters wait again")
        self._rung = True
        return count

    @replay.validator
    def _check_replay(self, event: Any = None) -> None:
        if event is not None and not (isinstance(event, str) and _is_id(event)):
            raise refusal_error(Malformed("Which dead letter is told by the id of its event."))

    @workflow.query
    def standing(self) -> SubscriberStanding:
        """How it stands."""
        return self._standing


def _is_id(told: str) -> bool:
    try:
        UUID(told)
    except ValueError:
        return False
    return True


def page(standing: SubscriberStanding) -> str:
    """How a subscriber stands, to be read from the top."""
    state = {"active": "Delivering", "paused": "**Paused**", "disabled": "**Disabled**", "removed": "Removed"}
    head = state[standing.state] + (f": {standing.because}" if standing.because else "")
    lines = [
        standing.waiting and f"- {standing.waiting} wait, of {standing.cases} cases",
        _at("- the endpoint rests until", standing.resting_until if standing.wake else None),
        _at("- the next is tried", standing.wake),
        standing.dead and f"- **{standing.dead} dead letters**: `probity webhooks dead`, `replay`",
        _at("- last delivered", standing.last_delivered),
    ]
    return "\n".join([head, "", *(str(line) for line in lines if line)])


def _at(what: str, when: datetime | None) -> str | None:
    return f"{what} {plain(when)}" if when else None
