"""Shows that no row of the law can change unseen: `make mutants` changes each in turn and wants a test to turn red.

A mutant is one value of one row changed in memory, in a process of its own: a length, a counting code, whose duty it
is, who may extend it, its regimes, its mark; what starts, settles or ends it; a lawful sanction; the life of a warning;
who may sit; a role that may give a command. The tests that name the row are tried first, then those of its part, and
the generated pages last (tests/killing.py). A mutant that only a page noticed is named, unless the value is one that is
only shown; one that none noticed survives, and the command ends with 1. `make mutants ARGS=suspension` chooses by name;
`make mutants ARGS="--to FILE"` writes down each result as it comes, and goes on behind those that the file holds.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import integration.reference.pages  # noqa: F401  (registers every command)
from domain import regimes
from domain.messages import COMMANDS
from domain.regimes import panels, provisions, ranks
from domain.vocabulary import Finding, Mark, Proceedings, Regime, Role, Sanction, Seniority, SitsAs
from domain.working_days import Counting
from tests.killing import PAGES, Change, killers

__all__ = ["main", "mutants"]

Row = dict[str, Any]
ROWS: dict[str, list[Row]] = {
    name: provisions.rows(name)
    for name in (
        *(f"time_limits/{part}.toml" for part in regimes.TIME_LIMITS),
        "sanctions.toml",
        "warnings.toml",
        "panels.toml",
        "ranks.toml",
        "provisions.toml",
    )
}
PARTS = {  # the tests in which a change of these rows would show, the likeliest first, beside those that name the row
    "referral": ("referral", "telling", "governing", "deadlines"),
    "timeliness": ("investigation", "deadlines"),
    "restriction": ("restriction", "stay", "deadlines"),
    "investigation": ("investigation", "direction", "governing", "deadlines"),
    "hearing": ("hearing", "dates", "joint", "stay", "publication", "deadlines", "outcome"),
    "accelerated": ("accelerated", "deadlines"),
    "outcome": ("outcome", "appeals", "publication", "reopening", "deadlines"),
    "departure": ("departure",),
    "reflection": ("reflection", "deadlines"),
    "sanctions": ("sanctions", "outcome", "accelerated", "departure", "hearing"),
    "warnings": ("law", "sanctions", "outcome"),
    "panels": ("panel", "hearing", "accelerated"),
    "ranks": ("panel", "appeals"),
    "provisions": ("provisions", "accelerated"),
}
FILES = ("law", "occasions", "roles", "regimes", *sorted({file for part in PARTS.values() for file in part}), "case")
SHOWN_ONLY = ("citation", "mark", "place_inferred", "note", "warn_days", "extension_ground")
FLAGS = ("right", "period", "once", "runs_on", "keeps_open", "stands", "pauses", "may_shorten", "place_inferred")


def mutants() -> Iterator[Change]:
    """Every change of a value of the law."""
    for file, rows in ROWS.items():
        for index, row in enumerate(rows):
            for told, value in _of_row(file, row):
                field = told.split()[0]
                make = partial(_change_row, file, index, field, value)
                name, elsewhere = f"{_called(file, row, index)}: {told}", PARTS[Path(file).stem]
                yield Change(name, row.get("id", ""), elsewhere, make, only_shown=field in SHOWN_ONLY)
    for name, kind in COMMANDS.items():
        for roles in _one_off(sorted(kind.given_by), Role):
            make = partial(setattr, kind, "given_by", frozenset(roles))
            yield Change(f"{name}: given_by = {' '.join(roles)}", name, (), make)


def _called(file: str, row: Row, index: int) -> str:
    return str(row.get("id") or f"{file.removesuffix('.toml')}[{index}]")


def _change_row(file: str, index: int, field: str, value: Any) -> None:
    changed = deepcopy(ROWS)
    changed[file][index][field] = value
    if value is None:
        del changed[file][index][field]
    provisions.rows = changed.__getitem__  # type: ignore[assignment]  # a process of its own: nothing is put back
    for function in (each for module in (regimes, panels, ranks, provisions) for each in vars(module).values()):
        if hasattr(function, "cache_clear"):
            function.cache_clear()


def _of_row(file: str, row: Row) -> Iterator[tuple[str, Any]]:
    yield from _of_any_row(row)
    if file.startswith("time_limits"):
        yield from _of_time_limit(row)
    elif file == "sanctions.toml":
        yield from _of_sanctions(row)
    elif file == "panels.toml":
        yield from _of_panel(row)
    elif file == "ranks.toml":
        yield "seniority another", _another(Seniority, row["seniority"])
    elif file == "provisions.toml" and "since" in row:
        yield "since later", row["since"] + timedelta(days=1)
    elif file == "warnings.toml":
        yield "months longer", row["months"] + 1
        yield "at_most longer", row["at_most"] + 1


def _of_any_row(row: Row) -> Iterator[tuple[str, Any]]:
    for known in _one_off(row["regimes"], Regime) if "regimes" in row else ():
        yield f"regimes = {' '.join(known)}", known
    yield "mark another", _another(Mark, row["mark"])
    yield "citation another", f"{row['citation']} Sch 9"


def _of_time_limit(row: Row) -> Iterator[tuple[str, Any]]:
    if "length" in row:
        yield "warn_days longer", row.get("warn_days", 3) + 1
        yield "length longer", row["length"] + 1
        if row["length"] > 1:
            yield "length shorter", row["length"] - 1
        yield from ((f"count = {code}", code.value) for code in Counting if code != row["count"])
    if "opens" in row:
        yield "opens later", row["opens"] + 1
    yield "duty another", _another(Role, row["duty"])
    if "duty_if_iopc" in row:
        yield "duty_if_iopc none", None
    for field in ("may_extend", "shortened_by"):
        yield from ((f"{field} = {' '.join(roles)}", roles) for roles in _one_off(row.get(field, []), Role))
    yield from ((f"{flag} turned", not row.get(flag, False)) for flag in FLAGS)
    another = {None: "party", "officer": "party", "undecided": "officer", "party": "officer", "complainant": "party"}
    yield "for_each another", another[row.get("for_each")]
    yield from (
        (f"{field} none", None)
        for field in ("since", "until", "note", "extension_ground", "parted_from")
        if field in row
    )
    for field in ("starts_with", "met_by", "ends_with", "moved_by"):
        yield from ((f"{field} {told}", value) for told, value in _of_occasions(row.get(field, [])))


def _of_occasions(occasions: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    for index, occasion in enumerate(occasions):
        rest = [*occasions[:index], *occasions[index + 1 :]]
        yield f"without its occasion {index + 1}", rest
        for key in ("where", "counted_from") if isinstance(occasion, dict) else ():
            if key in occasion:
                yield f"occasion {index + 1} without {key}", [*rest, {k: v for k, v in occasion.items() if k != key}]


def _of_sanctions(row: Row) -> Iterator[tuple[str, Any]]:
    for field in ("lawful", "unless_exceptional"):
        for sanctions in _one_off(row.get(field, []), Sanction):
            yield f"{field} = {' '.join(sanctions)}", sanctions
    yield "proceedings another", _another(Proceedings, row["proceedings"])
    yield "finding another", _another(Finding, row["finding"])
    for flag in ("live_final_warning", "former_officer", "unconnected_incidents"):
        yield f"{flag} another", None if flag in row else True


def _of_panel(row: Row) -> Iterator[tuple[str, Any]]:
    for field in ("chair", "members"):
        yield from ((f"{field} = {' '.join(kinds)}", kinds) for kinds in _one_off(row.get(field, []), SitsAs))
    yield "seniority another", _another(Seniority, row["seniority"])
    yield "adviser turned", not row.get("adviser", False)
    yield from ((f"{field} none", None) for field in ("since", "until", "note") if field in row)


def _another(kinds: Iterable[Any], value: str) -> str:
    return next(str(kind.value) for kind in kinds if kind.value != value)


def _one_off(values: list[Any], kinds: Iterable[Any]) -> Iterator[list[str]]:
    """The values without each of them, and with one more."""
    told = [str(value) for value in values]
    without = ((*told[:index], *told[index + 1 :]) for index in range(len(told)) if len(told) > 1)
    yield from map(list, dict.fromkeys(without))
    yield from ([*told, str(kind.value)] for kind in [k for k in kinds if k.value not in told][:1])


def main() -> int:
    """Try every mutant; 1 when one survives, or the tests fail without any."""
    ask = argparse.ArgumentParser(prog="make mutants", description="Change each row of the law and see a test fail.")
    ask.add_argument("word", nargs="?", default="", help="only mutants whose name holds this")
    ask.add_argument("--to", type=Path, help="write each result into this file, and pass over those that it holds")
    asked = ask.parse_args()
    chosen = [mutant for mutant in mutants() if asked.word in mutant.name]
    tried = Tried(len(chosen), asked.to)
    left = [mutant for mutant in chosen if mutant.name not in tried.dead]
    if test := killers(left, FILES, tried.tell):
        sys.exit(f"A test fails without any mutant: {test}")
    return tried.summed_up({mutant.name for mutant in chosen})


class Tried:
    """The mutants that were tried, and of which test each died."""

    def __init__(self, of: int, file: Path | None) -> None:
        self.of, self.file = of, file
        self.dead: dict[str, str | None] = {}
        self.since = time.monotonic()
        if file is not None and file.exists():
            results = (line.partition("\t") for line in file.read_text("utf-8").splitlines())
            self.dead = {name: test or None for name, _, test in results}

    def tell(self, mutant: Change, test: str | None) -> None:
        """Print what is to be mended, and every hundredth where it stands."""
        self.dead[mutant.name] = test
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as results:
                print(mutant.name, test or "", sep="\t", file=results)
        if test is None:
            print(f"SURVIVED {mutant.name}", flush=True)
        elif _on_a_page_only(mutant.name, test):
            print(f"ON A PAGE ONLY {mutant.name}", flush=True)
        if len(self.dead) % 100 == 0:
            print(f"{len(self.dead)} of {self.of}, after {time.monotonic() - self.since:.0f} s", flush=True)

    def summed_up(self, chosen: set[str]) -> int:
        """Print of what they died; 1 if one survived or was not tried."""
        dead = {name: test for name, test in self.dead.items() if name in chosen}
        for file, deaths in Counter(test.partition("::")[0] for test in dead.values() if test).most_common():
            print(f"{deaths:6} died of {file}")
        for what, names in {
            "ON A PAGE ONLY": [name for name, test in dead.items() if test and _on_a_page_only(name, test)],
            "SURVIVED": [name for name, test in dead.items() if test is None],
            "NOT TRIED": sorted(chosen - set(dead)),
        }.items():
            print(f"{len(names)} {what}", *names, sep="\n  ")
        return 0 if dead and all(dead.get(name) for name in chosen) else 1


def _on_a_page_only(name: str, test: str) -> bool:
    field = name.partition(": ")[2].split()[0]
    return field not in SHOWN_ONLY and any(f"test_{page}.py" in test for page in PAGES)


if __name__ == "__main__":
    sys.exit(main())
