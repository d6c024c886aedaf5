"""The commands that list over all cases: the register, duties owed, restrictions, parts handed over, what is alike."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from domain.duplicates import Likeness
from domain.errors import Malformed
from domain.hindsight import TODAY
from domain.messages import Model, OpaqueId, plain, read
from domain.vocabulary import Clock, Stage
from domain.working_days import london_date
from integration.cli import tables, timeline
from integration.cli.console import AsAt, AsKnown, Json, answer, in_capitals, view_of, view_told, with_engine

__all__ = ["alike", "cases", "deadlines", "duplicates", "handed_over", "restrictions", "to_be_taken_over", "together"]

Row = dict[str, Any]

CASES = {
    "reference": "case",
    "clock": "",
    "stage": "stage",
    "severity": "severity",
    "overdue": "overdue",
    "next_due": "next due",
}
DUTIES = {"due": "due", "state": "", "reference": "case", "clock": "", "what": "what, whose duty, and its id"}

RESTRICTED = {"next": "next review", "reference": "case", "clock": "", "what": "who, restriction, last review"}

HANDED_OVER = {
    "reference": "case",
    "officer": "who",
    "to_case": "handed over to",
    "handed_over_at": "on",
    "state": "",
}
Rehearsed = Annotated[
    bool, typer.Option("--rehearsed", help="With --overdue: of rehearsed cases too, which it leaves out.")
]
TAKE_OVER = "No clock of theirs runs until take_over_officer is told there."
COMPARE = "A person decides: compare_case says whether it is the same matter, link_case that the two belong together."


class _Sought(Model):
    """What is asked of `cases`, to be checked."""

    force: OpaqueId | None


def cases(
    force: Annotated[str | None, typer.Option(help="Only cases of this force.")] = None,
    stage: Annotated[Stage | None, typer.Option(help="Only cases at this stage.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only cases with a duty that is overdue.")] = False,
    rehearsed: Rehearsed = False,
    as_json: Json = False,
) -> None:
    """List every case, those with an overdue duty first, then open ones.

    Which of them may be one matter told twice, `duplicates` says.
    """
    # No mark here: no read model knows persons, and of all pairs the first 200 are compared, each folded anew; a case
    # without a mark would pass for one that was looked at.
    force = read(_Sought, {"force": force}, "cases").force
    found = with_engine(lambda probity: probity.register(stage, force=force, overdue=overdue or None))
    found, besides = _real(found, but=rehearsed or not overdue)
    rows = [{**_clock(row), "overdue": row["overdue"] or None} for row in found]
    none = _no_case(force, stage, overdue=overdue)
    answer(as_json, {"cases": found}, Group(tables.listing(rows, CASES, none), *besides))


def _no_case(force: str | None, stage: Stage | None, *, overdue: bool) -> str:
    """The sentence that says that no case is as it was asked for."""
    which = (f" of force {force}" if force else "") + (f" at stage {stage.value}" if stage else "")
    if overdue:
        return f"No case{which} has a duty that is overdue."
    return f"There is no case{which}." if which else "There is no case yet."


def _real(found: list[Row], *, but: bool) -> tuple[list[Row], list[Text]]:
    """Rows without those of rehearsed cases, which nobody has to act on, and a line that says so; or `but` all."""
    real = [row for row in found if but or row["clock"] != Clock.REHEARSED]
    left_out = len(found) - len(real)
    return real, [Text(f"Left out, of rehearsed cases: {left_out}. List them too with --rehearsed")] if left_out else []


def _clock(row: Row) -> Row:
    """A row as it is shown: of a case that is not live, with the word for its clock."""
    return {**row, "clock": row["clock"] if row["clock"] != Clock.LIVE else None}


def deadlines(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that were missed and are still owed.")] = False,
    rehearsed: Rehearsed = False,
    case: Annotated[str | None, typer.Option(help="Only those of this case.", callback=in_capitals)] = None,
    as_at: AsAt = None,
    as_known: AsKnown = None,
    as_json: Json = False,
) -> None:
    """List the duties still owed, and rights, over all cases, nearest first; from another day's view, of one case."""
    view = view_of(as_at, as_known)
    if view != TODAY and case is None:
        raise Malformed("--case: say which; what was owed on another day is told case by case.")
    owed = with_engine(lambda probity: probity.deadlines(reference=case, view=view))
    none = "Nothing is overdue." if overdue else "Nothing is owed."
    asked = [row for row in owed if not overdue or row["overdue"] or row["owed_since"]]
    found, besides = _real(asked, but=rehearsed or not overdue or case is not None)
    waiting = [row for row in found if row["owed_since"] and row["kind"] != "right"] if overdue else []
    found = [row for row in found if row["overdue"]] if overdue else found
    if waiting:
        said = f"Owed as soon as practicable, with no day set and so never overdue: {len(waiting)}."
        besides = [Text(f"{said} probity deadlines tells since when", "bold"), *besides]
    shown = Group(*timeline.seen(view), tables.listing(map(_duty, together(found)), DUTIES, none), *besides)
    answer(as_json, {"view": view_told(view), "deadlines": found}, shown)


