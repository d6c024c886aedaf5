"""Which regulations govern: links told later, officer by officer in 2025, and what the IOPC directs."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import OutOfOrder
from domain.summary import summary
from tests.kit import AA, IOPC, NO_CASE, Given, Refusal, referral, referred, refusal

PRESENT = "PCMR 2020 reg 2(3); SI 2025/558 regs 64(2), 66"
IN_2020, IN_2025 = "2020-07-04", "2025-06-02"


def regimes(case: Given) -> dict[str, str]:
    """The regime of the case, and of each officer."""
    return {"": case.case.regime, **{ref: case.case.regime_of(ref) for ref in case.case.officers}}


def linked(*officers: str, first_known: str = IN_2025, under: str = "2020") -> Given:
    links = [{"reference": "X-2020-0009", "open_under": under, "officers": officers}]
    return referred(first_known=first_known, officers="AB", linked_cases=links)


@pytest.mark.parametrize(
    ("act", "facts", "event", "said"),
    [
        ("link_case", {}, "case_linked", {"reference": "X-2019-0007", "regime": "2012", "apart": ()}),
        ("direct_reinvestigation", {}, "reinvestigation_directed", {"regime": "2020"}),
        ("direct_present_regulations", {}, "present_regulations_directed", {"regime": "2020"}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    referred().before(act).when(act, **facts).then(event, **said)


# --- Links


def test_a_link_told_later_brings_the_case_under_the_older_regulations() -> None:
    case = referred().when("link_case").then("case_linked", regime="2012")
    assert (case.case.regime, case.case.linked_cases) == ("2012", ("X-2019-0007",))


@pytest.mark.parametrize("under", [None, "2020", "2025"])
def test_a_link_to_a_matter_that_is_not_older_changes_nothing(under: str | None) -> None:
    assert referred().when("link_case", open_under=under).case.regime == "2020"


def test_a_link_may_be_told_again_when_the_other_matter_proves_to_be_open() -> None:
    case = referred().when("link_case", open_under=None).when("link_case")
    assert (case.case.regime, case.case.linked_cases) == ("2012", ("X-2019-0007",))


def test_what_is_owed_goes_on_under_the_older_regulations_from_the_same_day() -> None:
    case = referred().up_to("serve_notice", serve_notice={"at": "2020-08-28"})
    case = case.when("link_case", at="2020-09-01")
    case.clock("reps_to_investigator/A", state="withdrawn").clock("reps_to_investigator_2012/A", due="2020-09-14")
    assert case.deadline("reps_to_investigator_2012/A").triggered_by == "notice_served"
    case.clock("officer_progress_update_first/A", state="running")  # a row that both know
    case.clock("timeliness_pcr_first", state="withdrawn")  # a row of which 2012 has none
    case.when("record_representations").clock("reps_to_investigator_2012/A", state="met")


def test_what_was_done_before_is_not_owed_again() -> None:
    case = referred().up_to("record_representations").when("link_case")
    case.clock("reps_to_investigator/A", state="met").no_clock("reps_to_investigator_2012/A")


# --- 2025, person by person


def test_the_amendments_of_2025_leave_out_only_who_is_concerned_in_both_matters() -> None:
    assert regimes(linked("A")) == {"": "2020", "A": "2020", "B": "2025"}
    assert regimes(linked()) == {"": "2020", "A": "2020", "B": "2020"}


def test_the_page_tells_of_each_officer_what_governs() -> None:
    page = summary(linked("A").case)
    assert {"": page.regime, **{ref: each.regime for ref, each in page.officers.items()}} == regimes(linked("A"))


def test_the_regulations_of_2012_link_the_whole_matter() -> None:
    assert regimes(linked("A", under="2012")) == {"": "2012", "A": "2012", "B": "2012"}


def test_such_a_link_may_be_told_later_too() -> None:
    case = referred(first_known=IN_2025, officers="AB").when("link_case", open_under="2020", officers=["A"])
    assert regimes(case.then("case_linked", apart=("B",))) == {"": "2020", "A": "2020", "B": "2025"}
    case = case.when("link_case", reference="X-2020-0010", open_under="2020", officers=["B"])
    assert regimes(case) == {"": "2020", "A": "2020", "B": "2020"}


def test_a_later_link_does_not_give_the_amendments_to_whom_an_earlier_one_keeps() -> None:
    case = linked("A").when("link_case", reference="X-2020-0010", open_under="2020", officers=["B"])
    assert regimes(case) == {"": "2020", "A": "2020", "B": "2020"}


def test_an_officer_added_later_is_under_the_amendments_unless_a_link_says_otherwise() -> None:
    assert regimes(linked("A").when("add_officer"))["C"] == "2025"
    assert regimes(linked().when("add_officer"))["C"] == "2020"


def older(first_known: str | None = "2025-06-10", **facts: Any) -> Given:
    """A matter of January 2025, to which officer B is added in June."""
    case = referred(first_known="2025-01-10", **facts)
    return case.when("add_officer", officer="B", person="person-b", at="2025-06-12", first_known=first_known)


def both_at_once() -> Given:
    """The same, told in one referral: both face one allegation."""
    late = {"officer": "B", "person": "person-b", "first_known": "2025-06-10"}
    officers = [{"officer": "A", "person": "person-a"}, late]
    return referred(first_known="2025-01-10", officers=officers, occurred_at="2025-06-12T12:00:00Z")


@pytest.mark.parametrize(
    ("first_known", "regime"), [("2025-06-10", "2025"), ("2025-05-28", "2025"), ("2025-05-27", "2020"), (None, "2020")]
)
def test_who_is_drawn_into_an_older_matter_is_under_what_governs_on_their_own_day(
    first_known: str | None, regime: str
) -> None:
    case = older(first_known)
    assert regimes(case) == {"": "2020", "A": "2020", "B": regime}
    (told,) = (fact.tell() for fact in case.facts if fact.name == "officer_added")
    assert ("10 June 2025; the regulations of 2025 govern" in told) == (first_known == "2025-06-10")


def test_such_an_officer_is_dismissed_for_gross_misconduct_unless_there_are_exceptional_circumstances() -> None:
    case = both_at_once().up_to("conclude_hearing", respond_to_notice={"by": "clerk"})
    case.when("impose_outcome", officer="A", sanction="final_written_warning").then("outcome_imposed")
    assert case.when("impose_outcome", officer="B", sanction="final_written_warning").refusal is not None


def test_an_earlier_allegation_against_that_officer_that_is_still_open_keeps_them_and_no_other_does() -> None:
    case = older().when("link_case", reference="X-2020-0009", open_under="2020", officers=["A"])
    assert regimes(case)["B"] == "2025"
    case = case.when("link_case", reference="X-2020-0010", open_under=None)
    assert regimes(case)["B"] == "2025"
    assert regimes(case.when("link_case", reference="X-2020-0011", open_under="2020", officers=["B"]))["B"] == "2020"
    assert regimes(case.when("link_case", reference="X-2020-0012", open_under="2020"))["B"] == "2020"


def test_a_day_of_their_own_counts_in_the_referral_too_and_of_one_officer_alone() -> None:
    case = both_at_once()
    assert regimes(case) == {"": "2020", "A": "2020", "B": "2025"}
    assert regimes(case.when("add_officer", officer="C", person="person-c"))["C"] == "2020"


def test_whom_a_day_of_their_own_brings_under_the_amendments_does_not_bring_others_there() -> None:
    kept = linked().when("add_officer", officer="D", person="person-d", at="2025-06-12", first_known="2025-06-10")
    assert regimes(kept)["D"] == "2025"
    assert regimes(kept.when("add_officer"))["C"] == "2020"


def test_a_link_to_an_older_matter_of_2012_told_later_leaves_nobody_out() -> None:
    case = older().when("link_case").then("case_linked", regime="2012", apart=())
    assert set(regimes(case).values()) == {"2012"}


def test_nobody_stays_apart_in_a_matter_of_2025() -> None:
    referred(first_known=IN_2025).when("link_case", open_under=None).then("case_linked", regime="2025", apart=())


def test_in_a_matter_of_2012_a_day_of_their_own_changes_nothing() -> None:
    case = referred(first_known="2019-01-10").when("add_officer", at="2025-06-12", first_known="2025-06-10")
    assert set(regimes(case).values()) == {"2012"}


# --- The day on which any of three knew


def known_first(to_any: str | None = "2025-05-20", **facts: Any) -> Given:
    return referred(first_known="2025-05-30", first_known_to_any=to_any, **facts)


@pytest.mark.parametrize(
    ("to_any", "regime"), [("2025-05-20", "2020"), ("2025-05-27", "2020"), ("2025-05-28", "2025"), (None, "2025")]
)
def test_an_allegation_of_which_the_iopc_knew_before_28_may_2025_is_under_the_regulations_before(
    to_any: str | None, regime: str
) -> None:
    case = known_first(to_any)
    assert regimes(case) == {"": "2025", "A": regime}  # on complaints the authority's day decides (reg 66)
    assert regimes(case.when("add_officer"))["C"] == regime
    assert ("the IOPC on 20 May 2025" in case.history[0].tell()) == (to_any == "2025-05-20")


def test_the_regulations_on_complaints_go_by_the_day_of_the_authority() -> None:
    known_first().up_to("submit_report").when("certify_special_conditions").then("special_conditions_certified")


def test_an_officer_of_whom_nobody_knew_before_is_under_the_amendments_in_such_a_matter_too() -> None:
    assert regimes(known_first().when("add_officer", at="2025-06-02", first_known="2025-06-01"))["C"] == "2025"


@pytest.mark.parametrize(("under", "regime"), [(None, "2020"), ("2020", "2020"), ("2012", "2012")])
def test_a_link_told_later_leaves_such_an_officer_under_2020_unless_2012_governs(
    under: str | None, regime: str
) -> None:
    case = known_first().when("add_officer").when("link_case", open_under=under)
    assert {regimes(case)[officer] for officer in "AC"} == {regime}


def test_what_the_iopc_directs_governs_whatever_the_day() -> None:
    case = known_first().when("direct_present_regulations", at="2025-07-01")
    assert set(regimes(case).values()) == {"2025"}
    assert set(regimes(case.when("add_officer")).values()) == {"2025"}
    case = older().when("direct_present_regulations", at="2025-07-01")
    assert set(regimes(case).values()) == {"2025"}


def test_the_authority_is_one_of_those_three() -> None:
    with pytest.raises(ValidationError, match="no later than first_known"):
        referral(first_known="2025-05-30", first_known_to_any="2025-05-31")


def test_nobody_is_added_before_the_allegation_was_known() -> None:
    referred(first_known="2025-01-10").when("add_officer", at="2025-06-12", first_known="2025-06-13").refused(
        "out_of_order"
    )
    officers = [{"officer": "A", "person": "person-a", "first_known": "2025-06-13"}]
    with pytest.raises(OutOfOrder):
        referred(first_known="2025-01-10", officers=officers, occurred_at="2025-06-12T12:00:00Z")


def test_a_gross_misconduct_finding_of_2025_is_dismissal_for_the_one_and_not_for_the_other() -> None:
    case = linked("A").up_to("conclude_hearing", respond_to_notice={"by": "clerk"})
    case.when("impose_outcome", officer="A", sanction="final_written_warning").then("outcome_imposed")
    assert case.when("impose_outcome", officer="B", sanction="final_written_warning").refusal is not None


def test_a_link_names_officers_of_the_case() -> None:
    with pytest.raises(ValidationError, match="names an officer who is not in it"):
        referral(linked_cases=[{"reference": "X-2020-0009", "officers": ["Z"]}])


# --- What the IOPC directs


def test_a_matter_investigated_again_is_under_the_present_regulations() -> None:
    case = referred(first_known="2019-01-02").up_to("decide_case_to_answer", decide_case_to_answer=NO_CASE)
    again = case.when("direct_reinvestigation", at="2021-03-01").then("reinvestigation_directed", regime="2020")
    assert (again.case.stage, again.officer().disposal, again.case.investigator) == ("referral", None, None)
    again = again.when("appoint_investigator", investigator="investigator-2")
    again = again.when("submit_report", who="investigator-2").clock("case_to_answer_decision_iopc/A", state="due")
    again.when("decide_case_to_answer").then("case_to_answer_decided")


@pytest.mark.parametrize(("at", "regime"), [("2025-05-27", "2020"), ("2025-05-28", "2025")])
def test_which_are_the_present_ones_is_a_matter_of_the_day(at: str, regime: str) -> None:
    case = referred().up_to("submit_report").when("direct_reinvestigation", at=at)
    case.then("reinvestigation_directed", regime=regime)


def test_a_reinvestigation_ends_what_was_owed_on_the_first_report() -> None:
    case = referred().up_to("submit_report").when("direct_reinvestigation")
    case.clock("case_to_answer_decision_iopc/A", state="withdrawn")
    decided = referred().up_to("decide_case_to_answer").when("direct_reinvestigation")
    decided.clock("notice_of_referral/A", state="withdrawn")


def test_what_the_iopc_directed_no_later_link_takes_back() -> None:
    case = referred(first_known="2019-01-02").when("direct_present_regulations", at="2021-03-01").when("link_case")
    assert case.case.regime == "2020"


def test_the_present_regulations_may_govern_without_another_investigation() -> None:
    case = referred(first_known="2019-01-02").up_to("serve_notice", serve_notice={"at": "2021-02-26"})
    case = case.when("direct_present_regulations", at="2021-03-01").then("present_regulations_directed", regime="2020")
    case.clock("reps_to_investigator_2012/A", state="withdrawn").clock("reps_to_investigator/A", due="2021-03-12")


REFUSED = {
    "no link to itself": refusal(referred, "link_case", "malformed", reference="X-2020-0001"),
    "no link twice": refusal("link_case", "link_case", "already_done", open_under=None),
    "no link of a stranger": refusal(referred, "link_case", "not_found", officers=["Z"]),
    "nothing is investigated again before it was": refusal(
        "serve_notice", "direct_reinvestigation", "out_of_order", "PRA 2002 s.13B"
    ),
    "nor under proceedings": refusal("refer_to_proceedings", "direct_reinvestigation", "wrong_stage"),
    "nor after special conditions": refusal(
        lambda: referred().up_to("certify_special_conditions").up_to("submit_report"),
        "direct_reinvestigation",
        "wrong_stage",
    ),
    "no newer regulations than there are": refusal(
        lambda: referred(first_known=IN_2025), "direct_present_regulations", "already_done"
    ),
    "none before they were in force": refusal(
        lambda: referred(first_known="2019-01-02"), "direct_present_regulations", "unlawful", PRESENT, at="2020-01-31"
    ),
    "only the IOPC directs": refusal(referred, "direct_present_regulations", "not_permitted", by=AA),
    "and the IOPC records links too, but not to itself": refusal(
        referred, "link_case", "malformed", by=IOPC, reference="X-2020-0001"
    ),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()
