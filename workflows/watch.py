"""The watch over all cases, which does not trust their timers: run by a schedule, it compares and repairs.

What it does needs the record and a client of Temporal at once, so the activity stands in `integration/watch.py`.
"""

from datetime import datetime, timedelta

from pydantic import AwareDatetime
from temporalio import workflow
from temporalio.common import RetryPolicy

from domain.messages import Kept
from domain.working_days import MONTHS

__all__ = ["LOOK_OVER", "WATCH", "Look", "Tally", "WatchReport", "WatchWorkflow"]

WATCH = "Watch"
LOOK_OVER = "look_over_cases"


class Look(Kept):
    """Compare the record with the process; with `repair`, start and wake what should run.

    `every`: ask every case what it knows, also where its record has not moved for a day. It costs the worker a replay
    for each that it does not hold in memory.
    """

    repair: bool = True
    every: bool = False


class Tally(Kept):
    """How many cases, or subscribers, are so, and the first of them by reference or name."""

    count: int = 0
    first: tuple[str, ...] = ()


class WatchReport(Kept):
    """What a look over all cases found, and what was done about it.

    `worked`: a worker polls for cases. `stranded`: open, and no workflow runs it. `behind`: its workflow knows less
    than the record. `late`: a limit has ended and no miss is recorded. `abandoned`: pinned to a version of the worker
    that no worker runs. `silent`: its workflow does not answer. `paused`: held by an operator, left alone.

    And of subscribers of webhooks. `unserved`: no workflow runs it. `dead_letters`: something was given up. `waiting`:
    something has waited for it for an hour. The last two are for who receives to mend: with us all is well.
    """

    at: AwareDatetime
    worked: bool = True
    open: int = 0
    running: int = 0
    stranded: Tally = Tally()
    behind: Tally = Tally()
    late: Tally = Tally()
    abandoned: Tally = Tally()
    abandoned_by: tuple[str, ...] = ()  # the versions
    silent: Tally = Tally()
    paused: Tally = Tally()
    unserved: Tally = Tally()
    dead_letters: Tally = Tally()
    waiting: Tally = Tally()
    started: int = 0
    woken: int = 0
    failed: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether every open case is run, and as it should be, and every subscriber."""
        wrong = (self.stranded, self.behind, self.late, self.abandoned, self.silent, self.unserved)
        return self.worked and not (any(found.count for found in wrong) or self.failed)

    def numbers(self) -> dict[str, int]:
        """The same for metrics, which the activity tells."""
        names = ("stranded", "behind", "late", "abandoned", "silent", "paused", "unserved", "dead_letters", "waiting")
        found = {name: getattr(self, name).count for name in names}
        return {"open": self.open, "running": self.running, **found, "started": self.started, "woken": self.woken}

    def tell(self) -> str:
        """The report in Markdown, for the Temporal UI and the terminal."""
        rows = [
            _row("without a workflow", self.stranded),
            _row("with a workflow that is behind the record", self.behind),
            _row("with a limit that ended and is not enforced", self.late),
            _row(f"pinned to {', '.join(self.abandoned_by)}, which no worker runs any more", self.abandoned),
            _row("whose workflow does not answer", self.silent),
            _row("paused by an operator", self.paused),
            _row("subscribers of webhooks without a workflow", self.unserved),
            _row("subscribers with dead letters", self.dead_letters),
            _row("subscribers for whom something has waited for an hour", self.waiting),
        ]
        head = "Every open case is run" if self.well else "**Look at this**"
        done = f"Started {self.started}, woken {self.woken}." if self.started or self.woken else ""
        said = f"{head}: {self.open} open, {self.running} running, at {_moment(self.at)} UTC."
        idle = "" if self.worked else "**No worker polls for cases**: nothing is enforced and nothing answered."
        return "\n\n".join(filter(None, [said, idle, "\n".join(filter(None, rows)), done, "\n".join(self.failed)]))


def _moment(at: datetime) -> str:
    """Not by strftime alone: its names of months follow the locale of the process."""
    return f"{at.day} {MONTHS[at.month - 1][:3]} {at:%Y %H:%M:%S}"


def _row(what: str, found: Tally) -> str:
    more = ", ..." if found.count > len(found.first) else ""
    return f"- {found.count} {what}: {', '.join(found.first)}{more}" if found.count else ""


@workflow.defn(name=WATCH)
class WatchWorkflow:
    """One look over all cases."""

    @workflow.run
    async def run(self, look: Look) -> WatchReport:
        """Compare, repair, and leave a report as result and as details."""
        report: WatchReport = await workflow.execute_activity(
            LOOK_OVER,
            look,
            result_type=WatchReport,
            start_to_close_timeout=timedelta(minutes=20),
            heartbeat_timeout=timedelta(minutes=1),
            retry_policy=RetryPolicy(maximum_attempts=3),
            summary="Compare the record with the process",
        )
        workflow.set_current_details(report.tell())
        return report
