"""The reference pages of the docs, generated from the code: `python -m integration.reference` writes them anew.

A test compares them with what stands in `docs/reference`, so that page and code cannot part.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import domain.case  # noqa: F401  (registers every command and event)
from domain.errors import REFUSALS
from domain.faults import A_RANK
from domain.messages import COMMANDS, EVENTS, Command
from domain.referral import Referral
from domain.regimes import (
    Occasion,
    SanctionRule,
    TimeLimit,
    WarningLife,
    every_sanction,
    every_time_limit,
    every_warning,
)
from domain.regimes.provisions import Provision, every_provision
from domain.regimes.retention import NO_SOURCE, every_hold, every_rule
from domain.separation import SEPARATIONS, Separation
from domain.vocabulary import Role
from domain.working_days import Counting
from integration.reference.markdown import MADE, table
from integration.reference.panels import panels
from integration.reference.reporting import reporting

__all__ = ["PAGES", "main"]

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
COMMON = {"actor", "occurred_at", "illustrative"}


def commands() -> str:
    """Every command: what it is, who may give it, its own fields."""
    rows = ([f"`{name}`", _doc(kind), _words(sorted(kind.given_by)), _fields(kind)] for name, kind in COMMANDS.items())
    listed = table(("Command", "What it does", "Given by", "Fields (* required)"), rows)
    common = "Every command also has `actor` (`role`, opaque `id`)*, `occurred_at`* and `illustrative`."
    officers = "`officers` may be written `officer: A`; an act that names several officers is done for all or for none."
    values = table(("Field", "One of", "In"), _closed_lists())
    rank = f"An officer's `rank`, here and in a referral, {A_RANK}. It is never sealed, and stays when text is erased."
    mapping = "`sits_as`, which most panels need, gives each id its word: `--with sits_as=ch-1:chief_officer,m-1:...`."
    told = f"{common} {officers} {mapping}\n\n{listed}\n\n## What a field may say\n\n{rank}\n\n{values}"
    return f"# Commands\n\n{MADE}\n\n{told}\n"


def _choices(field: Mapping[str, Any], shapes: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """The words of each closed list that a field takes: by itself, in a list, by a key, or as one of several kinds."""
    keyed = field.get("patternProperties", {}).values()
    for inside in (field, field.get("items", {}), *keyed, *field.get("anyOf", ())):
        shape = shapes.get(inside.get("$ref", "").removeprefix("#/$defs/"), inside)
        if "enum" in shape:
            yield shape["enum"]


def _closed_lists() -> list[list[str]]:
    """Each field that takes a word from a closed list, with the words, and the commands in which they are these."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind in COMMANDS.values():
        told = kind.model_json_schema()
        for name, field in told["properties"].items():
            for words in _choices(field, told.get("$defs", {})):
                found.setdefault((f"`{name}`", _names(words)), []).append(kind.name)
    return sorted([*field, _names(sorted(told))] for field, told in found.items())


