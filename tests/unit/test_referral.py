"""Referral: how a matter comes in, whether it must go to the IOPC, and who investigates (PRA 2002 Sch 3)."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.case import open_case
from domain.errors import REFUSALS
from domain.state import Case
from tests.kit import AA, CALENDAR, NOW, Given, Refusal, referral, referred, refusal

SCH_3_PARA_15 = "PRA 2002 Sch 3 para 15"


def refusal_of(**facts: Any) -> tuple[str, str | None]:
    """Code and citation with which a referral is refused."""
    with pytest.raises(tuple(REFUSALS.values())) as refused:
        open_case(referral(**facts), CALENDAR, NOW)
    return refused.value.code, refused.value.citation


def test_a_referral_opens_a_case_with_its_officers_allegations_and_parties() -> None:
    case = referred(officers="AB").then(
        "case_referred", "officer_added", "officer_added", "allegation_added", "party_added", regime="2020"
    )
    assert set(case.case.officers) == {"A", "B"}
    assert case.case.allegations["1"].officers == ("A", "B")
    assert case.case.parties["P1"].kind == "complainant"
    assert case.case.stage == "referral"


def test_what_a_referral_says_of_the_case_stays_with_it() -> None:
    linked = [{"reference": "X-2019-0007"}]
    case = referred(force="force-9", origin="dsi", clock="live", illustrative=True, linked_cases=linked).case
    assert (case.force, case.origin, case.clock, case.illustrative) == ("force-9", "dsi", "live", True)
    assert case.linked_cases == ("X-2019-0007",)


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        pytest.param({"officers": []}, "at least 1 item", id="no officer"),
        pytest.param({"allegations": []}, "at least 1 item", id="no allegation"),
        pytest.param({"reference": "x"}, "match pattern", id="no reference"),
        pytest.param({"officers": "AA"}, "stands in it twice", id="an officer twice"),
        pytest.param({"parties": ["A"]}, "stands in it twice", id="a party named like an officer"),
        pytest.param(
            {"officers": [{"officer": "A", "person": "p"}, {"officer": "B", "person": "p"}]},
            "stands in it twice",
            id="one person as two officers",
        ),
        pytest.param(
            {"allegations": [{"allegation": "1", "summary": "Struck him", "officers": ["A"]}] * 2},
            "an allegation stands in it twice",
            id="an allegation twice",
        ),
        pytest.param(
            {"allegations": [{"allegation": "1", "summary": "Struck him", "officers": ["Z"]}]},
            "names an officer who is not in it",
            id="an allegation against a stranger",
        ),
    ],
)
def test_a_referral_names_officers_and_allegations_that_fit(facts: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        referral(**facts)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        pytest.param(
            {"actor": {"role": "officer", "id": "x"}}, ("not_permitted", None), id="an officer does not refer matters"
        ),
        pytest.param(
            {"actor": {"role": "clerk", "id": "person-a"}},
            ("conflict_of_interest", None),
            id="an officer concerned does not refer the matter in another role",
        ),
        pytest.param({"occurred_at": "2030-01-01T00:02Z"}, ("malformed", None), id="not in the future"),
        pytest.param(
            {"occurred_at": "2020-07-03T22:59Z"}, ("out_of_order", None), id="not before the matter was first known"
        ),
        pytest.param(
            {"first_known": "2012-11-21"}, ("unlawful", "PCR 2012 reg 2(2)"), id="not under the 2008 Regulations"
        ),
    ],
)
def test_a_referral_is_refused(facts: dict[str, Any], refusal: tuple[str, str | None]) -> None:
    assert refusal_of(**facts) == refusal


def test_a_matter_is_referred_on_the_day_it_was_first_known_at_the_earliest() -> None:
    referred(occurred_at="2020-07-03T23:00Z").then(  # midnight in London
        "case_referred", "officer_added", "allegation_added", "party_added"
    )


def test_a_clock_one_minute_ahead_is_not_yet_the_future() -> None:
    assert open_case(referral(occurred_at="2030-01-01T00:01Z"), CALENDAR, NOW)


@pytest.mark.parametrize("role", ["intake", "appropriate_authority", "iopc", "clerk"])
def test_a_matter_is_referred_by_whoever_records_it(role: str) -> None:
    assert isinstance(referred(actor={"role": role, "id": "x"}).case, Case)


@pytest.mark.parametrize(
    ("act", "facts", "event", "said"),
    [
        ("add_officer", {"rank": "sergeant"}, "officer_added", {"officer": "C", "rank": "sergeant"}),
        ("add_allegation", {}, "allegation_added", {"allegation": "2", "officers": ("A",)}),
        ("add_party", {"kind": "interested_person"}, "party_added", {"party": "P2", "kind": "interested_person"}),
        ("assess_referral", {}, "referral_assessed", {"kind": "mandatory", "origin": "complaint"}),
        ("refer_to_iopc", {}, "referred_to_iopc", {"kind": "mandatory"}),
        ("decide_mode", {}, "mode_decided", {"mode": "independent"}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    referred().before(act).when(act, **facts).then(event, **said)


def test_what_was_told_about_the_referral_is_remembered() -> None:
    case = referred().up_to("decide_mode").when("add_officer").when("add_allegation").when("add_party").case
    assert (case.referral_kind, case.referred, case.mode) == ("mandatory", True, "independent")
    assert (set(case.officers), set(case.allegations), set(case.parties)) == ({"A", "C"}, {"1", "2"}, {"P1", "P2"})


def assessed(kind: str) -> Given:
    return referred().when("assess_referral", kind=kind)


@pytest.mark.parametrize("kind", ["mandatory", "voluntary"])
def test_a_matter_to_be_referred_goes_to_the_iopc_which_decides_its_mode(kind: str) -> None:
    assessed(kind).when("refer_to_iopc").when("decide_mode", mode="directed").then("mode_decided", mode="directed")


@pytest.mark.parametrize("kind", ["voluntary", "not_required"])
def test_a_matter_that_need_not_be_referred_may_be_investigated_locally_by_the_authority(kind: str) -> None:
    decided = assessed(kind).when("decide_mode", by="appropriate_authority", mode="local")
    decided.then("mode_decided", mode="local")


def test_a_policing_body_may_refer_too() -> None:
    assessed("voluntary").when("refer_to_iopc", by="local_policing_body").then("referred_to_iopc", kind="voluntary")


def test_the_assessment_of_a_referral_may_change_until_it_is_referred() -> None:
    assessed("not_required").when("assess_referral", kind="mandatory").then("referral_assessed", kind="mandatory")


REFUSED = {
    "nothing is referred that was not assessed": refusal(referred, "refer_to_iopc", "out_of_order"),
    "nor what was assessed as not to be referred": refusal(
        lambda: assessed("not_required"), "refer_to_iopc", "out_of_order"
    ),
    "nothing is referred twice": refusal("refer_to_iopc", "refer_to_iopc", "already_done"),
    "what was referred is not assessed again": refusal(
        "refer_to_iopc", "assess_referral", "already_done", kind="voluntary"
    ),
    "nothing is assessed as what it is": refusal("assess_referral", "assess_referral", "already_done"),
    "the assessment comes before the mode": refusal(referred, "decide_mode", "out_of_order"),
    "a mandatory referral comes before the mode": refusal(
        "assess_referral", "decide_mode", "out_of_order", "PRA 2002 Sch 3 paras 4, 13"
    ),
    "the authority does not decide the mode of what was referred": refusal(
        "refer_to_iopc", "decide_mode", "not_permitted", SCH_3_PARA_15, by=AA, mode="local"
    ),
    "what was not referred is not investigated independently": refusal(
        lambda: assessed("voluntary"), "decide_mode", "unlawful", SCH_3_PARA_15, by=AA, mode="independent"
    ),
    "nor under direction": refusal(
        lambda: assessed("voluntary"), "decide_mode", "unlawful", SCH_3_PARA_15, by=AA, mode="directed"
    ),
    "nor returned": refusal(
        lambda: assessed("not_required"), "decide_mode", "unlawful", SCH_3_PARA_15, by=AA, mode="returned"
    ),
    "the mode is that already": refusal("decide_mode", "decide_mode", "already_done"),
    "no other mode after the report": refusal("submit_report", "decide_mode", "wrong_stage", mode="local"),
    "an officer's letter is taken": refusal(referred, "add_officer", "already_done", officer="A"),
    "even by a party": refusal(referred, "add_officer", "already_done", officer="P1"),
    "the person is an officer concerned already": refusal(referred, "add_officer", "already_done", person="person-a"),
    "no officer is added after the report": refusal("submit_report", "add_officer", "wrong_stage"),
    "the allegation was made already": refusal(referred, "add_allegation", "already_done", allegation="1"),
    "no allegation against a stranger": refusal(referred, "add_allegation", "not_found", officers=["Z"]),
    "no allegation after the decision on the officer": refusal(
        "decide_case_to_answer", "add_allegation", "wrong_stage"
    ),
    "the party is known already": refusal(referred, "add_party", "already_done", party="P1"),
    "an officer is no party": refusal(referred, "add_party", "already_done", party="A"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"person": "investigator-1"}, id="the investigator"),
        pytest.param({"person": "authority-1"}, id="who adds the officer"),
    ],
)
def test_who_decides_in_the_case_cannot_become_an_officer_concerned(facts: dict[str, Any]) -> None:
    referred().up_to("appoint_investigator").when("add_officer", **facts).refused("conflict_of_interest")


def test_a_rank_can_be_stored() -> None:
    with pytest.raises(ValidationError):
        referral(officers=[{"officer": "A", "person": "person-a", "rank": "ser\x00geant"}])


def test_a_moment_at_the_end_of_the_calendar_is_refused_and_not_an_accident() -> None:
    with pytest.raises(ValidationError):
        referral(occurred_at="0001-01-01T00:00+14:00")
