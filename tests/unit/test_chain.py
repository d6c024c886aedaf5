"""The hash chain: stable to the byte, and blind to no kind of tampering."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.chain import GENESIS, canonical, envelope, link, verify
from domain.messages import Actor, Recorded, event_id
from domain.vocabulary import Role

GOLDEN = Recorded(
    stream="X-2020-0001",
    version=1,
    event_id=UUID("8d7f4e0c-5b0f-5b4e-9a55-1f0c8f1d2a3b"),
    type="officer_added",
    schema_version=1,
    occurred_at=datetime(2020, 6, 22, 9, 0, tzinfo=timezone(timedelta(hours=1))),
    recorded_at=datetime(2020, 6, 22, 8, 0, 0, 1, tzinfo=UTC),
    actor=Actor(role=Role.INTAKE, id="intake-1"),
    command="open_case",
    command_id="c-1",
    data={"person": "Zoë-1", "officer": "A", "rank": None, "illustrative": False, "n": [1, 2.5]},
    hash="",
)


def event(version: int, **facts: Any) -> Recorded:
    stream = "X-2020-0001"
    return GOLDEN.model_copy(
        update={"version": version, "event_id": event_id(stream, f"c-{version}", 0), "data": facts or {"n": version}}
    )


def chained(events: Sequence[Recorded]) -> list[Recorded]:
    """The events as a store records them, each with its hash."""
    head, recorded = GENESIS, []
    for each in events:
        head = link(head, envelope(each))
        recorded.append(each.model_copy(update={"hash": head.hex()}))
    return recorded


def whole(length: int = 6) -> list[Recorded]:
    return chained([event(version) for version in range(1, length + 1)])


def forged(recorded: Recorded, **changes: Any) -> Recorded:
    return recorded.model_copy(update=changes)


def at(recorded: Sequence[Recorded]) -> list[Recorded]:
    """The events renumbered by where they stand, as someone would who wants no gap to be seen."""
    return [forged(each, version=index + 1) for index, each in enumerate(recorded)]


def broken_before(version: int) -> str:
    if version == 1:
        return "Event 1 does not begin the chain: it was changed or put in, or one before it was taken out."
    pair = f"Event {version} does not continue event {version - 1}"
    return f"{pair}: one of the two was changed or put in, or one between them was taken out."


def test_the_bytes_of_an_event_never_change() -> None:
    assert canonical(envelope(GOLDEN)).decode() == (
        '{"actor":{"id":"intake-1","role":"intake"},"command":"open_case","command_id":"c-1",'
        '"data":{"illustrative":false,"n":[1,2.5],"officer":"A","person":"Zoë-1","rank":null},'
        '"event_id":"8d7f4e0c-5b0f-5b4e-9a55-1f0c8f1d2a3b","occurred_at":"2020-06-22T08:00:00.000000Z",'
        '"recorded_at":"2020-06-22T08:00:00.000001Z","schema_version":1,"stream":"X-2020-0001",'
        '"type":"officer_added","version":1}'
    )


def test_the_hash_of_an_event_never_changes() -> None:
    first = link(GENESIS, envelope(GOLDEN))
    assert first.hex() == "0500c04ba5bdb2d702c99c7f8a5477ce996adeddbace5c0b96126defca685d07"
    assert link(first, envelope(GOLDEN)).hex() == "7ba9f439e47a900df0578dd781238fb049dd058df9926f7b8b0f34da48a37531"


def test_moments_in_any_zone_days_and_ids_have_one_form() -> None:
    value = {
        "b": datetime(2020, 6, 22, 9, tzinfo=timezone(timedelta(hours=1))),
        "a": date(2020, 6, 22),
        "c": UUID(int=1),
    }
    assert canonical(value) == (
        b'{"a":"2020-06-22","b":"2020-06-22T08:00:00.000000Z","c":"00000000-0000-0000-0000-000000000001"}'
    )


@pytest.mark.parametrize("value", [datetime(2020, 6, 22), object(), {1, 2}, b"bytes"])  # noqa: DTZ001
def test_what_has_no_single_form_is_not_hashed(value: object) -> None:
    with pytest.raises(TypeError):
        canonical({"value": value})


def test_what_is_no_number_is_not_hashed() -> None:
    with pytest.raises(ValueError):
        canonical(float("nan"))


TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)


@given(value=st.dictionaries(TEXT, VALUES))
def test_equal_values_have_equal_bytes_and_the_bytes_say_the_value(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value)
    assert json.loads(canonical(value)) == value


@given(facts=st.lists(st.dictionaries(TEXT, VALUES, max_size=3), max_size=8))
def test_what_was_chained_verifies(facts: list[dict[str, Any]]) -> None:
    assert verify(chained([event(index + 1, facts=each) for index, each in enumerate(facts)])) == []


@given(place=st.integers(0, 5), field=st.sampled_from(sorted(set(Recorded.model_fields) - {"version"})))
def test_a_change_of_any_field_is_seen_at_its_event(place: int, field: str) -> None:
    changed: dict[str, Any] = {
        "stream": "X-2020-0002",
        "event_id": UUID(int=7),
        "type": "officer_departed",
        "schema_version": 2,
        "occurred_at": GOLDEN.occurred_at + timedelta(microseconds=1),
        "recorded_at": GOLDEN.recorded_at + timedelta(microseconds=1),
        "actor": Actor(role=Role.IOPC, id="intake-1"),
        "command": "add_officer",
        "command_id": "c-0",
        "data": {"n": 0},
        "hash": "00" * 32,
    }
    events = whole()
    events[place] = forged(events[place], **{field: changed[field]})
    faults = verify(events)
    touched = [place + 1, place + 2] if field == "hash" else [place + 1]  # the next one does not continue a false hash
    assert faults == [broken_before(version) for version in touched if version <= len(events)]


def test_a_change_along_with_its_hash_is_seen_at_the_event_after() -> None:
    events = whole()
    body = forged(events[2], data={"n": 0})
    events[2] = forged(body, hash=link(bytes.fromhex(events[1].hash), envelope(body)).hex())
    assert verify(events) == [broken_before(4)]


def test_the_first_event_is_bound_too() -> None:
    events = whole()
    assert verify([forged(events[0], data={"n": 0}), *events[1:]]) == [broken_before(1)]


def test_missing_events_are_named() -> None:
    events = whole()
    assert verify([events[0], *events[3:]]) == ["Events 2 to 3 are missing."]
    assert verify(events[1:]) == ["Event 1 is missing."]


def test_a_gap_is_told_in_one_go_however_wide() -> None:
    events = whole(4)
    far = forged(events[3], version=2**62)
    assert verify([*events, far])[0] == f"Events 5 to {2**62 - 1} are missing."
    assert verify([*events[:3], far]) == [f"Events 4 to {2**62 - 1} are missing."]
    assert verify([forged(events[0], version=2**80)]) == [f"Events 1 to {2**80 - 1} are missing."]


def test_an_event_removed_and_the_rest_moved_up_is_seen() -> None:
    events = whole()
    assert verify(at([*events[:2], *events[3:]])) == [
        broken_before(3),
        "Event 4 was recorded as event 5.",
        "Event 5 was recorded as event 6.",
    ]


def test_two_events_exchanged_are_seen() -> None:
    events = whole()
    assert verify(at([*events[:2], events[3], events[2], *events[4:]])) == [
        "Event 3 was recorded as event 4.",
        "Event 4 was recorded as event 3.",
    ]


def test_events_told_in_another_order_are_seen() -> None:
    events = whole(4)
    assert verify([events[0], events[2], events[1], events[3]]) == ["Event 2 stands after event 3."]


def test_an_event_put_in_is_seen_and_so_is_what_it_moved() -> None:
    events = whole(4)
    added = forged(event(9), hash=link(bytes.fromhex(events[1].hash), envelope(event(3))).hex())
    faults = verify(at([*events[:2], added, *events[2:]]))
    assert faults[0] == broken_before(3)
    assert faults[1:] == ["Event 4 was recorded as event 3.", "Event 5 was recorded as event 4."]


def test_an_event_told_twice_is_seen() -> None:
    events = whole(3)
    assert verify([*events[:2], events[1], events[2]]) == ["Event 2 stands here more than once."]


def test_a_hash_that_is_none_and_a_place_that_is_none_are_faults_and_no_crash() -> None:
    events = whole(3)
    assert verify([events[0], forged(events[1], hash="no hash"), events[2]])
    assert verify([forged(events[0], version=0), *events])[0] == "Event 0 has no place in a case: the first is 1."


@given(data=st.data())
def test_no_tampering_goes_unseen(data: st.DataObject) -> None:
    events = whole(8)
    kind = data.draw(st.sampled_from(["remove", "renumber", "move", "insert"]))
    place = data.draw(st.integers(0, 6))  # not the last: an end that is cut off is for the head to tell
    other = data.draw(st.integers(0, 7).filter(lambda index: index != place))
    taken = events.pop(place)
    if kind == "renumber":
        events = at(events)
    elif kind == "move":
        events.insert(other, taken)
        events = at(events)
    elif kind == "insert":
        events[place:place] = [taken, event(99)]
        events = at(events)
    assert verify(events)


def test_much_tampering_takes_no_longer_than_some() -> None:
    faults = verify(at(whole(400)[1:]))
    assert len(faults) == 399
    assert verify([]) == []
