"""The commands for those who keep the engine: serve it over HTTP, follow the feed, mend it, open its views."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from activities.feed import PAGE, START, Cursor, Entries, Page, Signed
from activities.text.opening import Readable
from domain.errors import Malformed
from integration.cli.console import Json, Namespace, Purpose, Ui, answer, in_capitals, with_engine
from integration.cli.tables import say
from integration.client import Probity
from integration.listening import check_certificate
from integration.views import COLUMNS
from integration.views import views as operators_views

__all__ = ["feed", "gateway", "rebuild", "resume", "upgrade", "versions", "views", "watch"]


def feed(
    after: Annotated[str, typer.Option(help="The cursor of the last event that was dealt with.")] = str(START),
    limit: Annotated[int, typer.Option(help="How many events at most.")] = PAGE,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is recorded from now on.")] = False,
    checkpoints: Annotated[bool, typer.Option("--checkpoints", help="Tell the signed checkpoints among them.")] = False,
    held_back: Annotated[bool, typer.Option("--held-back", help="Only say what is not in the feed yet.")] = False,
    as_recorded: Annotated[
        bool, typer.Option("--as-recorded", help="For an archive: all there are, fast, text as it is sealed.")
    ] = False,
    purpose: Purpose = None,
) -> None:
    """Tell the events of all cases after a cursor: one a line, in JSON, with the cursor to go on from.

    As many as --limit, and then it says where to go on. Where one cannot be read it tells what comes before, and ends
    with 3 and what is wrong.
    """
    if not 1 <= limit <= 10 * PAGE:
        raise Malformed(f"--limit: is between 1 and {10 * PAGE}.")
    if as_recorded:
        _check_alone({"--follow": follow, "--checkpoints": checkpoints, "--held-back": held_back, "--purpose": purpose})
    cursor = Cursor.read(after)
    if held_back:
        print(json.dumps(with_engine(lambda probity: probity.keeper.held_back())._asdict()))
    elif as_recorded:
        with_engine(lambda probity: _as_recorded(probity, cursor))
    elif follow:
        with_engine(lambda probity: _follow(probity, cursor, checkpoints=checkpoints), purpose)
    else:
        found = with_engine(lambda probity: _page(probity, cursor, limit, checkpoints=checkpoints), purpose)
        for each, place in found.events:
            print(_line(each, place))
        if found.stopped:
            raise found.stopped
        if len(found.events) == limit:
            say(f"There may be more: probity feed --after {found.cursor}", error=True)


def _check_alone(besides: Mapping[str, object]) -> None:
    if wrong := [option for option, given in besides.items() if given]:
        raise Malformed(f"{', '.join(wrong)}: --as-recorded goes with --after alone; no text is opened.")


async def _as_recorded(probity: Probity, cursor: Cursor) -> None:
    async for page in probity.feed_lines(cursor):
        print(b"\n".join(page.lines).decode(), flush=True)


async def _page(probity: Probity, cursor: Cursor, limit: int, *, checkpoints: bool) -> Page | Entries:
    return await (probity.feed_entries if checkpoints else probity.feed)(cursor, limit)


async def _follow(probity: Probity, cursor: Cursor, *, checkpoints: bool) -> None:
    async for each, place in probity.follow_entries(cursor) if checkpoints else probity.follow(cursor):
        print(_line(each, place), flush=True)


def _line(told: Readable | Signed, place: Cursor) -> str:
    """An event, or a checkpoint under a name that no event has: whoever did not ask for one never sees it."""
    data = told.model_dump(mode="json")
    return json.dumps(
        {"cursor": str(place), **({"checkpoint": data} if isinstance(told, Signed) else data)}, ensure_ascii=False
    )


def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Only say which cases differ.")] = False,
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="Only drop the folded cases that are kept beside the record.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the read models of every case anew from its events, and swap them in while the engine runs."""
    if check:
        cases = with_engine(lambda probity: probity.keeper.differing())
        told = "The read models of {0} are not what its events give, or these cannot be read: see `probity verify {0}`."
        sentences = [told.format(case) for case in cases]
        answer(as_json, {"differing": cases}, "\n".join(sentences) or "The read models are what the events give.")
        raise typer.Exit(1 if cases else 0)
    if snapshots:
        count = with_engine(lambda probity: probity.keeper.drop_snapshots())
        answer(as_json, {"snapshots": count}, f"{count} snapshots were dropped; cases are folded anew when next met.")
        return
    count = with_engine(lambda probity: probity.keeper.rebuild())
    answer(as_json, {"cases": count}, f"The read models were made anew from {count} cases and are in place.")


