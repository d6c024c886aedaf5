"""Retention: what is due to be looked at, from which day, and what holds it back. Nothing is ever erased by it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.text.retention import Proposal
from domain import retention
from domain.case import evolve
from domain.erasure import EVERYONE, TextKept
from domain.errors import Malformed
from domain.regimes.retention import About, ComesTo, CountedFrom, Hold, Period, every_hold, every_rule
from domain.retention import OpenCases, came_to, held, reviews, together
from domain.state import Case, Outcome
from domain.vocabulary import Sanction
from domain.working_days import london_date
from integration.cli.retention import listed as as_listed
from integration.cli.retention import periods_of
from tests.kit import Given, ordinary, present, referred
from tests.kit import elsewhere as other_case

SIX_YEARS = [Period(rule=rule.id, months=72, source="Schedule 7") for rule in every_rule()]
FAR = date(2099, 1, 1)
NOBODY = OpenCases()


def of(case: Case, person: str = "person-a", periods: list[Period] = SIX_YEARS) -> retention.Review:
    return next(each for each in reviews(case, periods) if each.person == person)


def holding(told: Given, person: str = "person-a", around: OpenCases = NOBODY, on: date = FAR) -> list[str]:
    """What holds this person's review back."""
    every = reviews(told.case, SIX_YEARS)
    return held(told.case, person, every, together(told.case, told.history), around, on)


def with_outcome(told: Given, **changes: Any) -> Given:
    officer = told.case.officers["A"]
    outcome = (officer.outcome or Outcome()).model_copy(update=changes)
    return _with(told, told.case.with_officer(officer.model_copy(update={"outcome": outcome})))


def _with(told: Given, case: Case) -> Given:
    return Given(case, told.clock_at, (), told.history, told.record)


def ordinary_closed(**facts: Any) -> Given:
    return ordinary("close_case", **facts).up_to("close_case")


# --- what is due when


def test_an_open_case_has_nothing_to_be_looked_at() -> None:
    told = ordinary("close_case").before("close_case")
    assert told.case.closed_at is None and not reviews(told.case, SIX_YEARS)


def test_each_person_and_the_case_is_under_one_rule() -> None:
    told = ordinary_closed()
    assert [(each.person, each.rule) for each in reviews(told.case, SIX_YEARS)] == [
        ("person-a", of(told.case).rule),
        ("P1", "party"),
        (EVERYONE, "whole_case"),
    ]


def test_without_a_period_nothing_is_due_and_it_says_so() -> None:
    case = ordinary_closed().case
    assert {each.due for each in reviews(case, [])} == {None}
    assert of(case, EVERYONE, []).why == "No period is set for whole_case."


def test_the_day_is_counted_from_the_closing_day_by_day() -> None:
    case = ordinary_closed().case
    closed = london_date(present(case.closed_at))
    review = of(case, EVERYONE)
    last = closed.replace(year=closed.year + 6)
    assert review.due == last + timedelta(days=1)
    assert f"72 months after that day end with {last.day}" in review.why and review.why.endswith("Period: Schedule 7.")


def test_the_period_of_the_force_goes_before_that_of_all() -> None:
    case = ordinary_closed().case
    own = [*SIX_YEARS, Period(rule="whole_case", force=case.force, months=12, source="Our own")]
    assert "Our own" in of(case, EVERYONE, own).why
    other = [*SIX_YEARS, Period(rule="whole_case", force="another", months=12, source="Our own")]
    assert of(case, EVERYONE, other) == of(case, EVERYONE)


def test_a_warning_is_counted_from_its_end() -> None:
    told = with_outcome(
        ordinary_closed(), sanction=Sanction.WRITTEN_WARNING, live_until=date(2032, 2, 29), set_aside=False
    )
    review = of(told.case)
    assert (review.rule, review.due) == ("officer_warned", date(2038, 3, 1))
    assert "The warning ended on 29 February 2032" in review.why


def test_it_is_never_due_before_the_case_is_closed() -> None:
    told = ordinary_closed()
    officer = told.case.officers["A"].model_copy(update={"left_on": date(2001, 1, 1)})
    case = told.case.with_officer(officer)
    rule = of(case).rule
    left = [Period(rule=rule, months=1, counted_from=CountedFrom.OFFICER_LEFT, source="x")]
    assert of(case, periods=left).due == london_date(present(case.closed_at))


