"""The same matter told twice: what makes two cases look alike, and what a person makes of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.reporting.duplicates import matter_of
from domain.duplicates import NEAR, NEAR_IN_KIND, Concerned, Likeness, Matter, alike
from domain.vocabulary import Standard
from tests.kit import Refusal, referred, refusal

USE, HONEST = Standard.USE_OF_FORCE, Standard.HONESTY_AND_INTEGRITY
DAY = date(2026, 3, 2)


def matter(
    reference: str = "X-1", *people: str, days: int = 0, kinds: tuple[Standard, ...] = (), **told: object
) -> Matter:
    officers = tuple(
        Concerned(officer=letter, person=person, standards=frozenset(kinds))
        for letter, person in zip("ABCDEF", people or ("p-1",), strict=False)
    )
    known = DAY + timedelta(days=days)
    facts = {"reference": reference, "force": "f-1", "first_known": known, "rehearsed": False, "officers": officers}
    return Matter.model_validate({**facts, **told})


def test_what_two_cases_have_in_common_is_told() -> None:
    one = matter("X-1", "p-1", "p-2", kinds=(USE, HONEST))
    other = matter("X-2", "p-2", "p-3", days=3, kinds=(USE,))
    likeness = alike(one, other)
    assert likeness == Likeness(reference="X-2", officers={"B": "A"}, days_apart=3, standards=(USE,))
    assert likeness.tell() == (
        "X-2: the same force, officer B (there A) concerned in both, first known 3 days apart; both allege use of force"
    )


@pytest.mark.parametrize(
    ("other", "looks"),
    [
        (matter("X-2"), True),
        (matter("X-2", days=NEAR), True),
        (matter("X-2", days=-NEAR), True),
        (matter("X-2", days=NEAR + 1), False),
        (matter("X-2", days=NEAR + 1, kinds=(HONEST,)), False),
        (matter("X-2", days=NEAR_IN_KIND, kinds=(USE, HONEST)), True),
        (matter("X-2", days=NEAR_IN_KIND + 1, kinds=(USE,)), False),
        (matter("X-2", "p-2"), False),
        (matter("X-2", force="f-2"), False),
        (matter("X-2", rehearsed=True), False),
        (matter("X-2", compared={"X-1"}), False),
        (matter("X-1"), False),
    ],
)
def test_what_looks_alike(other: Matter, looks: bool) -> None:
    assert (alike(matter(kinds=(USE,)), other) is not None) == looks


people = st.lists(st.sampled_from([f"p-{n}" for n in range(5)]), min_size=1, max_size=4, unique=True)
cases = st.builds(
    lambda reference, people, days, kinds, compared: matter(
        reference, *people, days=days, kinds=tuple(kinds), compared=compared
    ),
    st.sampled_from(["X-1", "X-2", "X-3"]),
    people,
    st.integers(0, 500),
    st.sets(st.sampled_from(list(Standard)), max_size=3),
    st.sets(st.sampled_from(["X-1", "X-2", "X-3"]), max_size=1),
)


@given(cases, cases)
def test_likeness_is_mutual(one: Matter, other: Matter) -> None:
    there, back = alike(one, other), alike(other, one)
    assert (there is None) == (back is None)
    if there and back:
        assert {its: mine for mine, its in there.officers.items()} == back.officers
        assert (there.days_apart, there.standards) == (back.days_apart, back.standards)
        assert (there.reference, back.reference) == (other.reference, one.reference)


@given(cases, cases)
def test_a_further_officer_hides_nothing(one: Matter, other: Matter) -> None:
    more = Concerned(officer="Z", person="p-9")
    before = alike(one, other)
    after = alike(*(each.model_copy(update={"officers": (*each.officers, more)}) for each in (one, other)))
    if before:
        assert after is not None
        assert before.officers.items() <= after.officers.items()


@given(cases, cases)
def test_letters_and_order_do_not_matter(one: Matter, other: Matter) -> None:
    turned = tuple(
        each.model_copy(update={"officer": letter})
        for letter, each in zip("UVWXYZ", reversed(one.officers), strict=False)
    )
    assert (alike(one, other) is None) == (alike(one.model_copy(update={"officers": turned}), other) is None)


@given(cases, cases)
def test_once_compared_it_is_not_told_again(one: Matter, other: Matter) -> None:
    assert alike(one.model_copy(update={"compared": frozenset({other.reference})}), other) is None


def test_a_person_says_what_it_is() -> None:
    case = referred().when("compare_case")
    case.then("case_compared", reference="X-2020-0008", view="another_matter")
    assert case.case.compared == {"X-2020-0008": "another_matter"}
    changed = case.when("compare_case", view="same_matter")
    assert changed.case.compared == {"X-2020-0008": "same_matter"}


REFUSED = {
    "not with itself": refusal(referred, "compare_case", "malformed", reference="X-2020-0001"),
    "not twice alike": refusal("compare_case", "compare_case", "already_done"),
    "not by intake": refusal(referred, "compare_case", "not_permitted", by="intake"),
}


def test_a_case_is_compared_by_who_is_left_in_it_and_what_is_still_alleged() -> None:
    case = referred(officers="AB").when("add_allegation", standards=["use_of_force"]).case
    told = matter_of(case)
    assert (told.reference, told.force, told.first_known) == (case.reference, case.force, case.first_known)
    assert {each.officer for each in told.officers} == {"A", "B"}
    gone = case.with_officer(case.officers["A"].model_copy(update={"handed_to": "X-9"}))
    assert {each.officer for each in matter_of(gone).officers} == {"B"}
    withdrawn = {ref: each.model_copy(update={"withdrawn": True}) for ref, each in case.allegations.items()}
    assert any(each.standards for each in told.officers)
    assert not any(each.standards for each in matter_of(case.model_copy(update={"allegations": withdrawn})).officers)
    assert matter_of(case.model_copy(update={"linked_cases": ("X-7",)})).compared == {"X-7"}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()
