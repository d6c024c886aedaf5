"""The commands for whoever keeps the record: erase free text, erase it again after a restore, change the master key."""

from typing import Annotated

import typer

from activities.text.erasure import Erasure, Forgotten
from domain.errors import Malformed
from domain.messages import Actor, Model, OpaqueId, Text, read
from domain.messages import Reference as CaseReference
from integration.cli import tables
from integration.cli.console import Json, Reference, answer, with_engine
from integration.cli.told import actor_of, text_of

__all__ = ["erasures", "forget", "reads", "reforget", "rewrap"]

READS = {"read_at": "when", "reader": "who", "what": "through", "purpose": "why"}


class _Wanted(Model):
    """What is asked of `forget`, to be checked."""

    person: OpaqueId | None
    case: CaseReference | None
    by: Actor
    reason: Text


def forget(
    reason: Annotated[str, typer.Option(help="Why. It stays in the record and names nobody.")],
    by: Annotated[str, typer.Option(help="Who decided it, as role:id.")],
    person: Annotated[str | None, typer.Argument(help="Opaque id of an officer's person, or of a party.")] = None,
    case: Annotated[str | None, typer.Option(help="Only in this case; without a person, everyone's text.")] = None,
    all_the_same: Annotated[
        bool, typer.Option("--all-the-same", help="Also where a case is open, or something holds its text back.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Erase free text about a person for good: its keys are destroyed, and each case records it. Nobody can undo it.

    A case in which it could not be done is named, while the others are done; then it ends with 1.
    """
    if person is None and case is None:
        raise Malformed("Say whom to forget, or with --case in which case everyone.")
    told = {"person": person, "case": case, "by": actor_of(by), "reason": reason}
    wanted = read(_Wanted, told, "forget")
    asked = (wanted.person, wanted.case, wanted.by, wanted.reason)
    done = with_engine(lambda probity: probity.keeper.forget(*asked, all_the_same=all_the_same))
    answer(as_json, {**done._asdict(), "left": [each._asdict() for each in done.left]}, _said(done))
    raise typer.Exit(1 if done.left else 0)


def _said(done: Forgotten) -> str:
    lines = [f"Case {case}: erased, and recorded." for case in done.cases]
    lines += [f"Case {case}: had been erased before." for case in done.before]
    lines += [f"Case {each.case}: NOT erased. {each.because}" for each in done.left]
    lines += [
        f"Case {case} holds text about no one in particular, which may name the person: "
        f"`probity forget --case {case}` erases that too, with everyone's."
        for case in done.about_the_case
    ]
    if done.cases:
        lines.append(
            "Temporal, backups and files that were given out may hold it still: docs/run.md says for how long."
        )
    return "\n".join(lines)


def erasures() -> None:
    """List every erasure, one a line in JSON: to be kept where a restore does not reach, for `probity reforget`."""
    found = with_engine(lambda probity: probity.keeper.erasures())
    for each in found:
        print(each.model_dump_json())
    if not found:
        tables.say("Nothing has been erased.", error=True)  # there: what is listed goes to a file, which may be empty


def reforget(
    file: Annotated[str, typer.Argument(help="What `probity erasures` listed; - reads it from the input.")],
    as_json: Json = False,
) -> None:
    """Erase again, in a store restored from an older backup, what had been erased since."""
    lines = [line for line in text_of(file).splitlines() if line.strip()]
    listed = [_read(number, line) for number, line in enumerate(lines, 1)]
    cases = [each.case for each in with_engine(lambda probity: probity.keeper.forget_again(listed))]
    shown = "\n".join(f"Case {case}: erased again, and recorded." for case in cases)
    answer(as_json, {"cases": cases}, shown or "All of it is erased here.")


def _read(number: int, line: str) -> Erasure:
    try:
        return Erasure.model_validate_json(line)
    except ValueError:
        raise Malformed(f"Line {number} is not an erasure as `probity erasures` lists them.") from None


def reads(reference: Reference, as_json: Json = False) -> None:
    """List who opened free text about people in a case, when, through what, and why."""
    found = with_engine(lambda probity: probity.keeper.reads(reference))
    rows = [{**each.model_dump(), "reader": f"{each.reader.role}:{each.reader.id}"} for each in found]
    shown = tables.listing(rows, READS) if rows else f"Nobody has opened free text of case {reference}."
    answer(as_json, {"reads": [each.model_dump(mode="json") for each in found]}, shown)


def rewrap(as_json: Json = False) -> None:
    """Wrap every key of free text under the first master key, while the engine runs; no event is touched.

    What cannot be opened is left as it was and named; then it ends with 1.
    """
    count, left = with_engine(lambda probity: probity.keeper.rewrap())
    then = "Keep the old master keys; docs/run.md says what to do." if left else "The first alone opens them all now."
    lines = [f"{count} keys were wrapped anew under the first master key. {then}", *(each.tell() for each in left)]
    answer(as_json, {"keys": count, "left": [each._asdict() for each in left]}, "\n".join(lines))
    raise typer.Exit(1 if left else 0)
