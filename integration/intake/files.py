"""Files of referrals: what a JSON or CSV file says, matter by matter, and which row of it cannot be taken and why.

Pure. A file as a whole is refused when no row of it can be told from another; else every matter stands on its own.
docs/intake.md describes the format.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import islice
from string import ascii_uppercase
from typing import Any, NamedTuple

from pydantic import field_validator

from domain.errors import Malformed, Refused
from domain.messages import REFERENCE, Day, Model, Moment, OfficerRef, OpaqueId, Reference, Several, Text, read
from domain.referral import Referral
from domain.referral.acts import Rank
from domain.vocabulary import Origin, Standard
from integration.strict_json import json_from
from integration.suggest import nearest, who

__all__ = ["MAX_FILE", "MAX_ROWS", "Entry", "entries", "reference_of", "template"]

MAX_FILE = 16 * 1024 * 1024  # bytes
MAX_ROWS = 10_000

ISO = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
LETTERS = (*ascii_uppercase, *(f"A{letter}" for letter in ascii_uppercase))  # more than the officers that a case holds


def template() -> str:
    """A CSV file to begin with: every column that is often used, and two matters that were made up."""
    return files("integration.intake").joinpath("template.csv").read_text("utf-8")


class Entry(NamedTuple):
    """One matter of a file: the rows that tell it, and the referral; or why it cannot be taken."""

    rows: tuple[int, ...]
    reference: str | None
    referral: dict[str, Any] | None = None
    refused: Refused | None = None


def entries(kind: str, data: bytes, by: Mapping[str, Any]) -> list[Entry]:
    """The matters of a file of this kind, `json` or `csv`. `by`: who refers those that do not say it themselves.

    Raises `Malformed` when the whole file cannot be read; it repeats nothing of the file but names of columns.
    """
    if len(data) > MAX_FILE:
        raise Malformed(f"The file is larger than {MAX_FILE // 2**20} MiB: divide it.")
    text = _text(data)
    if not text.strip():
        raise Malformed("The file is empty.")
    found = _of_json(text, by) if kind == "json" else _of_csv(text, by)
    return [_checked(each) for each in found]


def _text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # Never guessed: a wrong guess changes the letters of a statement and nobody notices.
        raise Malformed("The file is not UTF-8 text (nor UTF-16 with its mark): save it as UTF-8.") from None
    if "\x00" in text:
        raise Malformed("The file holds a character that cannot be stored: save it as UTF-8 text.")
    return text


def _checked(entry: Entry) -> Entry:
    """An entry whose referral is complete as the engine asks for it, or the reason why not."""
    if entry.referral is None:
        return entry
    try:
        read(Referral, entry.referral, _rows(entry.rows))
    except Malformed as wrong:
        return entry._replace(referral=None, refused=wrong)
    return entry


def _rows(rows: tuple[int, ...]) -> str:
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:8]))}{', …' if len(rows) > 8 else ''}"


def reference_of(told: Any) -> str | None:
    """A reference that is one: anything else may be personal, and is not repeated."""
    return told if isinstance(told, str) and REFERENCE.fullmatch(told) else None


# --- JSON: one referral, or a list of them


def _of_json(text: str, by: Mapping[str, Any]) -> Iterator[Entry]:
    told = json_from(text, "The file")
    items = told if isinstance(told, list) else [told]
    if not items:
        raise Malformed("The file holds no referral.")
    _check_count(len(items))
    return (_item(number, item, by) for number, item in enumerate(items, 1))


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        raise Malformed(f"The file holds more than {MAX_ROWS:,} rows: divide it.")


def _item(number: int, item: Any, by: Mapping[str, Any]) -> Entry:
    if not isinstance(item, dict):
        return Entry((number,), None, refused=Malformed(f"row {number}: is not a mapping of names to values."))
    reference = reference_of(item.get("reference"))
    try:
        referral = {**item, "actor": who(item.get("actor", dict(by)))}
    except ValueError:  # its words repeat what stands there
        return Entry((number,), reference, refused=Malformed(f"row {number}: actor: is role:id, as intake:i-1."))
    return Entry((number,), reference, referral)


# --- CSV: a row for each allegation that an officer faces


class Row(Model):
    """A row of a CSV file. What is said once of a case, officer or allegation may be left empty after."""

    reference: Reference
    force: OpaqueId | None = None
    origin: Origin | None = None
    first_known: Day | None = None
    first_known_to_any: Day | None = None
    referred_at: Moment | None = None
    about: Text | None = None
    officer: OfficerRef | None = None
    person: OpaqueId
    rank: Rank | None = None
    officer_first_known: Day | None = None
    allegation: OpaqueId
    summary: Text | None = None
    standards: Several[Standard] = ()
    illustrative: bool | None = None

    @field_validator("first_known", "first_known_to_any", "officer_first_known", "referred_at", mode="before")
    @classmethod
    def _as_written(cls, told: Any) -> Any:
        """A bare number would be taken for seconds since 1970."""
        if not ISO.match(str(told)):
            raise ValueError("is written as 2026-03-31, a moment as 2026-03-31T09:30Z")
        return told

    @field_validator("standards", mode="before")
    @classmethod
    def _several(cls, told: Any) -> Any:
        return [each.strip() for each in told.split("|") if each.strip()] if isinstance(told, str) else told


COLUMNS = tuple(Row.model_fields)
NEEDED = ("reference", "force", "origin", "first_known", "referred_at", "person", "allegation", "summary")
OF_CASE = ("force", "origin", "first_known", "first_known_to_any", "referred_at", "about", "illustrative")
NAMED = {"referred_at": "occurred_at", "officer_first_known": "first_known"}  # by the referral, where otherwise


def _of_csv(text: str, by: Mapping[str, Any]) -> Iterator[Entry]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records = [*islice(lines, MAX_ROWS + 2)]
    except csv.Error:
        raise Malformed(f"The file is not CSV: line {lines.line_num} has quotes that do not fit.") from None
    columns = _columns(records[0])
    _check_count(len(records) - 1)
    rows = [(number, cells) for number, cells in enumerate(records[1:], 2) if any(cell.strip() for cell in cells)]
    if not rows:
        raise Malformed("The file holds no row below its header.")
    return _grouped([_read_row(number, columns, cells) for number, cells in rows], by)


def _columns(header: list[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in header]
    for place, column in enumerate(columns, 1):
        if column not in COLUMNS:  # nor is it repeated: a file without a header has somebody's data there
            near = nearest(column, COLUMNS)
            hint = f" (did you mean {near}?)" if near else ""
            raise Malformed(f"The header of the file: the {_nth(place)} column is none that is known{hint}.")
        if columns.count(column) > 1:
            raise Malformed(f"The header of the file: the column {column} stands there twice.")
    if missing := [each for each in NEEDED if each not in columns]:
        raise Malformed(f"The header of the file lacks {', '.join(missing)}.")
    return columns


def _nth(place: int) -> str:
    return f"{place}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(place, 'th') if place < 20 else 'th' }"


class _Told(NamedTuple):
    """A row as it was read: the row, or what is wrong with it."""

    number: int
    reference: str | None
    row: Row | None
    fault: str | None


def _read_row(number: int, columns: list[str], cells: list[str]) -> _Told:
    told = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if cell.strip()}
    reference = reference_of(told.get("reference"))
    if len(cells) > len(columns):
        return _Told(number, reference, None, f"row {number}: has more cells than the header has columns")
    try:
        return _Told(number, reference, read(Row, told, f"row {number}"), None)
    except Malformed as wrong:
        return _Told(number, reference, None, wrong.sentence.rstrip("."))


def _grouped(rows: Iterable[_Told], by: Mapping[str, Any]) -> Iterator[Entry]:
    groups: dict[object, list[_Told]] = {}
    for row in rows:
        groups.setdefault(row.reference or row.number, []).append(row)  # one without reference stands alone
    return (_entry(group, by) for group in groups.values())


def _entry(group: list[_Told], by: Mapping[str, Any]) -> Entry:
    """One matter. If one of its rows is bad it is not taken at all, or an officer would be missing from it unseen."""
    numbers, reference = tuple(each.number for each in group), group[0].reference
    faults = [each.fault for each in group if each.fault]
    good = [(each.number, each.row) for each in group if each.row]
    if not faults:
        matter = _Matter(by)
        faults = [fault for number, row in good for fault in matter.add(number, row)]
    if faults:
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        return Entry(numbers, reference, refused=Malformed(f"{'; '.join(faults[:5])}{more}."))
    return Entry(numbers, reference, matter.referral())


class _Matter:
    """A referral as it grows from its rows: a cell that is empty says nothing, one that differs is a fault."""

    def __init__(self, by: Mapping[str, Any]) -> None:
        self._case: dict[str, Any] = {"actor": dict(by)}
        self._officers: dict[str, dict[str, Any]] = {}
        self._allegations: dict[str, dict[str, Any]] = {}

    def add(self, number: int, row: Row) -> list[str]:
        """Take a row in; what it says otherwise than a row before."""
        officer = self._officers.setdefault(row.person, {"person": row.person})
        allegation = self._allegations.setdefault(row.allegation, {"allegation": row.allegation, "of": []})
        differ = [
            *self._say(self._case, row, "reference", *OF_CASE),
            *self._say(officer, row, "officer", "rank", "officer_first_known"),
            *self._say(allegation, row, "summary", "standards"),
        ]
        if row.person in allegation["of"]:
            differ.append("allegation")
        allegation["of"].append(row.person)
        return [f"row {number}: {name}: {_DIFFERS.get(name, 'is not what a row before says')}" for name in differ]

    @staticmethod
    def _say(known: dict[str, Any], row: Row, *names: str) -> Iterator[str]:
        for name in names:
            value = getattr(row, name)
            if value not in (None, ()) and known.setdefault(name, value) != value:
                yield name

    def referral(self) -> dict[str, Any]:
        """The referral, each officer by the letter that was given, or else by the first that is free."""
        given = {each["officer"] for each in self._officers.values() if "officer" in each}
        free = (letter for letter in LETTERS if letter not in given)
        letters = {person: each.get("officer") or next(free, "") for person, each in self._officers.items()}
        officers = [{**_named(each), "officer": letters[person]} for person, each in self._officers.items()]
        told = [
            {**{k: v for k, v in each.items() if k != "of"}, "officers": [letters[person] for person in each["of"]]}
            for each in self._allegations.values()
        ]
        return {**_named(self._case), "officers": officers, "allegations": told}


def _named(told: Mapping[str, Any]) -> dict[str, Any]:
    return {NAMED.get(name, name): value for name, value in told.items()}


_DIFFERS = {"allegation": "a row before says that this officer faces it"}
