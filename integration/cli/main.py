"""The command line: refer a matter, give commands, read cases, deadlines and the record, play case files.

It needs the settings of `integration/settings.py` in the environment. Every error is one sentence with a stable code;
the exit code is 1 for a refusal, 2 for wrong usage or input, 3 when the engine cannot be reached.
"""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from domain.deadlines import explain as explain_deadline
from domain.errors import DuplicateReference, Malformed, NotFound, Unavailable
from domain.hindsight import TODAY
from domain.messages import COMMANDS, EVENTS, Recorded
from domain.summary import summary
from domain.working_days import england_and_wales
from integration import contract
from integration.casefile import CaseFile, load, mapping_from, matter_from
from integration.cli import holidays, keeping, lists, proofs, retention, tables, timeline, upkeep, webhooks
from integration.cli.console import (
    AsAt,
    AsKnown,
    Json,
    Namespace,
    Purpose,
    Reference,
    Ui,
    answer,
    view_of,
    view_told,
    with_engine,
    withheld,
)
from integration.cli.intake import intake
from integration.cli.sentences import EXIT_REFUSED, Sentences, Spoken, complain
from integration.cli.told import body_of, command_of, given, text_of
from integration.client import Probity, Receipt
from integration.leaving import leave
from integration.play import PlayResult, StepOutcome, StepResult, play
from integration.suggest import nearest, no_deadline
from integration.views import link_to

__all__ = ["app", "main", "progress", "script"]

TO_WORDS = 26  # columns, of a step that is played
FIELDS = "A field, as name=value; a list as name=A,B, a mapping as name=id:value,id:value. May be repeated."
app = typer.Typer(
    name="probity",
    cls=Sentences,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"probity {version('probity')}")
        raise typer.Exit


@app.callback()
def _group(
    _: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,
) -> None:
    """Police misconduct cases from referral to outcome."""


def script() -> None:
    """The console script."""
    try:
        main()
    except SystemExit as ended:
        leave(int(ended.code or 0))  # a number or nothing: typer's


def main() -> None:
    """The command line."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a letter gets a question mark
    app()


@app.command()
def refer(
    file: Annotated[str, typer.Argument(help="A referral in YAML or JSON; - reads it from the input.")],
    as_json: Json = False,
) -> None:
    """Refer a matter: open its case, and name what may be the same matter. Given again, it is answered as before."""
    name = "the input" if file == "-" else file
    text = text_of(file)
    if file.lower().endswith(".csv"):
        raise Malformed(f"{name}: is a file of several referrals: `probity intake take` takes it.")
    told = mapping_from(text, name)
    if "referral" in told:
        raise Malformed(f"{name}: is a case file, not a referral: `probity play` takes it.")

    def matter(now: datetime) -> dict[str, Any]:
        return matter_from({"at": "now", **told}, now, england_and_wales())

    async def opened(probity: Probity) -> None:
        receipt = await _referred(probity, matter)
        data = receipt.model_dump(mode="json")
        words = f"Case {receipt.reference} was opened, at version {receipt.version}."
        try:
            like = await probity.duplicates(receipt.reference, earlier=True)
        except Unavailable as why:  # the case is open all the same
            answer(as_json, data, f"{words}\nWhat may be the same matter was not looked up. {why.sentence}")
            return
        data["possible_duplicates"] = [each.model_dump(mode="json") for each in like]
        answer(as_json, data, lists.alike(words, like))

    with_engine(opened)


async def _referred(probity: Probity, matter: Callable[[datetime], dict[str, Any]]) -> Receipt:
    """Refer it once. What a file dates from now is dated, when it comes again, from when its case was opened."""
    first = matter(datetime.now(UTC))
    try:
        return await probity.refer_once(first)
    except DuplicateReference as taken:
        opened = (await probity.case(first["reference"])).opened_at
        try:
            return await probity.refer_once(matter(opened))
        except DuplicateReference:
            shown = f"{taken.sentence} `probity show {first['reference']}` shows it."
            raise DuplicateReference(shown) from None


@app.command()
def do(
    reference: Reference,
    command: Annotated[str, typer.Argument(help="The command; `probity commands` lists them.")],
    by: Annotated[str | None, typer.Option(help="Who acts, as role:id.")] = None,
    at: Annotated[str | None, typer.Option(help="When it was done, as 2026-03-31T09:30Z; without it, now.")] = None,
    facts: Annotated[list[str] | None, typer.Option("--with", metavar="NAME=VALUE", help=FIELDS)] = None,
    body: Annotated[str | None, typer.Option(help="Fields as JSON, or a file of them; - reads the input.")] = None,
    command_id: Annotated[
        str | None, typer.Option("--id", help="Names the act: given twice with the same --at, it is done once.")
    ] = None,
    expected: Annotated[
        int | None, typer.Option(help="The version of the case that it is meant for; refused if the case has moved on.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Give a command to a case."""
    kind = command_of(command)
    told = body_of(kind, body, facts or [], by, at)

    async def give(probity: Probity) -> None:
        moment = told.get("occurred_at") or (await probity.now(reference)).isoformat()
        act = {**told, "occurred_at": moment}
        giving = probity.do(reference, kind.name, act, command_id=command_id, expected=expected)
        receipt = await given(giving, probity, reference, command_id)
        case, events = await probity.case(reference), await probity.events(reference, shown_as="receipt")
        answer(as_json, receipt.model_dump(mode="json"), timeline.receipt(case, events, _of_last(receipt.events)))

    with_engine(give)


