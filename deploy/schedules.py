"""What Temporal starts by itself, at intervals: kept as wanted by `ensure`, safe to run twice."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from integration.answers import reached
from workflows.watch import WATCH, Look

__all__ = ["WATCH_SCHEDULE", "ensure", "every", "watch"]

WATCH_SCHEDULE = "watch"
LONGEST = timedelta(minutes=30)  # a look left half done, as by the last worker of its version, would hold back the next


async def ensure(client: Client, schedule_id: str, wanted: Schedule) -> bool:
    """Create this schedule, or make what exists so; one that an operator has paused stays so. Raises `Unavailable`.

    Gives whether it runs.
    """

    def keeping_its_state(found: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state = found.description.schedule.state
        return ScheduleUpdate(wanted)

    try:
        await reached(client.create_schedule(schedule_id, wanted))
    except ScheduleAlreadyRunningError:
        await reached(client.get_schedule_handle(schedule_id).update(keeping_its_state))
    return not wanted.state.paused


def every(interval: timedelta, action: ScheduleActionStartWorkflow) -> Schedule:
    """A workflow at intervals: never two at once, and after an outage once, not once for each time that was missed."""
    return Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=interval),
    )


async def watch(client: Client, task_queue: str) -> bool:
    """Look over all cases every ten minutes (docs/run.md, The watch); False where an operator has paused that."""
    summary = "Compare the record with the process"
    action = ScheduleActionStartWorkflow(
        WATCH, Look(), id=WATCH_SCHEDULE, task_queue=task_queue, execution_timeout=LONGEST, static_summary=summary
    )
    return await ensure(client, WATCH_SCHEDULE, every(timedelta(minutes=10), action))
