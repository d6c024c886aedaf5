"""A field that its type does not have is named, by the version of the event; none that a release wrote is."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from activities.proof.whole import unknown_fields
from domain import schemas
from domain.messages import Actor, Recorded, event_id
from domain.vocabulary import Role

FILES = sorted(Path(schemas.__file__).parent.glob("*.json"))


def event(kind: str, version: int, data: dict[str, Any]) -> Recorded:
    return Recorded(
        stream="X-2020-0001",
        version=7,
        event_id=event_id("X-2020-0001", "c-1", 0),
        type=kind,
        schema_version=version,
        occurred_at=datetime(2020, 6, 22, tzinfo=UTC),
        recorded_at=datetime(2020, 6, 22, tzinfo=UTC),
        actor=Actor(role=Role.CLERK, id="c-1"),
        command="x",
        command_id="c-1",
        data=data,
        hash="",
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_any_release_wrote_is_known_and_one_field_more_is_not(file: Path) -> None:
    kind, version = file.stem.split(".")
    (sample,) = json.loads(file.read_text("utf-8"))["examples"]
    assert list(unknown_fields([event(kind, int(version), sample)])) == []
    told = f"Event 7 holds a field that no event {kind} has: it was put in or changed."
    assert list(unknown_fields([event(kind, int(version), {**sample, "z\nfinding": "x"})])) == [told]


@pytest.mark.parametrize(
    ("kind", "version"), [("officer_added", 999), ("later", 1), ("../schemas/officer_added", 1), ("x" * 999, 1)]
)
def test_what_a_later_release_or_none_wrote_is_not_judged(kind: str, version: int) -> None:
    assert list(unknown_fields([event(kind, version, {"anything": 1})])) == []
