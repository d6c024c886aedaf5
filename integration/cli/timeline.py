"""A case as people read it: what happened, what fell due, what was missed, how it stands, and what may be done next.

Pure functions from the case and its record to Rich renderables. Days and times are London's. Every label is a word, so
that nothing is lost without colour, and there are few columns, so that nothing is lost on a narrow terminal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from domain.case import CaseWentLive, Possible
from domain.correction import RecordCorrected, voided
from domain.deadlines import DeadlineMet, DeadlineMissed, Ending, Noted, TakenAway, TakenAwayBy, taken_away
from domain.hindsight import TODAY, View
from domain.messages import Event, Recorded
from domain.state import Case, Deadline, Hearing
from domain.summary import OfficerSummary, summary
from domain.vocabulary import Clock
from domain.working_days import london_date
from integration.cli.tables import clean, day, marked, moment, table

__all__ = ["TimelineRow", "happened", "heading", "officers", "page", "receipt", "record", "rows", "seen"]

LABELS = {
    "deadline_set": ("set", "dim"),
    "deadline_warned": ("warned", "yellow"),
    "deadline_missed": ("MISSED", "bold red"),
    "right_lapsed": ("lapsed", "dim"),
    "duty_arose": ("owed", "yellow"),
    "deadline_withdrawn": ("ended", "dim"),
    "deadline_extended": ("moved", "cyan"),
    "deadline_shortened": ("moved", "cyan"),
    "deadline_paused": ("paused", "cyan"),
    "deadline_resumed": ("moved", "cyan"),
    "deadline_set_aside": ("ended", "cyan"),
    "record_corrected": ("corrected", "bold magenta"),
}

WITHDRAWN = {
    TakenAwayBy.DONE: "it had been done on {day} and was told late",
    TakenAwayBy.USED: "it had been used on {day} and was told late",
    TakenAwayBy.FELL_AWAY: "it had fallen away on {day}, which was told late",
    TakenAwayBy.EXTENDED: "it had been extended on {day}, which was told late",
    TakenAwayBy.SHORTENED: "it had been shortened on {day}, which was told late",
    TakenAwayBy.CLOCK_STOPPED: "its clock had stopped on {day}, which was told late",
    TakenAwayBy.SET_ASIDE: "it was set aside on {day}",
}

FEW = 4  # overdue duties that the heading names


@dataclass(frozen=True)
class TimelineRow:
    """One line of the timeline; `who` are the officers or parties of which it is told alike."""

    at: datetime
    label: str
    style: str
    who: tuple[str, ...]
    text: str
    ends_day: bool = False
    told: date | None = None
    illustrative: bool = False
    unverified: bool = False


def happened(case: Case, events: Sequence[Recorded], by: datetime | None = None) -> list[TimelineRow]:
    """The timeline, in the order in which things happened. What one act did for several officers alike is one row.

    `by`: only what had happened by then, told of as the whole record does.
    """
    merged: dict[object, TimelineRow] = {}
    gone = _withdrawn(events)
    for recorded, told in _as_told(events):
        row = _row(case, told, gone)
        key = (recorded.command_id, row.label, row.text, row.told, row.at, row.illustrative, row.unverified)
        known = merged.get(key)
        merged[key] = replace(known, who=(*known.who, *row.who)) if known else row
    return sorted((row for row in merged.values() if by is None or row.at <= by), key=lambda row: row.at)


class _Told(NamedTuple):
    """A fact, the day it was told, and whether it is void since."""

    event: Event
    day: date
    void: bool


def _as_told(events: Sequence[Recorded]) -> Iterator[tuple[Recorded, _Told]]:
    """Each event, and after a correction what it restated.

    The day an imported one was told is the day by which the record had come, going forward.
    """
    void, imported = voided(each.event() for each in events), _imported(events)
    latest: datetime | None = None
    for recorded in events:
        event = recorded.event()
        latest = max(filter(None, (latest, recorded.occurred_at)))
        told = london_date(latest if recorded.version <= imported else max(latest, recorded.recorded_at))
        yield recorded, _Told(event, told, str(recorded.version) in void)
        for number, fact in enumerate(event.restated if isinstance(event, RecordCorrected) else (), 1):
            yield recorded, _Told(fact.event(), told, f"{recorded.version}.{number}" in void)


def _imported(events: Sequence[Recorded]) -> int:
    """The version up to which a case was imported, dated in the past."""
    live = next((each.version for each in events if each.type == CaseWentLive.name), None)
    recorded = bool(events) and events[0].data.get("clock") == Clock.RECORDED
    return (live or len(events)) if recorded else 0


def _withdrawn(events: Sequence[Recorded]) -> dict[Noted, TakenAway]:
    return taken_away(told.event for _, told in _as_told(events) if not told.void)


def _row(case: Case, told: _Told, gone: Mapping[Noted, TakenAway]) -> TimelineRow:
    event = told.event
    deadline = case.deadlines.get(str(getattr(event, "deadline", "")))
    who, text = _subject_and_text(event)
    label, style = _label(event)
    if isinstance(event, Ending) and (why := gone.get((event.deadline, event.occurred_at))):
        label, style = ("missed", "yellow") if isinstance(event, DeadlineMissed) else (label, style)
        text += f". Withdrawn since: {WITHDRAWN[why.by].format(day=day(why.on))}"
    ends_day = label.lower() in ("missed", "lapsed", "owed")
    late = not ends_day and told.day > london_date(event.occurred_at)
    if told.void:
        label, style = "void", "strike dim"
    return TimelineRow(
        at=event.occurred_at,
        label=label,
        style=style,
        who=who,
        text=clean(text).strip(),  # of an outcome without more to say the domain leaves a blank
        ends_day=ends_day,
        told=told.day if late else None,
        illustrative=event.illustrative,
        unverified=deadline is not None and deadline.unverified,
    )


def _subject_and_text(event: Event) -> tuple[tuple[str, ...], str]:
    text = event.tell()
    if event.subject is None:
        return (), text
    for prefix in (
        f"Officer {event.subject}: ",
        f"{event.subject}: ",
        f"Officer {event.subject} ",
        f"{event.subject} ",
    ):
        if text.startswith(prefix):
            return (event.subject,), text.removeprefix(prefix)
    return (), text


def _label(event: Event) -> tuple[str, str]:
    if isinstance(event, DeadlineMet):
        if event.miss_withdrawn:
            return "in time", "green"
        return ("LATE", "yellow") if event.late else ("met", "green")
    return LABELS.get(event.name, ("", "bold"))


def rows(timeline: Iterable[TimelineRow]) -> Table:
    """The timeline as a table."""
    shown = table("When (London)", "", "What happened")
    shown.columns[0].min_width = 13
    shown.columns[1].no_wrap = True
    for row in timeline:
        quiet = "" if row.style == "bold" else row.style
        shown.add_row(_when(row), Text(row.label, row.style), _what(row, quiet))
    return shown


def _when(row: TimelineRow) -> Text:
    """The end of a day is told as the day that ended, not as the first moment of the next."""
    if row.ends_day:
        return Text(f"{day(london_date(row.at - timedelta(seconds=1)))} 24:00")
    return Text(moment(row.at))


def _what(row: TimelineRow, style: str) -> Text:
    text = Text(f"{', '.join(dict.fromkeys(row.who))}: " if row.who else "", "dim" if style == "dim" else "bold")
    text.append(row.text, style)
    if row.told:
        text.append(f" (told {day(row.told)})", "yellow")
    return marked(text, illustrative=row.illustrative, unverified=row.unverified)


def page(case: Case, events: Sequence[Recorded], possible: Iterable[Possible], view: View = TODAY) -> RenderableType:
    """A case on one page: heading, timeline, officers, deadlines still owed, and what may be done next.

    From another day's view: which it is comes first; `events` are the whole history.
    """
    known = view.known(events)
    parts: list[RenderableType] = [*seen(view), heading(case, known)]
    parts += [Text(), rows(happened(case, known, view.as_at)), Text()]
    parts += [_title("Officers"), officers(case), Text()]
    owed = _owed(case)
    if owed:
        parts += [_title("Still owed"), _deadlines(owed), Text()]
    acts = list(possible)
    if acts:
        parts += [_title("What may be done next"), _next(acts)]
    return Group(*parts)


def seen(view: View) -> list[RenderableType]:
    """Which view is shown, if it is not today's."""
    return [] if view == TODAY else [Text(view.tell(), "bold reverse"), Text()]