def _of_last(events: Sequence[Recorded]) -> list[Recorded]:
    """The events of the last act: a receipt also holds what others did since the workflow last looked."""
    return [each for each in events if each.command_id == events[-1].command_id]


@app.command()
def show(
    reference: Reference,
    as_at: AsAt = None,
    as_known: AsKnown = None,
    purpose: Purpose = None,
    ui: Ui = "",
    namespace: Namespace = "default",
    as_json: Json = False,
) -> None:
    """Show a case: what happened, what fell due, what was missed, how it stands, what may be done next.

    What may be done is told of today alone.
    """
    view = view_of(as_at, as_known)

    async def look(probity: Probity) -> None:
        case, events = await probity.case(reference, view), await probity.events(reference, shown_as="case")
        possible = await probity.lawful_next(reference) if view == TODAY else []
        like = await probity.duplicates(reference) if view == TODAY else []
        waiting = await probity.handed_over(reference) if view == TODAY else []
        data = {
            "view": view_told(view),
            "case": summary(case).model_dump(mode="json"),
            "next": [act.model_dump(mode="json") for act in possible],
            "possible_duplicates": [each.model_dump(mode="json") for each in like],
            "to_be_taken_over": waiting,
            "events": [_recorded(each) for each in view.happened(events)],
        }
        page = lists.to_be_taken_over(lists.alike(timeline.page(case, events, possible, view), like), waiting)
        parts = [withheld(page, view.happened(events))]
        if ui and view == TODAY:
            parts.append(Text(f"\nIn the Temporal UI, under User Metadata: {link_to(reference, ui, namespace)}"))
        answer(as_json, data, Group(*parts))

    with_engine(look, purpose)


def _recorded(event: Any) -> dict[str, Any]:
    return {**event.model_dump(mode="json"), "says": event.event().tell()}


@app.command()
def events(
    reference: Reference, as_at: AsAt = None, as_known: AsKnown = None, purpose: Purpose = None, as_json: Json = False
) -> None:
    """Show the record of a case."""
    view = view_of(as_at, as_known)

    async def look(probity: Probity) -> None:
        await probity.case(reference, view)  # says so when there is no such case
        found = await probity.events(reference)
        data = {"view": view_told(view), "events": [each.model_dump(mode="json") for each in view.happened(found)]}
        answer(as_json, data, timeline.record(found, view))

    with_engine(look, purpose)


@app.command()
def explain(
    reference: Reference,
    deadline: Annotated[str, typer.Argument(help="The deadline's id, as suspension_review_first/A.")],
    purpose: Purpose = None,
    as_json: Json = False,
) -> None:
    """Explain how a deadline was counted."""

    async def look(probity: Probity) -> None:
        case = await probity.case(reference)
        if (found := case.deadlines.get(deadline)) is None:
            raise NotFound(no_deadline(deadline, case))
        events = await probity.events(reference, shown_as="deadline")  # only now: that they are read is recorded
        words = explain_deadline(found, england_and_wales(found.calendar), events)
        answer(as_json, {"deadline": found.model_dump(mode="json"), "explanation": words}, words)

    with_engine(look, purpose)