def _names(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def roles() -> str:
    """Who may give each command, and who may not although the role may."""
    given = {"open_case": Referral.given_by, **{name: kind.given_by for name, kind in COMMANDS.items()}}
    known = [role for role in Role if any(role in by for by in given.values())]
    rows = ([f"`{name}`", *(_cell(name, role, by) for role in known)] for name, by in given.items())
    told = (
        "`yes`: the role may give the command; a number: with this rule of the separation of duties below, besides "
        "those that bear on every command or on a whole role. An empty cell is refused with `not_permitted`, and so is "
        "a role without a column. `open_case` is the referral that starts a case."
    )
    listed = table(("Command", *(_plain(role) for role in known)), rows)
    return f"# Roles and separation of duties\n\n{MADE}\n\n{told}\n\n{listed}\n\n{_separations()}\n"


def _cell(command: str, role: Role, given_by: frozenset[Role]) -> str:
    if role not in given_by:
        return ""
    rules = (str(n) for n, each in enumerate(SEPARATIONS.values(), 1) if command in each.on.commands)
    return " ".join(["yes", *rules])


def _separations() -> str:
    rows = (_separation(n, name) for n, name in enumerate(SEPARATIONS, 1))
    head = ("", "Rule", "Bears on", "The refusal says", "Code", "Source")
    return f"## Separation of duties\n\n{table(head, rows)}"


def _separation(number: int, name: str) -> list[str]:
    rule = SEPARATIONS[name]
    bears = _words(rule.on.commands) or (f"every act as {_plain(rule.on.role)}" if rule.on.role else "every command")
    said = re.sub(r"{(\w+)(!r)?}", lambda told: f"*{told[1]}*", rule.says)
    return [str(number), f"`{name}`", bears, said, f"`{rule.kind.code}`", _source(rule)]


def _source(rule: Separation) -> str:
    if rule.source is None:
        return "the time limit's own" if "{title!r}" in rule.says else ""
    return rule.source if rule.source == rule.source_2012 else f"{rule.source} (2012: not read)"


def _fields(kind: type[Command]) -> str:
    own = ((name, field) for name, field in kind.model_fields.items() if name not in COMMON)
    return ", ".join(f"`{name}`{'*' if field.is_required() else ''}" for name, field in own)


def _doc(kind: type) -> str:
    return " ".join((inspect.getdoc(kind) or "").split())


def time_limits() -> str:
    """Every time limit of every regime."""
    rows = (_limit(row) for row in every_time_limit())
    head = ["Id", "Duty", "Whose", "Length", "Starts with", "Met by", "Falls away with", "Regimes", "Extension"]
    head += ["Besides", "Source", "Mark"]
    told = (
        "Mark: `V` read in the instrument; `V-frag` its words read as a fragment; `V~` read in a parallel text or a "
        "secondary source; `M h`, `M m`, `M l` from memory, confidence high, medium, low. **Unverified**: from memory, "
        "or its place in the text is inferred. A *right* that is not used lapses; at the end of a *period* the duty is "
        "owed as soon as practicable. Warnings are the engine's policy, not law."
    )
    return (
        "\n\n".join(
            ("# Time limits", MADE, told, table(head, rows), _sanctions(), _warnings(), panels(), _provisions())
        )
        + "\n"
    )


def _limit(row: TimeLimit) -> list[str]:
    mark = f"{row.mark}{', place inferred' if row.place_inferred else ''}"
    whose = _plain(row.duty) + (
        f" ({_plain(row.duty_if_iopc)} if it directs or investigates)" if row.duty_if_iopc else ""
    )
    return [
        f"`{row.id}`",
        row.title + (f". *{row.note}*" if row.note else ""),
        whose,
        _length(row),
        _occasions(row.starts_with),
        _occasions(row.met_by),
        _occasions(row.ends_with),
        ", ".join(row.regimes) + _in_force(row),
        _words(row.may_extend) + (f" ({row.extension_ground})" if row.extension_ground else ""),
        "; ".join(_besides(row)),
        row.citation,
        mark + (" **unverified**" if row.unverified else ""),
    ]


def _in_force(row: TimeLimit) -> str:
    return (f", since {row.since}" if row.since else "") + (f" until {row.until}" if row.until else "")


def _besides(row: TimeLimit) -> Iterator[str]:
    told = {
        "a right": row.right and not row.count,
        f"for each {row.for_each}": row.for_each,
        f"not for officers of seniority {_words(row.not_for)}": row.not_for,
        "starts once": row.once,
        "is not started again while owed": row.runs_on,
        "stops during a stay": row.pauses,
        "may be shortened by agreement": row.may_shorten,
        f"may be shortened by {_words(row.shortened_by)} alone": row.shortened_by,
        "keeps the case open": row.keeps_open,
        "may not be set aside": row.stands,
        f"moved by {_occasions(row.moved_by)}": row.moved_by,
        f"warned of {row.warn_days} days before": row.count,
    }
    return (words for words, holds in told.items() if holds)


def _length(row: TimeLimit) -> str:
    if not row.starts_with:
        return "a condition, not a clock" + (f": {COUNTED[row.count].format(row.length)}" if row.count else "")
    if row.count is None:
        return "as soon as practicable"
    kind = "right: " if row.right else "period: " if row.period else ""
    window = f"{row.opens} to " if row.opens else ""
    return kind + COUNTED[row.count].format(f"{window}{row.length}")


COUNTED = {
    Counting.WORKING_DAYS_AFTER: "{} working days beginning with the first working day after",
    Counting.WORKING_DAYS_BEGINNING_WITH: "{} working days beginning with the day",
    Counting.WORKING_DAYS_BEFORE: "at least {} working days before",
    Counting.DAYS_AFTER: "end of day {} after, every day counted",
    Counting.DAYS_BEGINNING_WITH: "{} days beginning with the day",
    Counting.WEEKS_FROM_FIRST_WORKING_DAY_AFTER: "{} weeks beginning with the first working day after",
    Counting.MONTHS_BEGINNING_WITH: "{} months beginning with the day",
    Counting.MONTHS_AFTER: "{} months after",
}


def _occasions(occasions: Iterable[Occasion]) -> str:
    return "; ".join(_occasion(occasion) for occasion in occasions)


def _occasion(occasion: Occasion) -> str:
    values = occasion.where | ({"while the mode": list(occasion.in_mode)} if occasion.in_mode else {})
    values |= {"pre-hearing held": True} if occasion.after_pre_hearing else {}
    where = ", ".join(f"{k} = {_value(v)}" for k, v in values.items())
    counted = f", counted from {_plain(occasion.counted_from)}" if occasion.counted_from else ""
    return _plain(occasion.event) + (f" ({_plain(where)})" if where else "") + counted


def _value(value: str | bool | list[str]) -> str:
    return " or ".join(value) if isinstance(value, list) else str(value).lower()


def _sanctions() -> str:
    rows = (_sanction(row) for row in every_sanction())
    head = (
        "Regimes",
        "Proceedings",
        "Finding",
        "When",
        "Lawful",
        "Only with exceptional circumstances",
        "Source",
        "Mark",
    )
    return f"## Lawful outcomes\n\n{table(head, rows)}"


def _sanction(row: SanctionRule) -> list[str]:
    flags = {"live final warning": row.live_final_warning, "former officer": row.former_officer}
    flags |= {"several unconnected incidents": row.unconnected_incidents}
    when = ", ".join(name if flag else f"no {name}" for name, flag in flags.items() if flag is not None)
    lawful, exceptional = _words(row.lawful), _words(row.unless_exceptional)
    finding = _plain(row.finding)
    return [", ".join(row.regimes), row.proceedings, finding, when, lawful, exceptional, row.citation, row.mark]


def _warnings() -> str:
    rows = (_warning(row) for row in every_warning())
    head = ("Warning", "Regimes", "Months, beginning with the day of notification", "At most", "Source", "Mark")
    return f"## How long warnings live\n\n{table(head, rows)}"


def _warning(row: WarningLife) -> list[str]:
    note = f". *{row.note}*" if row.note else ""
    told = {" from the old end on": row.extends, ", a career break left out": row.stops_in_career_break}
    besides = "".join(words for words, holds in told.items() if holds)
    return [
        _plain(row.sanction),
        ", ".join(row.regimes),
        str(row.months) + besides,
        str(row.at_most) + (f" ({row.cap.citation}: {row.cap.mark})" if row.cap else ""),
        row.citation + note,
        row.mark,
    ]


def _provisions() -> str:
    """What refusals cite besides."""
    told = "Every refusal that cites one of these, or a row above, gives its mark with it."
    listed = table(("Source", "Mark"), map(_provision, every_provision().values()))
    return f"## Other provisions that refusals cite\n\n{told}\n\n{listed}"


def _provision(row: Provision) -> list[str]:
    note = f". *{row.note}*" if row.note else ""
    mark = f"{row.mark}{', place inferred' if row.place_inferred else ''}"
    return [row.citation + note, mark + (" **unverified**" if row.unverified else "")]


def refusals() -> str:
    """Every refusal code, and every event."""
    codes = table(("Code", "Meaning"), ([f"`{code}`", _doc(kind)] for code, kind in REFUSALS.items()))
    events = table(("Event", "Meaning"), ([f"`{name}`", _doc(kind)] for name, kind in EVENTS.items()))
    return f"# Refusals and events\n\n{MADE}\n\n## Refusals\n\n{codes}\n\n## Events\n\n{events}\n"


def retention() -> str:
    """Every rule of retention, and what holds a review back."""
    named = ([f"`{r.id}`", r.title, _words(r.comes_to), _plain(r.counted_from), NO_SOURCE] for r in every_rule())
    rules = table(("Rule", "Whose text", "What it came to", "Counted from", "Period"), named)
    told = ([f"`{h.id}`", h.tell() + (f" *{h.note}*" if h.note else "")] for h in every_hold().values())
    return f"# Retention\n\n{MADE}\n\n{rules}\n\n## What holds back\n\n{table(('Hold', 'Says'), told)}\n"


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _words(words: Iterable[str]) -> str:
    return ", ".join(_plain(word) for word in words)


PAGES = {
    "commands.md": commands,
    "roles.md": roles,
    "time-limits.md": time_limits,
    "retention.md": retention,
    "refusals-and-events.md": refusals,
    "reporting.md": reporting,
}


def main() -> Iterator[Path]:
    """Write every page and yield its path."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        yield FOLDER / name
