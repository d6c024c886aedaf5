"""`probity webhooks`: who is told of events by webhook, and how that goes (docs/webhooks.md)."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from activities.feed import START, Cursor
from activities.webhooks.subscribers import Delivery, Subscriber, Wanted
from domain.errors import Malformed
from domain.messages import Actor, read
from integration.cli import tables
from integration.cli.console import Json, answer, with_engine
from integration.cli.sentences import Sentences
from integration.cli.told import actor_of
from integration.webhooks.subscribers import KEEP

__all__ = ["app"]

app = typer.Typer(
    cls=Sentences, help="Tell other services of events, by webhook.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(help="The subscriber's name.")]
Events = Annotated[list[str] | None, typer.Option(metavar="TYPE", help="Only of these events; may be repeated.")]
Forces = Annotated[list[str] | None, typer.Option(metavar="ID", help="Only of cases of these forces; may be repeated.")]
HOURS = KEEP // timedelta(hours=1)
LOUD = "NOT FOR REAL CASES: PROBITY_WEBHOOKS_DEVELOPMENT allows addresses of this machine, and http without encryption."

LISTED = {
    "subscription": "subscriber",
    "state": "state",
    "of": "told of",
    "waiting": "waiting",
    "dead": "dead letters",
    "last_delivered": "last delivered",
    "url": "address",
}
LOGGED = {
    "tried_at": "when",
    "state": "",
    "said": "answer",
    "attempts": "tries",
    "type": "event",
    "reference": "case",
    "version": "",
    "event_id": "id",
}


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="A name of its own, as hr-system.")],
    url: Annotated[str, typer.Argument(help="Where it is told: an https address.")],
    event: Events = None,
    force: Forces = None,
    restricted: Annotated[bool, typer.Option("--restricted", help="Also of cases that only some may see.")] = False,
    after: Annotated[
        str, typer.Option(help="Only of what comes after a cursor of the feed; `now`, or `start` for everything.")
    ] = "now",
    entitled: Annotated[
        str | None, typer.Option(help="As whom, role:id, it may read free text about people; else that stays sealed.")
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option(help="For what purpose it may. It is recorded for good: name no person."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a subscriber, and show its secret: once, so keep it."""
    of = {"types": tuple(event or ()), "forces": tuple(force or ()), "restricted": restricted}
    told = {"subscription": name, "url": url, **of}
    reader = read(Actor, actor_of(entitled), "--entitled") if entitled else None
    wanted = read(Wanted, {**told, "reader": reader, "purpose": purpose}, "webhooks")
    place = None if after == "now" else START if after == "start" else Cursor.read(after)

    async def made(probity: Any) -> str:
        if probity.subscribers.development:
            tables.say(LOUD, error=True)
        secret: str = await probity.subscribers.add(wanted, place)
        return secret

    secret = with_engine(made)
    since = {"now": "from now on", "start": "from the first on"}.get(after, f"after {after}")
    words = f"{name} is told of events {since}. Its secret, shown this once:\n\n{secret}"
    answer(as_json, {"subscription": name, "secret": secret}, words)


@app.command(name="list")
def all_of_them(as_json: Json = False) -> None:
    """List the subscribers, and how each stands."""
    found = with_engine(lambda probity: probity.subscribers.all())
    shown = tables.listing(map(_listed, found), LISTED) if found else "There is no subscriber."
    answer(as_json, {"subscribers": [each.model_dump(mode="json") for each in found]}, shown)


def _listed(each: Subscriber) -> dict[str, Any]:
    of = ", ".join((*each.types, *each.forces)) or "everything"
    state = f"{each.state}: {each.because}" if each.because else each.state
    entitled = f"{of}; free text as {each.reader.role}:{each.reader.id}" if each.reader else of
    counts = {"waiting": each.waiting or None, "dead": each.dead or None}
    return {**each.model_dump(), **counts, "of": entitled, "state": state}


@app.command()
def pause(
    name: Name,
    because: Annotated[str | None, typer.Option(help="Why. It shows in Temporal: name nobody.")] = None,
    as_json: Json = False,
) -> None:
    """Deliver nothing to a subscriber until it is resumed; nothing is lost."""
    standing = with_engine(lambda probity: probity.subscribers.pause(name, because))
    answer(as_json, standing.model_dump(mode="json"), f"{name} is paused; {standing.waiting} deliveries wait.")


@app.command()
def resume(name: Name, as_json: Json = False) -> None:
    """Deliver to a subscriber again, from where it stood: one that was paused, or disabled."""
    standing = with_engine(lambda probity: probity.subscribers.resume(name))
    answer(as_json, standing.model_dump(mode="json"), f"{name} is delivered to again.")


@app.command()
def rotate(
    name: Name,
    keep: Annotated[int, typer.Option(help="For how many hours what it had before signs too.")] = HOURS,
    as_json: Json = False,
) -> None:
    """Give a subscriber a new secret, and show it: once. For a while each webhook is signed with both."""
    if not 0 <= keep <= 30 * 24:
        raise Malformed("--keep: is between 0 and 720 hours.")
    secret = with_engine(lambda probity: probity.subscribers.rotate(name, timedelta(hours=keep)))
    words = f"The new secret of {name}, shown this once; the old one signs too for {keep} hours:\n\n{secret}"
    answer(as_json, {"subscription": name, "secret": secret}, words)


@app.command()
def test(name: Name, as_json: Json = False) -> None:
    """Send a subscriber a test event, and say what it answered."""
    tried = with_engine(lambda probity: probity.subscribers.test(name))
    said = f"answered {tried.status}" if tried.status else f"gave no answer ({tried.fault})"
    answer(as_json, tried.model_dump(mode="json"), f"{name} {said} after {tried.milliseconds} ms.")
    raise typer.Exit(0 if tried.delivered else 1)


@app.command()
def dead(name: Name, as_json: Json = False) -> None:
    """List the dead letters of a subscriber: events that were given up after days of trying."""
    _log(name, "dead", 1000, as_json, f"{name} has no dead letters.")


@app.command()
def replay(
    name: Name,
    event: Annotated[str | None, typer.Argument(help="The id of the event; without it, every dead letter.")] = None,
    as_json: Json = False,
) -> None:
    """Deliver dead letters after all."""
    count = with_engine(lambda probity: probity.subscribers.replay(name, event))
    answer(as_json, {"replayed": count}, f"{count} dead letters of {name} are delivered again.")


@app.command()
def log(
    name: Name,
    limit: Annotated[int, typer.Option(help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """List what became of the deliveries to a subscriber, the latest first."""
    if not 1 <= limit <= 10_000:
        raise Malformed("--limit: is between 1 and 10,000.")
    _log(name, None, limit, as_json, f"Nothing was delivered to {name} yet.")


def _log(name: str, state: str | None, limit: int, as_json: bool, nothing: str) -> None:
    found = with_engine(lambda probity: probity.subscribers.log(name, state, limit))
    shown = tables.listing(map(_logged, found), LOGGED) if found else nothing
    answer(as_json, {"deliveries": [each.model_dump(mode="json") for each in found]}, shown)


def _logged(each: Delivery) -> dict[str, Any]:
    said = each.fault or (str(each.status) if each.status else None)
    return {**each.model_dump(), "said": said, "event_id": str(each.event_id), "tried_at": each.tried_at}


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Remove a subscriber, with its secrets, what waits for it and its log."""
    with_engine(lambda probity: probity.subscribers.remove(name))
    answer(as_json, {"removed": name}, f"{name} is told of nothing any more.")