def test_what_is_counted_from_a_day_that_never_came_is_not_due() -> None:
    case = ordinary_closed().case
    left = [Period(rule=of(case).rule, months=1, counted_from=CountedFrom.OFFICER_LEFT, source="x")]
    assert of(case, periods=left).due is None and "there is no such day" in of(case, periods=left).why


@pytest.mark.parametrize(
    ("changes", "comes_to"),
    [
        ({"sanction": Sanction.DISMISSAL_WITHOUT_NOTICE}, ComesTo.DISMISSED),
        ({"sanction": Sanction.DISMISSAL_WITHOUT_NOTICE, "set_aside": True}, ComesTo.SET_ASIDE),
        ({"sanction": Sanction.WRITTEN_WARNING, "live_until": date(2030, 1, 1)}, ComesTo.WARNED),
        ({"sanction": Sanction.REDUCTION_IN_RANK}, ComesTo.OTHER_OUTCOME),
        ({"sanction": None}, ComesTo.NO_PROCEEDINGS),
    ],
)
def test_what_a_matter_came_to(changes: dict[str, Any], comes_to: ComesTo) -> None:
    clean = {"set_aside": False, "live_until": None}
    told = with_outcome(ordinary_closed(), **{**clean, **changes})
    assert came_to(told.case.officers["A"]) is comes_to


def test_every_ending_is_under_exactly_one_rule() -> None:
    covered = [each for rule in every_rule() for each in rule.comes_to]
    assert sorted(covered) == sorted(ComesTo) and all(
        bool(r.comes_to) == (r.about is About.OFFICER) for r in every_rule()
    )


# --- what holds it back


QUIET = {"sanction": Sanction.NO_ACTION, "published": False, "barred_list_reported": False, "appeal_to": None}


def quiet(**changes: Any) -> Given:
    """A closed case in which nothing holds back, but for these."""
    return with_outcome(ordinary_closed(), **{**QUIET, "live_until": None, "set_aside": False, **changes})


def test_nothing_holds_a_case_that_is_over() -> None:
    assert holding(quiet()) == [] == holding(quiet(), EVERYONE)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"appeal_to": "tribunal"}, "An appeal of officer A is not decided"),
        ({"published": True, "publication_ended": False}, "The report of the hearing of officer A is published"),
        (
            {"sanction": Sanction.DISMISSAL_WITHOUT_NOTICE, "notified_on": date(2020, 5, 1)},
            "the entry in the barred list",
        ),
        ({"barred_list_reported": True}, "the entry in the barred list"),
        ({"sanction": Sanction.FINAL_WRITTEN_WARNING, "live_until": FAR}, "live until 1 January 2099"),
    ],
)
def test_what_holds_it_back_is_said_with_its_source(changes: dict[str, Any], why: str) -> None:
    for person in ("person-a", EVERYONE):
        said = holding(quiet(**changes), person)[0]
        assert why in said and said.endswith("]).")


def test_a_warning_holds_to_its_last_day() -> None:
    told = quiet(sanction=Sanction.FINAL_WRITTEN_WARNING, live_until=date(2032, 5, 1))
    assert holding(told, on=date(2032, 5, 1)) and not holding(told, on=date(2032, 5, 2))


def test_a_dismissal_before_there_was_a_barred_list_does_not_hold() -> None:
    dismissed = {"sanction": Sanction.DISMISSAL_WITHOUT_NOTICE, "barred_list_reported": False}
    assert holding(quiet(**dismissed, notified_on=date(2017, 12, 15)))
    assert not holding(quiet(**dismissed, notified_on=date(2017, 12, 14)))
    assert not holding(quiet(**dismissed, notified_on=date(2020, 5, 1), set_aside=True))


def test_an_appeal_or_a_review_that_is_undecided_holds_everyones_back() -> None:
    assert "An appeal of officer A" in holding(quiet(appeal_to="tribunal"), "P1")[0]
    told = quiet()
    asked = told.case.parties["P1"].model_copy(update={"review_applied": told.clock_at})
    assert "A review that P1 applied for" in holding(_with(told, told.case.with_party(asked)))[0]


def test_a_report_for_the_advisory_list_holds() -> None:
    told = quiet()
    officer = told.case.officers["A"].model_copy(update={"advisory_list_reported": True})
    assert "advisory list" in holding(_with(told, told.case.with_officer(officer)))[0]


