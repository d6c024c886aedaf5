"""Messages: what travels, under which name, and what is refused before anybody decides."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from activities.record import Act, Answer, Loaded, OpenCase, PassTime
from activities.webhooks.subscribers import Wanted
from domain.erasure import TextErased, TextKept
from domain.errors import Malformed, Unreadable
from domain.faults import FORMS, faults
from domain.messages import COMMANDS, EVENTS, Actor, Day, Event, Model, Recorded, command_from, event_id, plain
from domain.referral.acts import LinkedCase, Referral, ReferredAllegation
from domain.vocabulary import Role
from integration.casefile import Step
from tests.kit import AA, EXAMPLES, ordinary, referral, referred

REFERRED = referred(officers="AB")
SECRETS = "Mrs Miller of Mill Lane"


def malformed(name: str, **facts: Any) -> str:
    """The sentence with which a command is refused when it is read."""
    body = {**REFERRED.body(name), **facts}
    with pytest.raises(Malformed) as refused:
        command_from(name, {key: value for key, value in body.items() if value is not ...})
    return refused.value.sentence


@pytest.mark.parametrize("act", COMMANDS)
def test_a_command_is_read_from_what_it_is_written_as(act: str) -> None:
    command = command_from(act, REFERRED.body(act))
    assert command.name == act
    assert command_from(act, command.model_dump(mode="json")) == command


@pytest.mark.parametrize("kinds", [COMMANDS, EVENTS], ids=["commands", "events"])
def test_names_on_the_wire_are_the_names_of_the_classes(kinds: dict[str, Any]) -> None:
    for name, kind in kinds.items():
        assert name == kind.name
        assert name.replace("_", "") == kind.__name__.lower()


@pytest.mark.parametrize("kind", [*COMMANDS.values(), *EVENTS.values()])
def test_every_message_says_what_it_is(kind: type) -> None:
    assert (kind.__doc__ or "").strip().endswith(".")


def test_one_officer_is_short_for_a_list_of_one() -> None:
    body = REFERRED.body("lift_restriction", officer="A")
    assert command_from("lift_restriction", body) == command_from(
        "lift_restriction", {**{k: v for k, v in body.items() if k != "officer"}, "officers": ["A"]}
    )


@pytest.mark.parametrize(
    ("act", "facts", "says"),
    [
        pytest.param("lift_restriction", {"reasons": ...}, "reasons: is missing", id="a field is missing"),
        pytest.param("lift_restriction", {"reasons": ""}, "reasons: is empty", id="reasons are given"),
        pytest.param("lift_restriction", {"reasons": "x" * 20_001}, "is longer than 20000", id="in less than a book"),
        pytest.param("lift_restriction", {"reasons": "a\x00b"}, "cannot be stored", id="that can be stored"),
        pytest.param("lift_restriction", {"mood": "bad"}, "mood: no such field", id="a field nobody knows"),
        pytest.param("lift_restriction", {"officers": []}, "officers: holds less than 1", id="no officer"),
        pytest.param("lift_restriction", {"officers": ["A", "A"]}, "names an officer twice", id="an officer twice"),
        pytest.param("lift_restriction", {"officers": ["a b"]}, "has to be a capital letter", id="no officer's letter"),
        pytest.param("lift_restriction", {"occurred_at": "2020-07-07"}, "occurred_at", id="a day is no moment"),
        pytest.param(
            "lift_restriction",
            {"occurred_at": "2020-07-07T10:00"},
            "has to be a moment with its time zone",
            id="a moment has a zone",
        ),
        pytest.param("lift_restriction", {"actor": {"role": "king", "id": "x"}}, "actor.role", id="no such role"),
        pytest.param("lift_restriction", {"actor": {"role": "iopc", "id": "J S"}}, "actor.id", id="no names as ids"),
        pytest.param("decide_mode", {"mode": "steered"}, "'local', 'directed'", id="no such mode"),
        pytest.param("lift_restriction", {"actor": "iopc"}, "actor: has to be a mapping of names", id="no mapping"),
        pytest.param("lift_restriction", {"reasons": 7}, "reasons: has to be text", id="no text"),
        pytest.param("lift_restriction", {"officers": 7}, "officers: has to be a list", id="no list"),
        pytest.param("resume_proceedings", {"because": "x"}, "has to be 'prejudice_ended' or", id="no such ground"),
        pytest.param("link_case", {"reference": "x"}, "no hyphen first, as NEW-2026-0001", id="no reference"),
        pytest.param("add_officer", {"person": "J S"}, "a letter or digit first, as p-1041", id="no id"),
        pytest.param("impose_outcome", {"months": 61}, "has to be 60 or less", id="no warning beyond five years"),
    ],
)
def test_a_malformed_command_is_refused_by_the_field(act: str, facts: dict[str, Any], says: str) -> None:
    sentence = malformed(act, **facts)
    assert sentence.startswith(f"{act}: ") and sentence.endswith(".")
    assert says in sentence


def test_a_command_nobody_knows_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Malformed, match=r"There is no such command; the commands are add_allegation, .*\.") as refused:
        command_from("john_smith", {})
    assert "john" not in str(refused.value)


@pytest.mark.parametrize("told", [1594116000, 1594116000.5, 0, True, "1594116000", "-1594116000", "1594116000.5"])
def test_a_time_is_told_in_words_of_the_calendar_and_not_in_seconds_since_1970(told: Any) -> None:
    moment = "has to be a moment with its time zone, as 2026-03-31T09:30+01:00."
    assert malformed("lift_restriction", occurred_at=told) == f"lift_restriction: occurred_at: {moment}"


@pytest.mark.parametrize("told", [1594080000, 0, False, "1594080000"])
def test_a_day_is_told_in_words_of_the_calendar_and_not_in_seconds_since_1970(told: Any) -> None:
    with pytest.raises(ValidationError, match="has to be a day, as 2026-03-31"):
        TypeAdapter(Day).validate_python(told)


@pytest.mark.parametrize("body", [None, 3, "A", [], {}])
def test_a_body_that_is_no_body_is_refused(body: Any) -> None:
    with pytest.raises(Malformed):
        command_from("lift_restriction", body)


@pytest.mark.parametrize("field", ["reasons", "officers", "actor", "occurred_at", "illustrative"])
def test_a_refusal_repeats_nothing_of_what_was_sent(field: str) -> None:
    assert SECRETS not in malformed("lift_restriction", **{field: {"text": SECRETS}})


def test_a_refusal_does_not_repeat_the_name_of_a_field_that_nobody_knows() -> None:
    assert SECRETS not in malformed("lift_restriction", **{SECRETS: "x"})
    assert SECRETS not in malformed("lift_restriction", actor={SECRETS: "x"})


@pytest.mark.parametrize("kind", [Referral, ReferredAllegation, LinkedCase, *COMMANDS.values()])
def test_of_a_list_of_faults_the_first_is_told_and_the_rest_is_not_collected(kind: type[Model]) -> None:
    with pytest.raises(ValidationError) as wrong:
        kind.model_validate(dict.fromkeys(kind.model_fields, [{}] * 1000))
    assert wrong.value.error_count() < 50
    assert "less than" not in faults(wrong.value)


def test_of_a_mapping_of_faults_few_are_collected() -> None:
    assert "sits_as: names more than can sit" in malformed("name_panel", sits_as={f"p-{n}": 0 for n in range(1000)})
    assert COMMANDS["name_panel"].model_json_schema()["properties"]["sits_as"]["maxProperties"] == 40


MANY = dict.fromkeys((f"f{number}" for number in range(1000)), 0)


@pytest.mark.parametrize(("body", "where"), [(MANY, "body"), ({"actor": MANY}, "actor")])
def test_of_many_fields_that_nobody_knows_one_fault_is_collected(body: dict[str, Any], where: str) -> None:
    """A body of 57,000 such fields held the gateway for half a second, a file of 12 MiB the watcher for ten."""
    with pytest.raises(ValidationError) as wrong:
        COMMANDS["lift_restriction"].model_validate(body)
    assert wrong.value.error_count() < 10
    assert f"{where}: holds 1,000 fields, and may hold " in faults(wrong.value)


def patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (value for name, value in schema.items() if name == "pattern" and isinstance(value, str))
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from patterns(part)


@pytest.mark.parametrize("kind", [*COMMANDS.values(), Referral, Wanted, Step])
def test_every_pattern_of_what_people_write_has_words(kind: type[Model]) -> None:
    assert set(patterns(kind.model_json_schema())) - FORMS.keys() == set()


LACKING: dict[str, tuple[str, dict[str, Any]]] = {
    "redeployment_considered": ("impose_restriction", {"redeployment_considered": False}),
    "may_prejudice_investigation public_interest_requires": ("impose_restriction", {"public_interest_requires": False}),
    "authorised_by": ("impose_restriction", {"delegated": True}),
    "all_notified would_prejudice": ("treat_as_referred", {"all_notified": False}),
    "sufficient_evidence without_delay": ("certify_special_conditions", {"without_delay": False}),
    "authorised_by ": ("certify_special_conditions", {"delegated": True}),
    "line_manager_consulted": (
        "withdraw_from_proceedings",
        {"disposal": "performance", "line_manager_consulted": False},
    ),
    "exceptional_circumstances": ("adjourn_hearing", {"solely_for_attendance": True}),
    "representations_considered": ("direct_privacy", {"notice_withheld": True}),
}


@pytest.mark.parametrize("fields", LACKING)
def test_a_refusal_for_what_an_act_does_not_say_names_the_field_that_says_it(fields: str) -> None:
    act, facts = LACKING[fields]
    case = referred() if act == "treat_as_referred" else referred().before(act)
    told = case.when(act, **facts).refusal
    assert told is not None and told.code == "unlawful"
    assert all(name in told.sentence for name in fields.split()), told.sentence


def test_a_refusal_does_not_repeat_the_keys_of_a_mapping() -> None:
    assert "sits_as: has to be an id: up to 64" in (told := malformed("name_panel", sits_as={SECRETS: "x"}))
    assert SECRETS not in told


@pytest.mark.parametrize(
    ("act", "field"), [("update_party", "party"), ("extend_deadline", "deadline"), ("set_aside_deadline", "deadline")]
)
def test_a_refusal_does_not_repeat_a_name_given_for_a_reference(act: str, field: str) -> None:
    body = REFERRED.body(act, **{field: SECRETS})
    try:
        refused = REFERRED.told(command_from(act, body)).refusal
    except Malformed as malformed_already:
        refused = malformed_already
    assert refused is not None
    assert SECRETS not in refused.sentence


def test_at_most_five_faults_are_told() -> None:
    facts = {f"field_{n}": n for n in range(7)}
    assert malformed("lift_restriction", **facts).endswith("; and 2 more.")


# --- Facts as the store holds them


def recorded(fact: Event, **changes: Any) -> Recorded:
    told = {
        "stream": "X-2020-0001",
        "version": 1,
        "event_id": event_id("X-2020-0001", "command-1", 0),
        "type": fact.name,
        "schema_version": fact.schema_version,
        "occurred_at": fact.occurred_at,
        "recorded_at": datetime(2020, 7, 8, tzinfo=UTC),
        "actor": Actor(role=Role.CLERK, id="clerk-1"),
        "command": "lift_restriction",
        "command_id": "command-1",
        "data": fact.model_dump(mode="json", exclude={"occurred_at"}),
        "hash": "",
    }
    return Recorded.model_validate({**told, **changes})


@cache
def every_fact() -> dict[str, Event]:
    """One fact of each kind: the ordinary stories give it, or the time that passes after them."""
    found: dict[str, Event] = {}
    for act in EXAMPLES:
        case = ordinary(act, clock="recorded" if act == "go_live" else "live")
        case = case.up_to(act, impose_restriction={"oral": True})
        for fact in (case if act == "close_case" else case.on("2020-07-30").on("2022-01-01")).history:
            found.setdefault(fact.name, fact)
    taken_over = referred().when("assess_referral", kind="voluntary").when("decide_mode", by=AA, mode="local")
    taken_over = taken_over.when("refer_to_iopc").when("decide_mode", mode="independent")
    # No act of a case gives them: they are done by whoever keeps the record.
    at = taken_over.history[0].occurred_at
    erased = TextErased(occurred_at=at, person="p-1", keys=("k",), reasons="It is time.")
    kept = TextKept(occurred_at=at, person="p-1", until=date(2030, 1, 1), reasons="It is not.")
    passed = {fact.name: fact for fact in taken_over.history if fact.name == "duty_passed"}
    return found | passed | {erased.name: erased, kept.name: kept}


@pytest.mark.parametrize("name", EVENTS)
def test_a_fact_is_read_back_from_the_store_as_it_was(name: str) -> None:
    fact = every_fact()[name]
    held = Recorded.model_validate_json(recorded(fact).model_dump_json())
    assert held.event() == fact
    assert type(held.event()) is type(fact)


@pytest.mark.parametrize("name", EVENTS)
def test_a_fact_is_told_in_one_plain_sentence(name: str) -> None:
    told = every_fact()[name].tell()
    assert told
    assert not [odd for odd in ("{", "}", "  ", "None", "<", "datetime") if odd in told]


def test_a_fact_with_a_field_that_came_later_is_still_read() -> None:
    fact = every_fact()["restriction_lifted"]
    known = recorded(fact).data
    assert recorded(fact, data={**known, "since_2031": True}).event() == fact


def test_a_fact_that_this_release_does_not_know_is_no_fact() -> None:
    fact = every_fact()["restriction_lifted"]
    with pytest.raises(Unreadable, match="of a type that this release does not know"):
        recorded(fact, type="restriction_forgotten").event()


def test_the_identity_of_a_fact_is_the_same_however_often_it_is_told() -> None:
    assert event_id("X-2020-0001", "command-1", 0) == UUID("b2dc19e0-e4a3-5d2f-b461-b3f031acc09a")
    assert event_id("X-2020-0001", "command-1", 0) != event_id("X-2020-0001", "command-1", 1)
    assert event_id("X-2020-0001", "command-1", 0) != event_id("X-2020-0002", "command-1", 0)


def test_a_message_is_not_changed_once_it_is_written() -> None:
    with pytest.raises(ValidationError):
        referral().reference = "X-2020-0002"  # type: ignore[misc]  # frozen: that is what is tested


@pytest.mark.parametrize("kind", [Act, Answer, Loaded, OpenCase, PassTime], ids=lambda kind: kind.__name__)
def test_what_a_history_holds_is_read_by_a_release_that_does_not_know_all_of_it(kind: type[Model]) -> None:
    """Histories are replayed for years: a field that a release dropped would end the replay of every running case."""
    schema = kind.model_json_schema()
    parts = {kind.__name__: schema, **schema.get("$defs", {})}
    strict = {name for name, part in parts.items() if part.get("additionalProperties") is False}
    assert strict <= {"Actor"}  # who acts: a role and an id, as in every command


def test_a_day_is_told_in_the_same_words_whatever_the_locale() -> None:
    assert plain(date(2022, 9, 19)) == "19 September 2022"
    assert plain(datetime(2022, 6, 1, 8, 5, tzinfo=UTC)) == "1 June 2022 09:05"