def _title(text: str) -> Text:
    return Text(text, "bold")


def heading(case: Case, events: Sequence[Recorded]) -> Text:
    """Which case it is and how it stands; from its events, whether it was recorded afterwards."""
    facts = summary(case)
    words = [f"force {facts.force}", f"Regulations of {facts.regime}", f"stage: {facts.stage}"]
    words += [f"severity: {_plain(facts.severity)}", f"investigation: {_plain(facts.mode)}"]
    words += [f"investigator: {case.investigator}"] if case.investigator else []
    words += ["proceedings stayed"] if facts.stayed else []
    words += [f"first known {day(facts.first_known)}", f"version {facts.version}"]
    text = Text(facts.reference, "bold")
    if facts.clock is not Clock.LIVE:
        text.append(f"  {facts.clock}", "italic")
    text.append(f"\n{'; '.join(words)}")
    if facts.overdue:
        text.append(f"\n{facts.overdue} overdue: {'; '.join(_overdue(case))}", "bold red")
    if events and _imported(events):
        text.append(f"\nRecorded afterwards, on {day(london_date(events[0].recorded_at))} and later.", "dim")
    return text


def _overdue(case: Case) -> Iterator[str]:
    """Which duties these are, the oldest first."""
    late = case.overdue
    for each in late[:FEW]:
        yield f"{each.title} ({each.subject + ', ' if each.subject else ''}due {day(each.due)})"
    if len(late) > FEW:
        yield f"and {len(late) - FEW} more"


