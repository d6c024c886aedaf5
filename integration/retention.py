"""The commands for what a force keeps: list what is due to be looked at, and record a decision to keep it."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from activities.retention import Proposal
from domain.erasure import EVERYONE
from domain.errors import Malformed
from domain.messages import Actor, Day, Model, OpaqueId, read
from domain.messages import Reference as CaseReference
from domain.messages import Text as Reason
from domain.regimes.retention import NO_SOURCE, Period, every_hold, every_rule
from domain.working_days import london_date
from integration import tables
from integration.casefile import read_text
from integration.client import Probity
from integration.console import Json, answer, with_engine
from integration.settings import Settings
from integration.suggest import known
from integration.told import actor_of

__all__ = ["keep", "listed", "periods_of", "retention"]

COLUMNS = {"due": "due", "case": "case", "person": "whose", "what": "why, and what to do"}
FEW = 3  # names that a folded sentence gives before it counts the rest


class _Periods(Model):
    """The file of a force's periods."""

    period: tuple[Period, ...] = ()


class _Kept(Model):
    """What is asked of `keep`, to be checked."""

    person: OpaqueId | None
    case: CaseReference
    until: Day
    by: Actor
    reason: Reason


def periods_of(file: Path) -> tuple[Period, ...]:
    """The periods that a force has set. Raises `Malformed`."""
    try:
        told = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as wrong:
        raise Malformed(f"{file.name} is not TOML: {wrong}.") from None
    periods = read(_Periods, told, file.name).period
    rules = {rule.id for rule in every_rule()}
    for each in periods:
        if each.rule not in rules:
            raise Malformed(f"{file.name}: {known(each.rule, rules, 'rule of retention')}.")
    if len({(each.rule, each.force) for each in periods}) < len(periods):
        raise Malformed(f"{file.name}: a rule has two periods for one force.")
    return periods


def retention(
    due: Annotated[str | None, typer.Option(help="What is due on this day; without it, today.")] = None,
    as_json: Json = False,
) -> None:
    """List whose free text is due to be looked at, with rule, day and reason. Nothing is erased: a person decides."""
    on = _day(due) if due else london_date(datetime.now(UTC))
    file = Settings.from_environment().retention
    periods = periods_of(file) if file else ()
    found, unread = with_engine(lambda probity: probity.keeper.proposals(periods, on))
    unset = [rule.id for rule in every_rule() if rule.id not in {each.rule for each in periods}]
    data = {"on": on, "due": [_plain(each) for each in found], "no_period": unset, "unread": unread}
    rows = [{"due": each.review.due, "what": listed(each), **_whose(each)} for each in found]
    shown = tables.listing(rows, COLUMNS) if rows else Text(f"Nothing is due on {on}.")
    lacking = Text(f"\nNo period is set for {', '.join(unset)}: {NO_SOURCE} (PROBITY_RETENTION, docs/run.md).", "dim")
    blind = [Text(f"\nunreadable: {sentence}", "bold") for sentence in unread]
    answer(as_json, data, Group(shown, *blind, lacking) if unset else Group(shown, *blind))
    raise typer.Exit(1 if unread else 0)


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise Malformed("--due: is a day, as 2026-03-31.") from None


def _whose(each: Proposal) -> dict[str, str]:
    return {"case": each.review.case, "person": "everyone" if each.review.person == EVERYONE else each.review.person}


def _commands(each: Proposal) -> dict[str, str]:
    whom = "" if each.review.person == EVERYONE else f"{each.review.person} "
    told = f"{whom}--case {each.review.case} --by ROLE:ID --reason WHY"
    return {"erase": f"probity forget {told}", "keep": f"probity keep {told} --until DAY"}


def _plain(each: Proposal) -> dict[str, Any]:
    commands = {} if each.held else _commands(each)
    return {**each.review.model_dump(mode="json"), "held": each.held, **commands}


def listed(each: Proposal) -> str:
    """A proposal as a person reads it: why it is due, and what holds it back, or what may be done."""
    lines = [f"{each.review.title} ({each.review.rule}).", each.review.why]
    lines += [f"HELD BACK: {why}" for why in _folded(each.held)] or [
        f"{do}: {how}" for do, how in _commands(each).items()
    ]
    return "\n".join(lines)


def _folded(held: Iterable[str]) -> Iterator[str]:
    """What holds back, each said once of all for whom it holds alike; `--json` has every sentence."""
    first, others = dict[str, str](), dict[str, list[str]]()
    cases = dict[str, list[str]]()
    for why in held:
        if elsewhere := _pattern("person_elsewhere").fullmatch(why):
            cases.setdefault(elsewhere["who"], []).append(elsewhere["other"])
            continue
        alike, who = _alike(why)
        if first.setdefault(alike, why) != why:
            others.setdefault(alike, []).append(who)
    for alike, why in first.items():
        yield f"{why} The same of {_several(others[alike])}." if alike in others else why
    yield from _elsewhere(cases)


def _elsewhere(cases: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The open cases that each person is in; those who are in the same ones together."""
    people: dict[tuple[str, ...], list[str]] = {}
    for person, which in cases.items():
        people.setdefault(tuple(which), []).append(person)
    for which, who in people.items():
        where = f"case {which[0]}, which is open" if len(which) == 1 else f"{len(which)} open cases: {_several(which)}"
        yield f"{_several(who)} {'is' if len(who) == 1 else 'are'} in {where}."


def _alike(why: str) -> tuple[str, str]:
    """What a sentence says of anyone or any case, and of whom or which it says it; empty where it is of none."""
    for hold in every_hold():
        found = _pattern(hold).fullmatch(why)
        if found and "who" in found.groupdict():
            return f"{why[: found.start('who')]}{why[found.end('who') :]}", found["who"]
    return why, ""


@cache
def _pattern(hold: str) -> re.Pattern[str]:
    """The sentence of a hold, as a pattern that finds what it names."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(every_hold()[hold].tell())))


def _several(names: Sequence[str]) -> str:
    """A list as a sentence has it; of a long one the first, and how many more there are."""
    *most, last = names if len(names) <= FEW + 1 else [*names[:FEW], f"{len(names) - FEW} more"]
    return f"{', '.join(most)} and {last}" if most else last


def keep(
    case: Annotated[str, typer.Option(help="In which case.")],
    until: Annotated[str, typer.Option(help="The day on which it is looked at again.")],
    reason: Annotated[str, typer.Option(help="Why. It stays in the record and names nobody.")],
    by: Annotated[str, typer.Option(help="Who decided it, as role:id.")],
    person: Annotated[str | None, typer.Argument(help="Opaque id; without it, everyone's text in the case.")] = None,
    as_json: Json = False,
) -> None:
    """Record the decision to keep free text, why, and when it is looked at again. Until then it is not proposed."""
    told = {"person": person, "case": case, "until": until, "by": actor_of(by), "reason": reason}
    wanted = read(_Kept, told, "keep")

    async def record(probity: Probity) -> Any:
        return await probity.keeper.keep(wanted.case, wanted.person, wanted.until, wanted.by, wanted.reason)

    done = with_engine(record)
    answer(as_json, done.model_dump(mode="json"), f"Case {case}: recorded as event {done.version}.")
