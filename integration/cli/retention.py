"""The commands for what a force keeps: list what is due to be looked at, and record a decision to keep it."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from activities.text.retention import Proposal
from domain.erasure import EVERYONE
from domain.errors import Malformed
from domain.messages import Actor, Day, Model, OpaqueId, read
from domain.messages import Reference as CaseReference
from domain.messages import Text as Reason
from domain.regimes.retention import NO_SOURCE, Period, every_rule
from domain.working_days import london_date
from integration.casefile import read_text
from integration.cli import tables
from integration.cli.console import Json, answer, with_engine
from integration.cli.told import actor_of
from integration.client import Probity
from integration.settings import Settings
from integration.suggest import known

__all__ = ["keep", "listed", "periods_of", "retention"]

COLUMNS = {"due": "due", "case": "case", "person": "whose", "what": "why, and what to do"}
FEW = 5  # reasons that hold text back that are listed: those of the case itself come first


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
    due: Annotated[str | None, typer.Option(help="What is due on this day, as 2026-03-31; without it, today.")] = None,
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
    lines += [f"HELD BACK: {why}" for why in each.held[:FEW]]
    lines += [f"and {len(each.held) - FEW} reasons more, which --json has."] if len(each.held) > FEW else []
    lines += [f"{do}: {how}" for do, how in ({} if each.held else _commands(each)).items()]
    return "\n".join(lines)


def keep(
    case: Annotated[str, typer.Option(help="In which case.")],
    until: Annotated[str, typer.Option(help="The day on which it is looked at again, as 2026-03-31.")],
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