def _plain(value: object) -> str:
    return str(value).replace("_", " ") if value is not None else "not yet"


def officers(case: Case) -> Table:
    """How the case stands for each officer."""
    shown = table("", "")
    shown.show_header = False
    for ref, officer in summary(case).officers.items():
        shown.add_row(Text(ref, "bold"), Text("; ".join(_standing(case, ref, officer))))
    return shown


def _standing(case: Case, ref: str, officer: OfficerSummary) -> Iterator[str]:
    handed_to, regime = case.officers[ref].handed_to, case.regime_of(ref)
    yield f"goes on in case {handed_to}" if handed_to else _plain(officer.stage)
    if regime is not case.regime:  # which the heading tells
        yield f"Regulations of {regime}"
    told = {"severity": officer.severity, "case to answer": officer.case_to_answer, "goes to": officer.disposal}
    told |= {"finding": officer.finding, "outcome": officer.sanction}
    if officer.restriction != "none":
        yield f"under {_plain(officer.restriction)}"
    yield from (f"{name}: {_plain(value)}" for name, value in told.items() if value)
    if officer.hearing_on:
        yield f"{officer.hearing or 'proceedings'} from {day(officer.hearing_on)}"
    yield from _sitting(case.officers[ref].hearing)
    if officer.live_until:
        yield f"live until {day(officer.live_until)}"
    if officer.departed:
        yield _plain(officer.departed) + (f" (condition {officer.condition})" if officer.condition else "")


def _sitting(hearing: Hearing | None) -> Iterator[str]:
    """Who sits, by the ids by which they act."""
    if hearing and (hearing.chair or hearing.members):
        members = [f"with {', '.join(hearing.members)}"] if hearing.members else []
        adviser = [f"adviser {hearing.adviser}"] if hearing.adviser else []
        yield ", ".join([f"before {hearing.chair or 'nobody yet'}", *members, *adviser])


def _owed(case: Case) -> list[Deadline]:
    """What is overdue, then what runs, nearest first, then what is owed without a day."""
    owed = [each for each in case.deadlines.values() if each.outstanding]
    return sorted(owed, key=lambda each: (not each.overdue, each.due is None, each.due or date.max, each.id))


def _deadlines(owed: Iterable[Deadline]) -> Table:
    shown = table("Due", "", "What, whose duty, and its id")
    for each in owed:
        style = "bold red" if each.overdue else ""
        text = Text(f"{each.title}: {_plain(each.duty)}", style)
        text.append(f" ({each.id})", "dim")
        what = marked(text, illustrative=each.illustrative, unverified=each.unverified)
        due = f"owed since {day(each.owed_since)}" if each.owed_since else day(each.due)
        shown.add_row(Text(due), Text("OVERDUE" if each.overdue else each.state.value, style), what)
    return shown


def _next(acts: Iterable[Possible]) -> Table:
    shown = table("Command", "For", "Given by")
    for act in acts:
        roles = ", ".join(role.value for role in act.given_by)
        shown.add_row(Text(act.command), Text(", ".join(act.officers)), Text(roles, "dim"))
    return shown


def receipt(case: Case, events: Sequence[Recorded], new: Sequence[Recorded]) -> RenderableType:
    """What an act came to: the rows of its events."""
    versions = {each.version for each in new}
    gone = _withdrawn(new)
    return rows(_row(case, told, gone) for each, told in _as_told(events) if each.version in versions)


def record(events: Sequence[Recorded], view: View = TODAY) -> RenderableType:
    """The record: version, what (if void, so) and who told it, when it happened and was recorded, and its hash."""
    void = voided(each.event() for each in view.known(events))
    shown = table("v", "type, and who told it", "occurred", "recorded", "hash")
    for each in view.happened(events):
        who = f"{each.actor.role}:{each.actor.id}"
        what = f"void: {each.type}" if str(each.version) in void else each.type
        told = f"{what} {who}"  # a blank between them, at which a narrow terminal breaks the line
        cells = (str(each.version), told, moment(each.occurred_at), moment(each.recorded_at), each.hash[:12])
        shown.add_row(*(Text(clean(cell)) for cell in cells))
    return Group(*seen(view), shown)
