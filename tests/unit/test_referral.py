"""Referral: how a matter comes in, whether it must go to the IOPC, and who investigates (PRA 2002 Sch 3)."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from domain.case import fold, open_case
from domain.deadlines import DeadlineSet
from domain.errors import REFUSALS, Malformed
from domain.lawful import lawful_next
from domain.messages import read
from domain.referral.acts import AddOfficer, ReferredOfficer
from domain.referral.facts import OfficerAdded
from domain.state import Case
from tests.kit import AA, CALENDAR, NO_CASE, NOW, Given, Refusal, referral, referred, refusal

DSI = "PRA 2002 Sch 3 para 14C; PCMR 2020 reg 9 (2012 reg 8)"
CALL_IN = "PRA 2002 Sch 3 paras 4(1)(c), 13(1)(c)"
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
            {"first_known": "2012-11-21"}, ("unlawful", "PCR 2012 reg 2(2) [V]"), id="not under the 2008 Regulations"
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
        ("record_dsi", {}, "became_dsi", {"reasons": "He died in hospital"}),
        ("call_in", {}, "called_in", {"reasons": "Public confidence"}),
        ("treat_as_referred", {}, "treated_as_referred", {"all_notified": True, "would_prejudice": False}),
        ("withdraw_allegation", {}, "allegation_withdrawn", {"allegation": "1"}),
        ("decide_mode", {}, "mode_decided", {"mode": "independent"}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    referred().before(act).when(act, **facts).then(event, **said)


def test_what_was_told_about_the_referral_is_remembered() -> None:
    case = referred().up_to("decide_mode").when("add_officer").when("add_allegation").when("add_party").case
    assert (case.referral_kind, case.referred, case.mode) == ("mandatory", True, "independent")
    assert (set(case.officers), set(case.allegations), set(case.parties)) == ({"A", "C"}, {"1", "2"}, {"P1", "P2"})


@pytest.mark.parametrize("kind", ["mandatory", "voluntary", "not_required"])
def test_a_case_opened_as_one_of_death_or_serious_injury_is_referred_without_an_assessment(kind: str) -> None:
    dsi = referred(origin="dsi").clock("refer_mandatory_dsi", state="running")
    lawful = {each.command for each in lawful_next(dsi.case, CALENDAR)}
    assert "refer_to_iopc" in lawful and not lawful & {"assess_referral", "decide_mode", "record_dsi"}
    dsi.when("assess_referral", kind=kind).refused("already_done", DSI)
    dsi.when("decide_mode", by=AA, mode="local").refused("out_of_order", "PRA 2002 Sch 3 paras 4, 13")
    with_iopc = dsi.when("refer_to_iopc").then("referred_to_iopc", kind="mandatory")
    with_iopc.clock("refer_mandatory_dsi", state="met").clock("iopc_mode_decision", state="due")
    with_iopc.when("decide_mode").when("appoint_investigator").then("investigator_appointed")


def test_what_an_older_release_opened_as_one_without_a_clock_is_assessed_to_have_it() -> None:
    opened = referred(origin="dsi")
    history = tuple(fact for fact in opened.history if not isinstance(fact, DeadlineSet))
    older = replace(opened, case=fold(history), history=history, record=()).no_clock("refer_mandatory_dsi")
    older.when("assess_referral", kind="not_required").refused("unlawful", DSI)
    older.when("assess_referral", at="2020-07-10").clock("refer_mandatory_dsi", due="2020-07-11").when("refer_to_iopc")
    older.when("refer_to_iopc").then("referred_to_iopc", kind="mandatory")


@pytest.mark.parametrize("first", ["nothing", "voluntary", "not_required"])
def test_a_matter_that_becomes_one_of_death_or_serious_injury_is_referred_by_the_next_day(first: str) -> None:
    opened = referred() if first == "nothing" else assessed(first)
    case = opened.no_clock("refer_mandatory_dsi").when("record_dsi", at="2020-07-10T16:00")
    case.then("became_dsi").clock("refer_mandatory_dsi", due="2020-07-11", state="running")
    assert (case.case.origin, case.case.is_dsi, case.case.referral_kind) == ("complaint", True, "mandatory")
    case.when("assess_referral", kind="not_required").refused("already_done", DSI)  # there is nothing to assess
    case.when("decide_mode", by=AA, mode="local").refused("out_of_order", "PRA 2002 Sch 3 paras 4, 13")
    case = case.when("refer_to_iopc", at="2020-07-11").then("referred_to_iopc", kind="mandatory")
    case.clock("refer_mandatory_dsi", state="met").when("decide_mode").then("mode_decided")


def test_a_matter_kept_at_first_may_become_one_of_death_or_serious_injury() -> None:
    case = assessed("not_required").when("decide_mode", by=AA, mode="local").when("record_dsi").when("refer_to_iopc")
    case.when("decide_mode", mode="independent").then("mode_decided")


def test_what_the_iopc_called_in_stays_called_in_when_it_becomes_one() -> None:
    case = referred().when("call_in", at="2020-07-10").when("record_dsi", at="2020-07-10T11:00")
    case.clock("refer_mandatory_dsi", due="2020-07-11").when("call_in").refused("already_done", CALL_IN)
    case = case.when("refer_to_iopc", at="2020-07-11").then("referred_to_iopc", kind="called_in")
    case.clock("refer_mandatory_dsi", state="met").clock("refer_call_in", state="met")


def assessed(kind: str) -> Given:
    return referred().when("assess_referral", kind=kind)


@pytest.mark.parametrize("kind", ["mandatory", "voluntary"])
def test_a_matter_to_be_referred_goes_to_the_iopc_which_decides_its_mode(kind: str) -> None:
    assessed(kind).when("refer_to_iopc").when("decide_mode", mode="directed").then("mode_decided", mode="directed")


@pytest.mark.parametrize("mode", ["managed", "supervised"])
def test_the_iopc_may_manage_an_older_matter_after_january_2020_too_and_no_newer_one(mode: str) -> None:
    def decided(first_known: str) -> Given:
        case = referred(first_known=first_known).up_to("refer_to_iopc")
        return case.when("decide_mode", mode=mode, at="2021-03-01")

    decided("2020-01-31").then("mode_decided", mode=mode)
    refused = decided("2020-02-01").refused("unlawful", "PRA 2002 Sch 3 paras 17, 18 [V]").refusal
    assert f"No investigation of a matter known since 1 February 2020 is {mode}." in str(refused)


@pytest.mark.parametrize("kind", ["voluntary", "not_required"])
def test_a_matter_that_need_not_be_referred_may_be_investigated_locally_by_the_authority(kind: str) -> None:
    decided = assessed(kind).when("decide_mode", by="appropriate_authority", mode="local")
    decided.then("mode_decided", mode="local")


def test_a_policing_body_may_refer_too() -> None:
    assessed("voluntary").when("refer_to_iopc", by="local_policing_body").then("referred_to_iopc", kind="voluntary")


def test_the_assessment_of_a_referral_may_change_until_it_is_referred() -> None:
    assessed("not_required").when("assess_referral", kind="mandatory").then("referral_assessed", kind="mandatory")


def test_what_the_iopc_calls_in_is_referred_by_the_end_of_the_next_day() -> None:
    case = referred().when("call_in", at="2020-07-10T16:00").clock("refer_call_in", due="2020-07-11")
    case = case.when("refer_to_iopc", at="2020-07-11").then("referred_to_iopc", kind="called_in")
    case.clock("refer_call_in", state="met").when("decide_mode").then("mode_decided")


def test_a_matter_kept_at_first_may_still_be_called_in() -> None:
    case = assessed("not_required").when("decide_mode", by=AA, mode="local").when("call_in").when("refer_to_iopc")
    case.when("decide_mode").then("mode_decided", mode="independent")


def test_what_is_treated_as_referred_need_not_be_referred_any_more() -> None:
    case = assessed("mandatory").when("call_in").when("treat_as_referred")
    case.clock("refer_mandatory_complaint", state="withdrawn").clock("refer_call_in", state="withdrawn")
    case.clock("iopc_mode_decision", state="due").when("decide_mode").clock("iopc_mode_decision", state="met")


def test_it_is_treated_as_referred_without_a_word_where_a_word_would_prejudice() -> None:
    told = referred().when("treat_as_referred", all_notified=False, would_prejudice=True)
    told.then("treated_as_referred", all_notified=False)


@pytest.mark.parametrize("kind", ["called_in", "treated_as_referred"])
def test_what_the_iopc_decides_is_not_for_the_authority_to_assess(kind: str) -> None:
    with pytest.raises(Malformed, match="for the IOPC to say"):
        assessed(kind)


def test_a_withdrawn_allegation_needs_no_finding() -> None:
    case = referred().when("add_allegation").when("withdraw_allegation").up_to("open_hearing")
    assert case.case.faced_by("A") == ("2",)
    case.when("record_finding", allegation="2").when("conclude_hearing").then("hearing_concluded")


def test_without_an_allegation_the_case_ends_without_proceedings() -> None:
    case = referred().up_to("submit_report").when("withdraw_allegation")
    assert case.when("decide_case_to_answer", **NO_CASE).officer().finished


REFUSED = {
    "nothing is referred that was not assessed": refusal(referred, "refer_to_iopc", "out_of_order"),
    "nor what was assessed as not to be referred": refusal(
        lambda: assessed("not_required"),
        "refer_to_iopc",
        "out_of_order",
        "PRA 2002 Sch 3 paras 4(2)-(3), 13(2)-(3) [V]",
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
    "what the IOPC called in is not assessed any more": refusal("call_in", "assess_referral", "already_done", CALL_IN),
    "nor called in again": refusal("call_in", "call_in", "already_done", CALL_IN),
    "what is one of death or serious injury does not become one": refusal(
        lambda: referred(origin="dsi"), "record_dsi", "already_done", DSI
    ),
    "nor does it twice": refusal("record_dsi", "record_dsi", "already_done", DSI),
    "nothing is owed of one that the IOPC has": refusal("refer_to_iopc", "record_dsi", "already_done"),
    "what was referred is not called in": refusal("refer_to_iopc", "call_in", "already_done"),
    "nor treated as referred": refusal("refer_to_iopc", "treat_as_referred", "already_done"),
    "what was called in is referred before its mode is decided": refusal(
        "call_in", "decide_mode", "out_of_order", "PRA 2002 Sch 3 paras 4, 13"
    ),
    "nothing is referred before it was called in": refusal(
        lambda: referred().when("call_in", at="2020-07-10"), "refer_to_iopc", "out_of_order", at="2020-07-09"
    ),
    "nor before it became one of death or serious injury": refusal(
        lambda: referred().when("record_dsi", at="2020-07-10"), "refer_to_iopc", "out_of_order", at="2020-07-09"
    ),
    "nothing was treated as referred under 2012": refusal(
        lambda: referred(first_known="2019-01-02"),
        "treat_as_referred",
        "unlawful",
        "PRA 2002 Sch 3 paras 4A, 13A, 14CA",
    ),
    "those concerned are told that it is treated as referred": refusal(
        referred, "treat_as_referred", "unlawful", "PRA 2002 Sch 3 paras 4A, 13A, 14CA [V]", all_notified=False
    ),
    "an allegation nobody made is not withdrawn": refusal(referred, "withdraw_allegation", "not_found", allegation="9"),
    "nor one withdrawn before": refusal(
        lambda: referred().when("add_allegation").when("withdraw_allegation"), "withdraw_allegation", "already_done"
    ),
    "nor one on which an officer's decision was made": refusal(
        lambda: (
            referred(officers="AB")
            .up_to("submit_report")
            .when("decide_case_to_answer", officer="A")
            .when("add_allegation", officers=["B"])
        ),
        "withdraw_allegation",
        "wrong_stage",
    ),
    "nothing is left to withdraw after every decision": refusal(
        "decide_case_to_answer", "withdraw_allegation", "wrong_stage"
    ),
    "there is no case to answer when nothing is alleged any more": refusal(
        lambda: referred().up_to("submit_report").when("withdraw_allegation"),
        "decide_case_to_answer",
        "unlawful",
        "PCR 2020 reg 23",
    ),
    "nor special conditions": refusal(
        lambda: referred().up_to("serve_notice").when("withdraw_allegation"),
        "certify_special_conditions",
        "wrong_stage",
    ),
    "there is no finding on what was withdrawn": refusal(
        lambda: referred().when("add_allegation").when("withdraw_allegation").up_to("open_hearing"),
        "record_finding",
        "not_found",
    ),
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


RANKS = ("sergeant", "Detective Chief Inspector (temporary)", "designated superintendent's staff", "PC")
NO_RANKS = ("", " PC", "PC John Smith, 12 Acacia Ave, HIV+", "PC.", "PC 4711", "ser\x00geant", "PC\n", "(PC)", "x" * 41)


@pytest.mark.parametrize("rank", [*RANKS, *NO_RANKS])
def test_a_rank_has_no_room_for_a_sentence(rank: str) -> None:
    """It is not sealed, so that no erasure reaches it."""
    told = {"officer": "C", "person": "person-c", "rank": rank}
    for kind, body in ((ReferredOfficer, told), (AddOfficer, referred().body("add_officer", **told))):
        if rank in RANKS:
            assert read(kind, body, "it").model_dump()["rank"] == rank
        else:
            with pytest.raises(Malformed, match=r"^it: rank: has to be a rank alone: up to 40 letters, "):
                read(kind, body, "it")


def test_what_was_once_recorded_as_a_rank_is_still_read() -> None:
    told = {"occurred_at": "2020-07-06T10:00Z", "officer": "A", "person": "person-a", "rank": "PC J. Smith, tel 07700"}
    assert fold([*referred().history, OfficerAdded.model_validate(told | {"officer": "C"})]).officers["C"].rank


def test_a_moment_at_the_end_of_the_calendar_is_refused_and_not_an_accident() -> None:
    with pytest.raises(ValidationError):
        referral(occurred_at="0001-01-01T00:00+14:00")