def test_an_open_case_that_it_belongs_with_holds() -> None:
    told = quiet()
    linked = _with(told, told.case.model_copy(update={"linked_cases": ("Z-1",)}))
    assert "Case Z-1, which it belongs with, is open" in holding(linked, around=OpenCases(open=frozenset({"Z-1"})))[0]
    assert not holding(linked)
    back = OpenCases(named={told.case.reference: frozenset({"Y-1"})})
    assert "Case Y-1" in holding(told, around=back)[0]


def test_an_open_case_about_the_same_person_holds() -> None:
    still = referred(reference="OPEN-1")
    around = OpenCases.of([still.case, quiet().case])
    assert around.people == {"person-a": frozenset({"OPEN-1"}), "P1": frozenset({"OPEN-1"})}
    linked = still.case.model_copy(update={"reference": "OPEN-2", "linked_cases": ("Z-1",)})
    parts = [OpenCases.of([still.case]), OpenCases.of([quiet().case]), OpenCases.of([linked])]
    assert OpenCases.joined(parts) == OpenCases.of([still.case, quiet().case, linked])
    assert holding(quiet(), around=around) == ["person-a is in case OPEN-1, which is open."]
    told = quiet()
    told = _with(told, told.case.with_officer(told.case.officers["A"].model_copy(update={"person": "p_1041"})))
    around = OpenCases({"p_1041": frozenset({"OPEN-1"})})
    assert holding(told, "p_1041", around) == ["p_1041 is in case OPEN-1, which is open."]


def test_a_part_that_went_to_an_open_case_holds() -> None:
    handed = other_case("OLD-1", "A", "NEW-1", date(2020, 1, 1))
    assert any(each.type == "officer_handed_over" for each in handed)
    told = quiet()
    officer = told.case.officers["A"].model_copy(update={"handed_to": "NEW-1"})
    assert (
        "Case NEW-1"
        in holding(_with(told, told.case.with_officer(officer)), around=OpenCases(open=frozenset({"NEW-1"})))[0]
    )


def test_text_that_is_sealed_together_waits_for_whoever_is_kept_longer() -> None:
    allegation = [{"allegation": "1", "summary": "Of both.", "officers": ["A", "B"]}]
    told = referred(officers="AB", allegations=allegation)
    told = _with(told, told.case.model_copy(update={"closed_at": told.clock_at}))
    shared = together(told.case, told.history)
    assert shared["person-a"] == {"person-b"} and shared["person-b"] == {"person-a"}
    first, second, *_ = reviews(told.case, SIX_YEARS)
    other = second.model_copy(update={"due": FAR})
    said = held(told.case, first.person, [first, other], shared, NOBODY, date(2090, 1, 1))
    assert "Text about person-b is sealed together with it, and has to be kept longer." in said
    assert not any("sealed together" in each for each in held(told.case, first.person, [first, other], {}, NOBODY, FAR))


# --- a decision to keep


def kept(told: Given, person: str | None, until: date) -> Given:
    event = TextKept(
        occurred_at=datetime(2031, 3, 3, tzinfo=UTC), person=person, until=until, reasons="A claim is pending."
    )
    return _with(told, evolve(told.case, event))


def test_a_decision_to_keep_holds_until_its_day() -> None:
    told = kept(quiet(), "person-a", date(2035, 1, 1))
    said = "On 3 March 2031 it was decided to keep it until 1 January 2035."
    for person in ("person-a", EVERYONE):  # who keeps one's text does not erase everyone's
        assert said in holding(told, person, on=date(2034, 12, 31))
        assert not holding(told, person, on=date(2035, 1, 1))


def test_to_keep_everyones_is_to_keep_each_ones() -> None:
    assert holding(kept(quiet(), None, FAR), on=date(2034, 1, 1))


def test_the_last_decision_counts() -> None:
    told = kept(kept(quiet(), "person-a", FAR), "person-a", date(2033, 1, 1))
    assert not holding(told, on=date(2033, 1, 1))


def test_it_is_told() -> None:
    event = TextKept(
        occurred_at=datetime(2031, 3, 3, tzinfo=UTC), until=date(2035, 1, 1), reasons="A claim is pending."
    )
    assert event.tell() == (
        "Free text about everyone is kept, to be looked at again on 1 January 2035. A claim is pending."
    )


# --- for every case