def watch(
    repair: Annotated[
        bool, typer.Option("--repair", help="Start what nothing runs, and wake what is behind or late.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare the record with the process: open cases that nothing runs, that are behind, or that are late.

    And of webhooks: subscribers whom nothing runs, with dead letters, or for whom something has waited for an hour.
    """
    report = with_engine(lambda probity: probity.watch(repair=repair))
    answer(as_json, report.model_dump(mode="json"), report.tell())
    raise typer.Exit(0 if report.well else 1)


def resume(
    references: Annotated[
        list[str] | None, typer.Argument(help="Only these cases; without any, every open one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Start again every open case that nothing runs, from its record; safe to repeat, and beside those that run.

    Without any named, the subscribers of webhooks too, each from where it stood.
    """
    for each in references or []:
        in_capitals(each)

    async def start(probity: Probity) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
        told = ([], []) if references else await probity.subscribers.restart()
        started, failed = await probity.resume(*(references or []))
        left = [await _why(probity, each) for each in references or [] if each not in (*started, *failed)]
        return started, failed, *told, left

    started, failed, told, untold, left = with_engine(start)
    words = [f"{len(started)} cases were started.", *left, *(f"Case {case} could not be started." for case in failed)]
    words += [f"The webhooks of {name} were started." for name in told]
    words += [f"The webhooks of {name} could not be started." for name in untold]
    data = {"started": started, "failed": failed, "subscribers": told, "subscribers_failed": untold}
    answer(as_json, data, "\n".join(words))
    raise typer.Exit(1 if failed or untold else 0)


async def _why(probity: Probity, reference: str) -> str:
    """Why a case that was named was not started."""
    closed = (await probity.case(reference)).closed_at is not None
    return f"Case {reference} {'is closed' if closed else 'runs already'}."


def versions(as_json: Json = False) -> None:
    """List the versions of the worker: which is current, which of them workers run, how many cases are under each."""
    found = with_engine(lambda probity: probity.versions())
    lines = [
        f"{each.build or '(none)'}: {each.status}, {'run' if each.run else 'not run'} by a worker, {each.cases} cases"
        for each in found
    ]
    answer(as_json, {"versions": [each._asdict() for each in found]}, "\n".join(lines))


def upgrade(
    build: Annotated[
        str | None, typer.Argument(help="The build to make current first: a newer one, or an older to go back.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Start again from its record whatever case does not go by itself.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring every case under the current version of the worker; safe to repeat."""
    told = with_engine(lambda probity: probity.upgrade(build, anew=anew))
    words = [f"{told.moved} cases went under {told.current or 'workers without a version'}."]
    words += [f"{told.anew} were started again from their record."] if told.anew else []
    words += [f"{what} did not go: run `probity upgrade` again, or with --anew." for what in told.left]
    answer(as_json, told._asdict(), "\n".join(words))
    raise typer.Exit(1 if told.left else 0)


def views(ui: Ui = "", namespace: Namespace = "default", as_json: Json = False) -> None:
    """List the views of an operator in the Temporal UI, dated from today, with the links that open them."""
    found = [
        {**view._asdict(), "link": view.link(ui, namespace) if ui else None}
        for view in operators_views(datetime.now(UTC)).values()
    ]
    lines = [f"{view['about']}\n  {view['link'] or view['query']}" for view in found]
    print(
        json.dumps({"columns": COLUMNS, "views": found}, ensure_ascii=False)
        if as_json
        else "\n".join([*lines, "", f"Columns: {', '.join(COLUMNS)}"])
    )


def gateway(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: one that the system chooses.", min=0, max=65535)] = 0,
    certificate: Annotated[Path | None, typer.Option(help="To serve HTTPS: the certificate (PEM).")] = None,
    private_key: Annotated[Path | None, typer.Option(help="And its key (PEM).")] = None,
    development: Annotated[
        bool, typer.Option("--development", help="Ask for no token: anyone may do everything. On this machine only.")
    ] = False,
) -> None:
    """Serve cases over HTTP, until SIGTERM or SIGINT (docs/gateway.md)."""
    from integration.gateway.serve import serve  # here, since no other verb is to wait the second that it takes

    check_certificate(certificate, private_key)
    serve(host, port, certificate, private_key, development=development)