def together(found: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Duties that several officers have alike, as one row with the id of each: `explain` takes one of them."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in found:
        alike = tuple(value for name, value in each.items() if name not in ("deadline", "subject"))
        rows.setdefault(alike, {**each, "ids": []})["ids"].append(each["deadline"])
    return [{**row, "what": f"{row['title']}: {_whose(row)} ({', '.join(row['ids'])})"} for row in rows.values()]


def _whose(row: Row) -> str:
    """Who owes it; of a right, whose it is."""
    return f"{row['duty']}'s right" if row["kind"] == "right" else str(row["duty"])


def _duty(row: Row) -> Row:
    """A row of the duties as it is shown: what has no day by which it is due with the day since when it is owed."""
    since = row["owed_since"]
    return {**_clock(row), "due": f"owed since {tables.day(since)}" if since else row["due"]}


def restrictions(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose review was missed and is owed.")] = False,
    called_for: Annotated[
        bool, typer.Option("--called-for", help="Only those whose review is owed with no day set, the oldest first.")
    ] = False,
    rehearsed: Rehearsed = False,
    as_json: Json = False,
) -> None:
    """List every officer under a restriction, over all cases, by the day of the next review."""
    everyone = with_engine(lambda probity: probity.restrictions())
    asked = [row for row in everyone if not overdue or row["review_overdue"] or row["review_called_for"]]
    found, besides = _real(asked, but=rehearsed or not overdue)
    waiting = sorted((row for row in found if row["review_called_for"]), key=lambda row: row["called_for_since"])
    found = waiting if called_for else found
    found = [row for row in found if row["review_overdue"]] if overdue else found
    review = "called for" if called_for and not overdue else "overdue"
    nobody = (
        f"No review of a restriction is {review}." if overdue or called_for else "No officer is under a restriction."
    )
    parts = [tables.listing(map(_restricted, found), RESTRICTED, nobody)]
    if overdue and waiting:
        said = f"Reviews called for, with no day set and so never overdue: {len(waiting)}."
        parts.append(Text(f"{said} List them with probity restrictions --called-for", "bold"))
    answer(as_json, {"restrictions": found, "called_for": len(waiting)}, Group(*parts, *besides))


def _restricted(row: Row) -> Row:
    """A row of the register as it is shown: when a review is owed, then who is under which restriction, since when."""
    what = f"{row['officer']}: {plain(row['measure'])} since {tables.day(london_date(row['imposed_at']))}"
    if row["last_review"]:
        what += f", reviewed {tables.day(london_date(row['last_review']))}"
    return {**_clock(row), "next": [*_next_review(row)], "overdue": row["review_overdue"], "what": what}


def _next_review(row: Row) -> Iterator[str]:
    """The day by which a review is due, and since when one is owed with no day set. What is past and not overdue is no
    such day: with it ended the period after which a review is owed."""
    by, since = row["next_review"], row["called_for_since"]
    if row["review_overdue"]:
        yield f"{tables.day(by)} overdue"
    elif by and not (since and by < max(since, london_date(datetime.now(UTC)))):
        yield tables.day(by)
    if since:
        yield f"owed since {tables.day(since)}"


def handed_over(as_json: Json = False) -> None:
    """List whose part of a case was handed over and is not taken over yet, the longest first."""
    found = with_engine(lambda probity: probity.handed_over())
    rows = [{**row, "state": "that case is closed: reopen it first" if row["closed"] else None} for row in found]
    shown = tables.listing(rows, HANDED_OVER, "Every part that was handed over has been taken over.")
    answer(as_json, {"handed_over": found}, Group(shown, Text(f"\n{TAKE_OVER}")) if found else shown)


def duplicates(
    reference: Annotated[str | None, typer.Argument(help="Only those of this case.", callback=in_capitals)] = None,
    as_json: Json = False,
) -> None:
    """List cases that may be the same matter told twice, until a person has compared or linked them.

    Ends with 1, and names it, where a case cannot be read: it is compared with no other.
    """
    found, unread = with_engine(lambda probity: probity.every_duplicate(reference))
    data = [{"of": of, **like.model_dump(mode="json")} for of, like in found]
    lines = [f"{of} may be the same matter as {like.tell()}." for of, like in found]
    blind = [Text(f"\nunreadable: {sentence}", "bold") for sentence in unread]
    none = "No two cases that nobody has compared yet look like the same matter."
    told = Text("\n".join([*lines, "", COMPARE]) if lines else none)
    answer(as_json, {"duplicates": data, "unread": unread}, Group(told, *blind))
    raise typer.Exit(1 if unread else 0)


def to_be_taken_over(shown: RenderableType, found: Sequence[Mapping[str, Any]]) -> RenderableType:
    """A case as it is shown, and below it whose part of another was handed over to it, if any."""
    lines = [
        f"officer {row['officer']} of case {row['reference']}, {tables.moment(row['handed_over_at'])}" for row in found
    ]
    return _below(shown, "Handed over to this case, and not taken over", lines, TAKE_OVER)


def alike(shown: RenderableType, found: Sequence[Likeness]) -> RenderableType:
    """A case as it is shown, and below it which others it looks like, if any."""
    return _below(shown, "May be the same matter as", [like.tell() for like in found], COMPARE)


def _below(shown: RenderableType, title: str, lines: Sequence[str], advice: str) -> RenderableType:
    if not lines:
        return shown
    return Group(shown, Text(f"\n{title}", "bold"), Text("\n".join(f"  {line}" for line in (*lines, advice))))