DAYS = st.dates(date(2020, 1, 1), date(2080, 1, 1))
OUTCOMES = st.fixed_dictionaries(
    {
        "sanction": st.none() | st.sampled_from(list(Sanction)),
        "live_until": st.none() | DAYS,
        "set_aside": st.booleans(),
        "appeal_to": st.none() | st.just("tribunal"),
        "published": st.booleans(),
        "barred_list_reported": st.booleans(),
    }
)
BASE = ordinary_closed()


@given(OUTCOMES, st.integers(1, 600), DAYS)
@settings(max_examples=200)
def test_nothing_is_proposed_before_its_period_and_never_while_something_holds(
    changes: dict[str, Any], months: int, on: date
) -> None:
    told, periods = with_outcome(BASE, **changes), [Period(rule=r.id, months=months, source="x") for r in every_rule()]
    every, outcome = reviews(told.case, periods), present(told.case.officers["A"].outcome)
    closed, shared = london_date(present(told.case.closed_at)), together(told.case, told.history)
    for review in every:
        assert review.due is None or review.due >= closed
        holds = held(told.case, review.person, every, shared, NOBODY, on)
        live = outcome.live_until and outcome.live_until >= on and not outcome.set_aside
        assert holds or not outcome.appeal_to, "an open appeal holds everyone's back"
        assert holds or not live or review.person == "P1", "a live warning holds back whose it is, and everyone's"
        if review.person == EVERYONE and not holds and review.due and review.due <= on:
            assert all(each.due and each.due <= on for each in every), "everyone's goes last"


@given(OUTCOMES, st.integers(1, 600), DAYS, st.integers(1, 2000))
@settings(max_examples=100)
def test_a_longer_period_is_never_due_earlier_and_a_hold_by_time_alone_ends(
    changes: dict[str, Any], months: int, on: date, more: int
) -> None:
    told = with_outcome(BASE, **changes)
    short, long = ([Period(rule=r.id, months=n, source="x") for r in every_rule()] for n in (months, months + 1))
    for earlier, later in zip(reviews(told.case, short), reviews(told.case, long), strict=True):
        assert (earlier.due is None) == (later.due is None)
        assert earlier.due is None or (later.due is not None and earlier.due <= later.due)
    now, then = (holding(told, on=day) for day in (on, on + timedelta(days=more)))
    assert set(then) <= set(now), "time takes holds away and brings none"


# --- the data, and a force's own file


def test_what_has_a_citation_has_a_mark() -> None:
    assert {"warning_live", "appeal_open", "barred_list", "linked_open"} <= every_hold().keys()
    with pytest.raises(ValueError, match="has a mark"):
        Hold(id="x", says="x", citation="PCR 2020 reg 1")


def test_no_rule_claims_a_period_or_a_source() -> None:
    fields = {"id", "title", "about", "comes_to", "counted_from"}
    assert {name for rule in every_rule() for name in rule.model_fields_set} == fields


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[period]]\nrule = 'parties'\nmonths = 1\nsource = 'x'", "did you mean 'party'"),
        ("[[period]]\nrule = 'party'\nmonths = 0\nsource = 'x'", "months"),
        ("[[period]]\nrule = 'party'\nmonths = 12", "source"),
        ("[[period]]\nrule = 'party'\nmonths = 12\nsource = 'x'\n" * 2, "two periods"),
        ("period = ", "is not TOML"),
    ],
)
def test_a_file_of_periods_that_cannot_be_right_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (file := tmp_path / "periods.toml").write_text(text)
    with pytest.raises(Malformed, match=said):
        periods_of(file)


def test_a_file_of_periods_is_read(tmp_path: Path) -> None:
    (file := tmp_path / "periods.toml").write_text("[[period]]\nrule = 'party'\nmonths = 12\nsource = 'Schedule 7'\n")
    assert periods_of(file) == (Period(rule="party", months=12, source="Schedule 7"),)


def test_of_many_reasons_that_hold_text_back_the_first_are_listed_and_the_rest_counted() -> None:
    why = [every_hold()["person_elsewhere"].tell(who="p-1", other=f"OPEN-{number}") for number in range(7)]
    told = as_listed(Proposal(of(quiet().case), tuple(why))).splitlines()
    assert told[2:] == [*(f"HELD BACK: {each}" for each in why[:5]), "and 2 reasons more, which --json has."]
    assert as_listed(Proposal(of(quiet().case), tuple(why[:5]))).splitlines()[2:] == told[2:7]
