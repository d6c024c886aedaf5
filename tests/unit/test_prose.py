"""Free text about people is marked as such, so that it is sealed; what is not marked has a reason."""

import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from domain.case import fold, open_case, people
from domain.messages import COMMANDS, EVENTS, Event, OpaqueId, Text, command_from
from domain.prose import holds_prose, marked, wordless
from domain.referral import Referral
from domain.state import Case
from domain.working_days import england_and_wales
from tests.kit import ordinary, referral, referred

# Text of events that is not sealed, and why it need not be: nobody tells of a person there in words of their own.
OURS = "the engine's own words, from a closed list"
NAMES = "names something in the case: an officer, a party, a deadline, a hearing"
PERSON = "an opaque id, which names nobody outside the force's own systems"
LAW = "a word of the law or of its data"
NOT_PROSE = {
    "about": NAMES,
    "adviser": PERSON,
    "allegation": NAMES,
    "authorised_by": PERSON,
    "because": OURS,
    "calendar": LAW,
    "certified_by": PERSON,
    "chair": PERSON,
    "citation": LAW,
    "deadline": NAMES,
    "decision": OURS,
    "head": "a hash",
    "hearing": NAMES,
    "keys": "names of keys",
    "members": PERSON,
    "party": NAMES,
    "person": PERSON,
    "recommendation": NAMES,
    "rank": "what may be told as one has no room for a sentence; rules decide by it and the state keeps it",
    "rule": LAW,
    "sits_as": PERSON,
    "table": LAW,
    "title": LAW,
    "to": LAW,
    "triggered_by": OURS,
    "voided": NAMES,
    "was": NAMES,
    "what": OURS,
    "restated": "what only follows from other facts, in the engine's own words",
}
# The reasons of an erasure outlive it: they say why the rest is gone, and whoever gives them is told to name nobody. So
# are those of a decision to keep it.
NAMED = {
    ("text_erased", "reasons"),
    ("text_kept", "reasons"),
    *((name, field) for name in EVENTS for field in NOT_PROSE),
}


def is_free(info: FieldInfo) -> bool:
    """Whether a field holds text that is not held to a pattern or a closed list."""
    return _free((*info.metadata, info.annotation))


def _free(parts: tuple[Any, ...]) -> bool:
    if any(getattr(part, "pattern", None) for part in parts):
        return False
    inner = [(*getattr(part, "__metadata__", ()), *get_args(part)) for part in parts]
    nested = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
    return (
        str in parts
        or Any in parts
        or any(map(_free, inner))
        or any(is_free(i) for n in nested for i in n.model_fields.values())
    )


@pytest.mark.parametrize("name", EVENTS)
def test_every_free_text_of_an_event_is_marked_or_has_a_reason_not_to_be(name: str) -> None:
    kind = EVENTS[name]
    free = {field for field, info in kind.model_fields.items() if is_free(info)}
    assert {field for field in free - set(marked(kind)) if (name, field) not in NAMED} == set()
    assert not [field for field in marked(kind) if (name, field) in NAMED and field not in ("about",)]


# What an act tells in any words and is not sealed: it is refused unless it is the name of something that is there.
LOOKED_UP = ("deadline", "party", "table")
NONE = FieldInfo(annotation=bool)


def test_whatever_is_told_in_any_words_is_sealed_or_looked_up() -> None:
    told = models(Referral).union(*map(models, COMMANDS.values()))
    free = {field for kind in told for field, info in kind.model_fields.items() if is_free(info) and not inside(info)}
    assert free - {field for kind in told for field in marked(kind)} == set(LOOKED_UP)


def inside(info: FieldInfo) -> bool:
    """Whether it is a list of models, whose fields are told by themselves."""
    return any(isinstance(each, type) and issubclass(each, BaseModel) for each in get_args(info.annotation))


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (name, field)
        for name in COMMANDS
        for field in LOOKED_UP
        if is_free(COMMANDS[name].model_fields.get(field, NONE))
    ],
)
def test_what_is_looked_up_is_refused_when_it_is_not_there(act: str, field: str) -> None:
    case = ordinary(act).before(act).when(act, **{field: "John Smith, HIV+"})
    assert case.refusal and case.refusal.code in ("not_found", "malformed") and not case.facts


