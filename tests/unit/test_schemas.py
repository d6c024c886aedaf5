"""Every event in every version: its schema is kept, its sample reads back, and what was released stays as it was."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Unreadable
from domain.messages import EVENTS, Actor, Event, Recorded
from domain.schemas import schema
from domain.upcasting import UPCASTERS, upcast
from domain.vocabulary import Role
from integration import schemas

NOON = datetime(2025, 6, 2, 11, tzinfo=UTC)
FILES = sorted(schemas.FOLDER.glob("*.json"))
WRITE = "run `python -m integration.schemas` and commit what it writes"


def recorded(name: str, version: int, data: Mapping[str, Any]) -> Recorded:
    return Recorded(
        stream="PSD-2025-0001",
        version=1,
        event_id=UUID(int=1),
        type=name,
        schema_version=version,
        occurred_at=NOON,
        recorded_at=NOON,
        actor=Actor(role=Role.SYSTEM, id="probity"),
        command="x",
        command_id="x",
        data=dict(data),
        hash="",
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_version_ever_kept_reads_back_into_todays_domain(file: Path) -> None:
    name, version = file.stem.split(".")
    (sample,) = json.loads(file.read_text("utf-8"))["examples"]
    event = recorded(name, int(version), sample).event()
    assert event.tell()
    if int(version) == type(event).schema_version:
        assert event.model_dump(mode="json", exclude={"occurred_at"}) == sample


def test_every_event_is_kept_as_it_is_today() -> None:
    held = {file.name: file.read_bytes() for file in FILES}
    assert held.keys() == schemas.present().keys() | schemas.released().keys(), WRITE
    assert [name for name, now in schemas.present().items() if held[name] != now] == [], WRITE


@pytest.mark.parametrize("name", ["../schemas/officer_added", "x" * 300, "", "officer_added\n"])
def test_what_is_no_name_of_an_event_names_no_file(name: str) -> None:
    assert schema("officer_added", 1) is not None and schema(name, 1) is None


def test_nothing_released_has_changed() -> None:
    assert schemas.changed(schemas.FOLDER, schemas.present()) == []


def test_a_schema_is_of_the_stored_data() -> None:
    told = schema("restriction_imposed", 1)
    assert told is not None
    assert told["$schema"].endswith("2020-12/schema")
    assert "occurred_at" not in {*told["properties"], *told["required"]}
    assert schema("restriction_imposed", 99) is None


class TestARelease:
    """Of a folder with one event."""

    def test_what_is_released_does_not_change_under_its_version(self, tmp_path: Path) -> None:
        assert schemas.write(tmp_path, {"a.1.json": b"{}"}, release=True) == []
        assert schemas.write(tmp_path, {"a.1.json": b"{ }"}) == ["a.1.json"]
        assert (tmp_path / "a.1.json").read_bytes() == b"{}"

    def test_what_is_released_is_not_edited_or_lost(self, tmp_path: Path) -> None:
        schemas.write(tmp_path, {"a.1.json": b"{}", "b.1.json": b"{}"}, release=True)
        (tmp_path / "a.1.json").write_bytes(b"[]")
        (tmp_path / "b.1.json").unlink()
        assert schemas.changed(tmp_path, {}) == ["a.1.json", "b.1.json"]

    def test_a_new_version_stands_beside_the_old(self, tmp_path: Path) -> None:
        schemas.write(tmp_path, {"a.1.json": b"{}"}, release=True)
        assert schemas.write(tmp_path, {"a.2.json": b"[]"}) == []
        assert {file.name for file in tmp_path.glob("*.json")} == {"a.1.json", "a.2.json"}
        assert schemas.released(tmp_path).keys() == {"a.1.json"}

    def test_until_then_it_may_change_and_go(self, tmp_path: Path) -> None:
        schemas.write(tmp_path, {"a.1.json": b"{}", "b.1.json": b"{}"})
        assert schemas.write(tmp_path, {"a.1.json": b"[]"}) == []
        assert [file.read_bytes() for file in tmp_path.glob("*.json")] == [b"[]"]


class TestAnEventThatChangedItsShape:
    """`colour` became `shade` in version 2, and version 3 added a field with a default."""

    @pytest.fixture(autouse=True)
    def painted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        known = dict(EVENTS)

        class Painted(Event):
            schema_version = 3
            says = "Painted {shade}, {coats} times."
            shade: str
            coats: int = 1

        EVENTS.clear()
        EVENTS.update(known)
        monkeypatch.setitem(EVENTS, "painted", Painted)
        monkeypatch.setitem(UPCASTERS, ("painted", 1), lambda data: {"shade": data["colour"]})

    @pytest.mark.parametrize(("version", "data"), [(1, {"colour": "blue"}), (2, {"shade": "blue"})])
    def test_is_read_in_todays_shape(self, version: int, data: dict[str, Any]) -> None:
        told = recorded("painted", version, data)
        assert told.event().tell() == "Painted blue, 1 times."
        assert told.data == data  # as it was hashed

    def test_is_not_read_in_a_shape_of_tomorrow(self) -> None:
        with pytest.raises(Unreadable, match="painted has version 4, which is later than this release"):
            recorded("painted", 4, {}).event()

    def test_takes_only_the_steps_after_its_version(self) -> None:
        assert upcast("painted", 2, 3, {"colour": "kept"}) == {"colour": "kept"}


# What SQL reads of an event's data by its name, past every upcaster: what it finds events and cases by.
READ_BY_SQL = {
    "case_referred": {"force", "clock", "restricted"},
    "officer_added": {"person"},
    "officer_handed_over": {"officer", "to"},
    "officer_taken_over": {"person", "from_case", "was"},
    "text_erased": {"keys", "person", "reasons"},
}


def test_what_sql_reads_by_its_name_has_that_name_in_every_version() -> None:
    """Renamed, it would be found no more, and nothing would say so: an upcaster does not reach into a statement."""
    folder = resources.files("activities.sql").iterdir()
    statements = [each.read_text("utf-8") for each in folder if each.name.endswith(".sql")]
    named = {name for text in statements for name in re.findall(r"\bdata ->>? '(\w+)'", text)}
    assert named == set().union(*READ_BY_SQL.values())
    for file in FILES:
        kept = json.loads(file.read_text("utf-8"))["properties"]
        assert READ_BY_SQL.get(file.stem.partition(".")[0], set()) <= kept.keys(), file.stem
    assert READ_BY_SQL.keys() <= {file.stem.partition(".")[0] for file in FILES}
