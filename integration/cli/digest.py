"""A case that was played, on a screen or two: what was done on which day, what was refused, missed, and came of it.

The page of the timeline tells all of it, with every time limit that began and ended; this is for a first look.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from domain.state import Case, Deadline, DeadlineState
from domain.working_days import london_date
from integration.cli.tables import day, marked, table
from integration.cli.timeline import heading, officers
from integration.play import PlayResult, StepOutcome, StepResult

__all__ = ["digest"]

ACTS = (StepOutcome.DONE, StepOutcome.DONE_BEFORE, StepOutcome.REFUSED, StepOutcome.FAILED)


def digest(case: Case, result: PlayResult) -> RenderableType:
    """The case, and how playing it went."""
    parts: list[RenderableType] = [heading(case, ()), Text(), _days(result), Text(), Text(_counted(case, result))]
    missed = [(each.missed_at, each.id) for each in case.deadlines.values() if each.missed_at and not each.right]
    parts += [_missed(case.deadlines[ref], missed_at) for missed_at, ref in sorted(missed)]
    return Group(*parts, Text(), officers(case))


def _missed(deadline: Deadline, missed_at: datetime) -> Text:
    """A miss, or that it was one until something was told; only one that stands is counted, and told in red."""
    who = f", {deadline.subject}" if deadline.subject else ""
    what = f"{deadline.title}{who}, due {day(london_date(missed_at) - timedelta(days=1))}"
    if deadline.state is DeadlineState.MISSED:
        told = Text(f"  missed: {what}", "bold red")
    elif deadline.due_at > missed_at:
        told = Text(f"  missed at first: {what}; it was extended afterwards, to {day(deadline.due)}", "yellow")
    else:
        told = Text(f"  miss withdrawn: {what}; {_since(deadline)}")
    return marked(told, illustrative=deadline.illustrative, unverified=deadline.unverified)


def _since(deadline: Deadline) -> str:
    """What took a miss away."""
    if deadline.done_at:
        return f"it had been done on {day(london_date(deadline.done_at))} and was told late"
    ended = day(london_date(deadline.ended_at)) if deadline.ended_at else ""
    if deadline.state is DeadlineState.NOT_APPLICABLE:
        return f"it was set aside on {ended}"
    return f"it had fallen away on {ended}, which was told late"


def _days(result: PlayResult) -> Table:
    """A row for each day on which something was done: what it was, by the names of commands, refusals by their code."""
    shown = table("", "")
    shown.show_header = False
    acts = [step for step in result.steps if step.outcome in ACTS and step.what != "expect"]
    for on, steps in groupby(acts, key=lambda step: london_date(step.at)):
        shown.add_row(Text(day(on)), Text("; ").join(_joined(steps)))
    return shown


def _joined(steps: Iterable[StepResult]) -> Iterator[Text]:
    """Each act once, for whomever it was done that day."""
    for (what, outcome, code, made_up), alike in groupby(steps, key=_act):
        who = [officer for step in alike for officer in step.officers]
        told = what.replace("_", " ") + (f" {', '.join(dict.fromkeys(who))}" if who else "") + ("*" if made_up else "")
        if outcome is StepOutcome.REFUSED:
            yield Text(f"refused ({code}): {told}", "yellow")
        else:
            yield Text(told, "bold red" if outcome is StepOutcome.FAILED else "")


def _act(step: StepResult) -> tuple[str, StepOutcome, str, bool]:
    code = (step.sentence or "").partition(":")[0] if step.outcome is StepOutcome.REFUSED else ""
    return step.what, step.outcome, code, step.illustrative


def _counted(case: Case, result: PlayResult) -> str:
    went = Counter(step.outcome for step in result.steps)
    done = went[StepOutcome.DONE] + went[StepOutcome.DONE_BEFORE]
    made_up = sum(step.illustrative for step in result.steps)
    states = Counter(deadline.state.replace("_", " ") for deadline in case.deadlines.values())
    limits = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return (
        f"{done} acts done; {made_up} of those above are made up to complete the example (*). "
        f"{went[StepOutcome.REFUSED]} refused as the law wants, {went[StepOutcome.HELD]} expectations held.\n"
        f"{len(case.deadlines)} time limits: {limits}."
    )