def test_no_reason_is_left_over() -> None:
    unmarked = {field for kind in EVENTS.values() for field in kind.model_fields.keys() - marked(kind)}
    assert NOT_PROSE.keys() - unmarked == set()


def test_what_is_told_in_words_of_ones_own_is_marked() -> None:
    class Said(BaseModel):
        text: Text
        maybe: Text | None = None
        who: OpaqueId

    assert set(marked(Said)) == {"text", "maybe"}
    assert holds_prose(Referral) and not marked(Referral).keys() - {"about"}
    assert holds_prose(COMMANDS["impose_restriction"]) and not holds_prose(COMMANDS["add_party"])


@pytest.mark.parametrize("name", [name for name, kind in COMMANDS.items() if holds_prose(kind)])
def test_what_is_left_of_an_act_without_its_words_holds_none_of_them(name: str) -> None:
    told = command_from(name, ordinary(name).body(name))
    texts = marked(type(told))
    words = {field: "Other words." for field in texts if getattr(told, field) is not None}
    assert wordless(told.model_copy(update=words)) == wordless(told)
    left = wordless(told).model_dump()
    assert left == told.model_dump() | dict.fromkeys(words, "")


def test_what_is_left_of_a_referral_is_what_stands_in_the_clear() -> None:
    matter = Referral.model_validate(referral(about="He drinks."))
    left = wordless(matter)
    assert (left.about, {each.summary for each in left.allegations}) == ("", {""})
    assert left.model_copy(update={"about": matter.about, "allegations": matter.allegations}) == matter


def models(kind: type[BaseModel]) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = {kind}
    waiting = [info.annotation for info in kind.model_fields.values()]
    while waiting:
        part = waiting.pop()
        if isinstance(part, type) and issubclass(part, BaseModel) and part not in found:
            found |= models(part)
        waiting += get_args(part)
    return found


def test_no_state_keeps_free_text() -> None:
    assert {kind.__name__: marks for kind in models(Case) if (marks := marked(kind))} == {}


def test_a_case_folds_alike_whatever_became_of_its_text() -> None:
    given = referred().when("impose_restriction", at="2020-08-01").facts
    opened = [*open_case(referral(), england_and_wales(), referral().occurred_at), *given]
    erased = [each.model_copy(update={field: "«erased»" for field, _ in each.prose()}) for each in opened]
    assert any(list(each.prose()) for each in opened) and erased != opened
    assert fold(erased) == fold(opened)


def test_whose_text_it_is() -> None:
    opened = open_case(referral(), england_and_wales(), referral().occurred_at)
    about = {each.name: dict(each.prose()) for each in opened}
    assert about["allegation_added"]["summary"] == ("A",)
    known = people(None, opened)
    assert {"A", "P1"} <= set(known) and known["A"] == "person-a" and known["P1"] == "P1"
    assert people(fold(opened), []) == known


def test_the_words_of_what_only_follows_are_ours() -> None:
    lifted: Event = EVENTS["restriction_lifted"].model_validate(
        {"occurred_at": "2020-08-01T10:00Z", "officer": "A", "measure": "suspension", "reasons": "x", "by_itself": True}
    )
    assert not list(lifted.prose())
    assert list(lifted.model_copy(update={"by_itself": False}).prose()) == [("reasons", ("A",))]


def test_the_reason_of_an_erasure_is_told() -> None:
    told = {"occurred_at": "2020-08-01T10:00Z", "keys": (), "reasons": "The period is over."}
    everyone, one = (EVENTS["text_erased"].model_validate({**told, "person": who}).tell() for who in (None, "p-1"))
    assert re.fullmatch(r"Free text about (everyone|p-1) was erased. The period is over.", everyone)
    assert one == "Free text about p-1 was erased. The period is over."
