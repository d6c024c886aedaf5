"""Write the schema and the sample of every event, and the contract: `python -m integration.schemas`.

With `--release` they are frozen: no release changes an event under its version, or breaks the contract under its own.

A sample is made from the schema, with every field filled, so that a field that is renamed, dropped or told otherwise
cannot pass unseen. Tests read every sample of every version back into today's domain.
"""

import json
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import domain.case  # noqa: F401  every part registers its events
from domain import schemas
from domain.messages import EVENTS, Event
from integration.contract import make
from integration.samples import sample

__all__ = ["changed", "contract", "main", "of", "present", "released", "write"]

FOLDER = Path(schemas.__file__).parent
RELEASED = "released.sha256"  # as `sha256sum -c` reads it
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SKIPPED = "occurred_at"  # a column of its own


def of(kind: type[Event]) -> dict[str, Any]:
    """JSON Schema of what the store keeps in `data` for this event, with a sample."""
    told = bare(kind.model_json_schema(mode="serialization"))
    told["properties"].pop(SKIPPED)
    told["required"] = [name for name in told["required"] if name != SKIPPED]
    name = f"urn:probity:event:{kind.name}:{kind.schema_version}"
    return {"$schema": DIALECT, "$id": name, **told, "examples": [sample(told, told.get("$defs", {}))]}


def bare(node: Any) -> Any:
    """A schema without its words: a better docstring is no other shape."""
    if isinstance(node, list):
        return [bare(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key not in ("title", "description")}
    for named in {"properties", "$defs"} & kept.keys():
        kept[named] = {name: bare(each) for name, each in kept[named].items()}
    return {key: value if key in ("properties", "$defs") else bare(value) for key, value in kept.items()}


def written(kind: type[Event]) -> bytes:
    """The file of an event's present version."""
    return (json.dumps(of(kind), indent=1, ensure_ascii=False) + "\n").encode()


def released(folder: Path = FOLDER) -> dict[str, str]:
    """The digest of every file that went out with a release."""
    lines = (folder / RELEASED).read_text("utf-8").splitlines() if (folder / RELEASED).exists() else []
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}


def present() -> dict[str, bytes]:
    """What the files of the present versions should hold, by their names."""
    return {f"{name}.{kind.schema_version}.json": written(kind) for name, kind in EVENTS.items()}


def changed(folder: Path, wanted: Mapping[str, bytes]) -> list[str]:
    """The released files that are not as they were, or that an event has outgrown without a new version."""
    frozen = released(folder)
    held = {name: sha256((folder / name).read_bytes()).hexdigest() for name in frozen if (folder / name).exists()}
    would = {name: sha256(content).hexdigest() for name, content in wanted.items()}
    return sorted(name for name, was in frozen.items() if held.get(name) != was or would.get(name, was) != was)


def write(folder: Path, wanted: Mapping[str, bytes], *, release: bool = False) -> list[str]:
    """Bring the folder up to date unless a released file would change; the files that would."""
    if wrong := changed(folder, wanted):
        return wrong
    for stale in {file.name for file in folder.glob("*.json")} - wanted.keys() - released(folder).keys():
        (folder / stale).unlink()
    for name, content in wanted.items():
        (folder / name).write_bytes(content)
    if release:
        digests = {**released(folder), **{name: sha256(content).hexdigest() for name, content in wanted.items()}}
        (folder / RELEASED).write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())))
    return []


def contract(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """The documents of the contract, with the events of every version that the folder holds."""
    return make.documents({file.stem: json.loads(file.read_text("utf-8")) for file in folder.glob("*.json")})


def main(arguments: list[str]) -> int:
    """Write them; 1, and what is wrong, when something released would change or break."""
    release = "--release" in arguments
    wrong = write(FOLDER, present(), release=release)
    for name in wrong:
        print(
            f"{name} was released: give its event a new schema_version, and a step in domain/upcasting.py.",
            file=sys.stderr,
        )
    broken = wrong or make.write(make.FOLDER, contract(), release=release)
    for sentence in broken if not wrong else ():
        print(
            f"{sentence}. That breaks the contract: keep it as it was, or give integration.contract the next VERSION."
        )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