@app.command()
def commands(
    name: Annotated[str | None, typer.Argument(help="Only this command.")] = None, as_json: Json = False
) -> None:
    """List every command, who may give it, and its fields with what they may say."""
    listed = {command_of(name).name: command_of(name)} if name else dict(sorted(COMMANDS.items()))
    data = {
        name: {"given_by": sorted(kind.given_by), "does": tables.does(kind), "schema": kind.model_json_schema()}
        for name, kind in listed.items()
    }
    answer(as_json, {"commands": data}, tables.catalogue(listed))


@app.command()
def schemas(
    name: Annotated[
        str | None, typer.Argument(help="Only this document, command, event, read model or answer, as events.")
    ] = None,
) -> None:
    """Print the contract: JSON Schema of the referral and of every command, event, read model and answer; AsyncAPI."""
    if name is None:
        told = {each: contract.document(each) for each in contract.NAMES}
    elif (found := contract.find(name)) is None:
        near = nearest(name, [*contract.NAMES, *COMMANDS, *EVENTS, *contract.names()])
        raise NotFound(f"There is no schema {name[:120]!r}.{f' Did you mean {near}?' if near else ''}")
    else:
        told = found
    print(json.dumps(told, ensure_ascii=False))


@app.command(name="play")
def play_files(
    files: Annotated[list[Path], typer.Argument(help="Case files.")],
    as_json: Json = False,
) -> None:
    """Play case files into the engine and check what they expect."""
    calendar = england_and_wales()
    loaded = [load(path, calendar, datetime.now(UTC)) for path in files]

    async def run(probity: Probity) -> list[PlayResult]:
        return [await _played(probity, file, quiet=as_json) for file in loaded]

    results = with_engine(run)
    if as_json:
        print(json.dumps({"results": [result.model_dump(mode="json") for result in results]}, ensure_ascii=False))
    failures = [sentence for result in results for sentence in result.failures]
    for sentence in failures:
        complain("expectation_failed", sentence)
    if failures:
        raise Spoken(EXIT_REFUSED)


async def _played(probity: Probity, file: CaseFile, *, quiet: bool) -> PlayResult:
    def tell(result: StepResult) -> None:
        for line in progress(result).split("\n"):
            tables.say(line, hanging=TO_WORDS)

    if not quiet:
        tables.say(f"{file.reference}: {file.about}", "bold")
    return await play(probity, file, None if quiet else tell)


def progress(result: StepResult) -> str:
    """A step as a line of progress; what it shows of the law on a second one."""
    who_for = f" {', '.join(result.officers)}" if result.officers else ""
    words = {
        StepOutcome.DONE: f"done, version {result.version}",
        StepOutcome.DONE_BEFORE: f"done before{f': {result.sentence}' if result.sentence else ''}",
        StepOutcome.REFUSED: f"refused as it should be: {result.sentence}",
        StepOutcome.REFUSED_BEFORE: "refused before: nothing of it is in the record",
        StepOutcome.HELD: "as expected",
        StepOutcome.FAILED: f"FAILED: {result.sentence}",
    }
    mark = " [illustrative]" if result.illustrative else ""
    note = f"\n{'':{TO_WORDS}}{result.note}" if result.note else ""
    when = tables.moment(result.at)
    return f"  {result.step:>3}  {when:17}  {result.what}{who_for}: {words[result.outcome]}{mark}{note}"


app.add_typer(intake, name="intake")
for listed in (lists.cases, lists.deadlines, lists.restrictions, lists.handed_over, lists.duplicates):
    app.command()(listed)
for command in (upkeep.gateway, proofs.verify, proofs.export, proofs.checkpoint, holidays.holidays):
    app.command()(command)
for upkept in (upkeep.feed, upkeep.rebuild, upkeep.watch, upkeep.resume, upkeep.versions, upkeep.upgrade, upkeep.views):
    app.command()(upkept)
for kept in (
    retention.retention,
    retention.keep,
    keeping.forget,
    keeping.erasures,
    keeping.reads,
    keeping.reforget,
    keeping.rewrap,
):
    app.command()(kept)
app.add_typer(webhooks.app, name="webhooks")
