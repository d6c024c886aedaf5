"""A case as people read it: what happened, what fell due, what was missed, how it stands, and what may be done next.

Pure functions from the case and its record to Rich renderables. Days and times are London's. Every label is a word, so
that nothing is lost without colour, and there are few columns, so that nothing is lost on a narrow terminal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from domain.case import CaseWentLive, Possible
from domain.correction import RecordCorrected, voided
from domain.deadlines import DeadlineMet, DeadlineMissed
from domain.messages import Command, Event, Recorded
from domain.state import Case, Deadline
from domain.summary import OfficerSummary, summary
from domain.vocabulary import Clock
from domain.working_days import LONDON, london_date

__all__ = ["Row", "catalogue", "clean", "day", "happened", "listing", "moment", "page", "receipt", "record", "rows"]

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
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


@dataclass(frozen=True)
class Row:
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


def moment(at: datetime) -> str:
    """A moment in London: `5 Feb 2018 10:00`."""
    local = at.astimezone(LONDON)
    return f"{day(local.date())} {local:%H:%M}"


def day(when: date | None) -> str:
    """A day: `5 Feb 2018`; what has none is owed as soon as practicable."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}" if when else "as soon as practicable"


def clean(text: str) -> str:
    """Text without what could steer a terminal or turn its reading direction."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else UNPRINTABLE for letter in text)


def happened(case: Case, events: Sequence[Recorded]) -> list[Row]:
    """The timeline, in the order in which things happened. What one act did for several officers alike is one row."""
    merged: dict[object, Row] = {}
    withdrawn = _withdrawn_misses(events)
    for recorded, told in _as_told(events):
        row = _row(case, told, withdrawn)
        key = (recorded.command_id, row.label, row.text, row.told, row.at, row.illustrative, row.unverified)
        known = merged.get(key)
        merged[key] = replace(known, who=(*known.who, *row.who)) if known else row
    return sorted(merged.values(), key=lambda row: row.at)


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


def _withdrawn_misses(events: Sequence[Recorded]) -> dict[str, date]:
    """Deadlines whose miss was withdrawn, with the day on which the duty had been done."""
    met = (told.event for _, told in _as_told(events) if not told.void)
    return {e.deadline: london_date(e.occurred_at) for e in met if isinstance(e, DeadlineMet) and e.miss_withdrawn}


def _row(case: Case, told: _Told, withdrawn: Mapping[str, date]) -> Row:
    event = told.event
    deadline = case.deadlines.get(str(getattr(event, "deadline", "")))
    who, text = _subject_and_text(event)
    label, style = _label(event)
    if isinstance(event, DeadlineMissed) and (done := withdrawn.get(event.deadline)):
        label, style = "missed", "yellow"
        text += f". Withdrawn since: it had been done on {day(done)} and was told late"
    ends_day = label.lower() in ("missed", "lapsed", "owed")
    late = not ends_day and told.day > london_date(event.occurred_at)
    if told.void:
        label, style = "void", "strike dim"
    return Row(
        at=event.occurred_at,
        label=label,
        style=style,
        who=who,
        text=clean(text),
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


def rows(timeline: Iterable[Row]) -> Table:
    """The timeline as a table."""
    table = _table("When", "", "What happened")
    table.columns[0].min_width = 11
    table.columns[1].no_wrap = True
    for row in timeline:
        quiet = "" if row.style == "bold" else row.style
        table.add_row(_when(row), Text(row.label, row.style), _what(row, quiet))
    return table


def _when(row: Row) -> Text:
    """The end of a day is told as the day that ended, not as the first moment of the next."""
    if row.ends_day:
        return Text(f"{day(london_date(row.at - timedelta(seconds=1)))} 24:00")
    return Text(moment(row.at))


def _what(row: Row, style: str) -> Text:
    text = Text(f"{', '.join(dict.fromkeys(row.who))}: " if row.who else "", "dim" if style == "dim" else "bold")
    text.append(row.text, style)
    if row.told:
        text.append(f" (told {day(row.told)})", "yellow")
    return _marked(text, illustrative=row.illustrative, unverified=row.unverified)


def _marked(text: Text, *, illustrative: bool, unverified: bool) -> Text:
    if unverified:
        text.append(" [UNVERIFIED]", "bold magenta")
    if illustrative:
        text.append(" [illustrative]", "italic dim")
    return text


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold underline", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def page(case: Case, events: Sequence[Recorded], possible: Iterable[Possible]) -> RenderableType:
    """A case on one page: heading, timeline, officers, deadlines still owed, and what may be done next."""
    parts: list[RenderableType] = [_heading(case, events), Text(), rows(happened(case, events)), Text()]
    parts += [_title("Officers"), _officers(case), Text()]
    owed = _owed(case)
    if owed:
        parts += [_title("Still owed"), _deadlines(owed), Text()]
    acts = list(possible)
    if acts:
        parts += [_title("What may be done next"), _next(acts)]
    return Group(*parts)


def _title(text: str) -> Text:
    return Text(text, "bold")


def _heading(case: Case, events: Sequence[Recorded]) -> Text:
    facts = summary(case)
    words = [f"force {facts.force}", f"Regulations of {facts.regime}", f"stage: {facts.stage}"]
    words += [f"severity: {_plain(facts.severity)}", f"investigation: {_plain(facts.mode)}"]
    words += ["proceedings stayed"] if facts.stayed else []
    words += [f"first known {day(facts.first_known)}", f"version {facts.version}"]
    text = Text(facts.reference, "bold")
    if facts.clock is not Clock.LIVE:
        text.append(f"  {facts.clock}", "italic")
    text.append(f"\n{'; '.join(words)}")
    if facts.overdue:
        text.append(f"\n{facts.overdue} overdue", "bold red")
    if events and _imported(events):
        text.append(f"\nRecorded afterwards, on {day(london_date(events[0].recorded_at))} and later.", "dim")
    return text


def _plain(value: object) -> str:
    return str(value).replace("_", " ") if value is not None else "not yet"


def _officers(case: Case) -> Table:
    table = _table("", "")
    table.show_header = False
    for ref, officer in summary(case).officers.items():
        table.add_row(Text(ref, "bold"), Text("; ".join(_standing(officer))))
    return table


def _standing(officer: OfficerSummary) -> Iterator[str]:
    yield _plain(officer.stage)
    told = {"severity": officer.severity, "case to answer": officer.case_to_answer, "goes to": officer.disposal}
    told |= {"finding": officer.finding, "outcome": officer.sanction}
    if officer.restriction != "none":
        yield f"under {_plain(officer.restriction)}"
    yield from (f"{name}: {_plain(value)}" for name, value in told.items() if value)
    if officer.hearing_on:
        yield f"{officer.hearing or 'proceedings'} from {day(officer.hearing_on)}"
    if officer.live_until:
        yield f"live until {day(officer.live_until)}"
    if officer.departed:
        yield _plain(officer.departed) + (f" (condition {officer.condition})" if officer.condition else "")


def _owed(case: Case) -> list[Deadline]:
    """What is overdue, then what runs, nearest first, then what is owed without a day."""
    owed = [each for each in case.deadlines.values() if each.outstanding]
    return sorted(owed, key=lambda each: (not each.overdue, each.due is None, each.due or date.max, each.id))


def _deadlines(owed: Iterable[Deadline]) -> Table:
    table = _table("Due", "", "What, whose duty, and its id")
    for each in owed:
        style = "bold red" if each.overdue else ""
        text = Text(f"{each.title}: {_plain(each.duty)}", style)
        text.append(f" ({each.id})", "dim")
        marked = _marked(text, illustrative=each.illustrative, unverified=each.unverified)
        table.add_row(Text(day(each.due)), Text("OVERDUE" if each.overdue else each.state.value, style), marked)
    return table


def _next(acts: Iterable[Possible]) -> Table:
    table = _table("Command", "For", "Given by")
    for act in acts:
        roles = ", ".join(role.value for role in act.given_by)
        table.add_row(Text(act.command), Text(", ".join(act.officers)), Text(roles, "dim"))
    return table


def receipt(case: Case, events: Sequence[Recorded], new: Sequence[Recorded]) -> RenderableType:
    """What an act came to: the rows of its events."""
    versions = {each.version for each in new}
    withdrawn = _withdrawn_misses(new)
    return rows(_row(case, told, withdrawn) for each, told in _as_told(events) if each.version in versions)


def record(events: Sequence[Recorded]) -> Table:
    """The record: version, what (and if it is void), when it happened and was recorded, who told it, and its hash."""
    void = voided(each.event() for each in events)
    table = _table("v", "type", "occurred", "recorded", "by", "hash")
    for each in events:
        who = f"{each.actor.role}:{each.actor.id}"
        what = f"void: {each.type}" if str(each.version) in void else each.type
        cells = (str(each.version), what, moment(each.occurred_at), moment(each.recorded_at), who, each.hash[:12])
        table.add_row(*(Text(clean(cell)) for cell in cells))
    return table


def listing(found: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> Table:
    """Rows of a read model: `columns` maps a field to its heading. Marks are told with the last column."""
    table = _table(*columns.values())
    for column, name in zip(table.columns, columns, strict=True):
        column.no_wrap = name == "reference"  # it is copied from here into the next command
    for each in found:
        cells = [Text(clean(_cell(each.get(name)))) for name in columns]
        _marked(cells[-1], illustrative=bool(each.get("illustrative")), unverified=bool(each.get("unverified")))
        table.add_row(*cells, style="bold red" if each.get("overdue") is True else None)
    return table


def _cell(value: object) -> str:
    if isinstance(value, date):
        return moment(value) if isinstance(value, datetime) else day(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def catalogue(commands: Mapping[str, type[Command]]) -> Table:
    """Every command: what it does, who may give it, and its fields, those that must be there first."""
    table = _table("Command", "Given by, and fields")
    common = Command.model_fields
    for name, kind in sorted(commands.items()):
        text = Text((kind.__doc__ or "").strip())
        text.append(f"\nby: {', '.join(sorted(kind.given_by))}", "dim")
        own = {field: info for field, info in kind.model_fields.items() if field not in common}
        told = [field if info.is_required() else f"[{field}]" for field, info in own.items()]
        text.append(f"\nwith: {' '.join(sorted(told, key=lambda each: each.startswith('[')))}" if told else "", "cyan")
        table.add_row(Text(name, "bold"), text)
    return table
