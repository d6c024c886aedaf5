"""The commands about the record as evidence: verify it, sign checkpoints, export a case for a panel."""

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from activities.proof import checkpoints
from domain.errors import Contradicted, Malformed
from domain.messages import REFERENCE
from integration import verify as verifier
from integration.casefile import read_text
from integration.cli.console import Json, Purpose, Reference, answer, with_engine
from integration.cli.tables import say
from integration.client import Probity
from integration.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["checkpoint", "export", "verify"]

Key = Annotated[
    list[str] | None, typer.Option("--key", metavar="KEY", help="Fingerprint of a key that you trust; for a file.")
]


def verify(
    target: Annotated[
        str | None, typer.Argument(help="A case's reference, or a file that `probity export` wrote.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every case in the store, one after the other.")] = False,
    key: Key = None,
    witness: Annotated[
        Path | None, typer.Option(help="Checkpoint statements kept elsewhere, a line each; for a file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a case, in the store or as an exported file: is an event changed, removed, reordered or inserted?

    With --all --json: `cases` is how many; `faults`, `checkpoints` and `feed` hold what is wrong, if anything.
    """
    if every == (target is not None):
        raise Malformed("verify: say which: the reference of a case, a file, or --all.")
    if target is None:
        faults = with_engine(lambda probity: _every(probity, as_json))
    elif Path(target).is_file():
        faults = _verified(Path(target), key or [], witness, as_json)
    elif not REFERENCE.fullmatch(target):
        capitals = target.upper()
        hint = f"; one is in capitals, as {capitals}" if REFERENCE.fullmatch(capitals) else ""
        raise Malformed(f"{target}: is neither a file here nor the reference of a case{hint}.")
    else:
        faults = with_engine(lambda probity: probity.verify(target))
        whole = f"The record of {target} is whole: each event follows from the one before, up to its head."
        answer(as_json, {"reference": target, "faults": faults}, "\n".join(faults) or whole)
    if faults:
        raise typer.Exit(1)


def _verified(file: Path, keys: list[str], witness: Path | None, as_json: bool) -> list[str]:
    """A file is checked without any engine, as whoever gets it checks it."""
    file.open("rb").close()  # what cannot be read is no fault of it
    told = read_text(witness) if witness else ""
    try:
        kept = verifier.statements(told)
    except ValueError:
        raise Malformed("--witness: cannot be read as checkpoint statements, a line each.") from None
    try:
        report = verifier.check(file, verifier.trusted(keys), kept)
    except ValueError as why:  # of the keys: whatever is wrong with the file is in the report
        raise Malformed(f"{why}.") from None
    found = {"FAULT": report.faults, "proved": report.proved, "not proved": report.unproved}
    lines = (f"{heading}: {sentence}" for heading, sentences in found.items() for sentence in sentences)
    shown = "\n".join(map(_line, lines))
    answer(as_json, {"faults": report.faults, "proved": report.proved, "unproved": report.unproved}, shown)
    return report.faults


async def _every(probity: Probity, as_json: bool) -> list[str]:
    """Whoever waits for words is told of a case at once: what is found is known, should a later one not be reached."""
    looked, broken = 0, dict[str, list[str]]()
    signed, settled = await probity.verify_checkpoints(), await probity.verify_feed()
    if (beside := [*signed, *settled]) and not as_json:
        _say(*beside)
    async for reference, faults in probity.verify_every():
        looked += 1
        if faults:
            broken[reference] = faults
            if not as_json:
                _say(f"{reference}: {' '.join(faults)}")
    found = f"{len(broken)} are not whole" if broken else "the record of each is whole"
    told = {"cases": looked, "faults": broken, "checkpoints": signed, "feed": settled}
    answer(as_json, told, f"Looked at {looked} cases: {found}.")
    return [*broken, *beside]


def _say(*told: str, error: bool = False) -> None:
    for each in told:
        say(_line(each), error=error)


def _line(told: str) -> str:
    return verifier.visible(told).replace("\n", "\\n")


def checkpoint(as_json: Json = False) -> None:
    """Sign the heads of all cases as they are now, with the key that PROBITY_SIGNING_KEY names.

    What it prints with --json is to be kept where the database's owner cannot reach: it is the witness of `verify`.
    """
    settings = Settings.from_environment()
    if settings.signing_key is None:
        raise Malformed("PROBITY_SIGNING_KEY is not set; it names the file that holds the signing key.")
    key, earlier = checkpoints.signing_key(settings.signing_key), checkpoints.earlier_keys(settings.signing_key)
    try:
        statement = with_engine(lambda probity: probity.checkpoint(key, earlier))
    except Contradicted as changed:
        answer(as_json, {"faults": list(changed.faults)}, "\n".join(changed.faults))
        raise typer.Exit(1) from None
    shown = f"Checkpoint {statement['number']}: the heads of {statement['cases']} cases, root {statement['root']}"
    answer(as_json, statement, shown)


def export(
    reference: Reference,
    to: Annotated[Path | None, typer.Option(help="The file to write; without it, REFERENCE.zip here.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over a file that is there.")] = False,
    purpose: Purpose = None,
) -> None:
    """Write a case to a file that anyone can check, signed if PROBITY_SIGNING_KEY names a key.

    A case that is not whole is written too, for who has to see what is there: it says what is wrong and ends with 1.
    """
    settings, file = Settings.from_environment(), to or Path(f"{reference}.zip")
    key = checkpoints.signing_key(settings.signing_key) if settings.signing_key else None
    _check_writable(file, overwrite)  # before it is read, which is recorded for good
    faults, content = with_engine(lambda probity: _exported(probity, reference, key), purpose)
    try:
        with file.open("wb" if overwrite else "xb") as writing:
            writing.write(content)
    except OSError as why:
        raise Malformed(f"{file} cannot be written ({why.strerror}).") from None
    signed = "signed" if key else "not signed: PROBITY_SIGNING_KEY is not set"
    say(f"Wrote {file}, {signed}. Check it with `probity verify {file}`.")
    if faults:
        told = f"The record of {reference} is not whole, and whoever is given the file has to know it:"
        _say(told, *faults, error=True)
        raise typer.Exit(1)


def _check_writable(file: Path, overwrite: bool) -> None:
    if file.is_dir():
        raise Malformed(f"{file} is a folder: name a file in it.")
    if file.exists() and not overwrite:
        raise Malformed(f"{file} is there already: name another with --to, or write over it with --overwrite.")
    if not file.parent.is_dir():
        raise Malformed(f"{file} cannot be written: there is no folder {file.parent} to write to.")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise Malformed(f"{file} cannot be written ({os.strerror(errno.EACCES)}).")


async def _exported(probity: Probity, reference: str, key: "Ed25519PrivateKey | None") -> tuple[list[str], bytes]:
    return await probity.verify(reference), await probity.export(reference, key)
