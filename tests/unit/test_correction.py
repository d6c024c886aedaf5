"""A mistaken event is voided openly; what followed from it is reckoned anew, and nothing else is touched."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.case import fold
from domain.correction import RecordCorrected, as_corrected, voided
from domain.deadlines import DeadlineMissed, DeadlineSet
from domain.vocabulary import Mark, Regime, Role
from tests.kit import AA, CHAIR, CLERK, OFFICER, Given, accelerated, moment, present, record, referred

REPORTED = referred(first_known="2020-07-04").up_to("submit_report", submit_report={"at": "2020-09-01"})


def orally_suspended() -> Given:
    return referred(first_known="2025-04-10").when("impose_restriction", at="2025-04-17", oral=True)


def correction(case: Given) -> RecordCorrected:
    assert case.refusal is None, case.refusal
    fact = case.facts[-1]
    assert isinstance(fact, RecordCorrected)
    return fact


def test_the_mistaken_event_stays_in_the_record_and_no_longer_counts() -> None:
    case = REPORTED.when("correct_record", at="2020-09-02", reasons="The report of another case")
    told = correction(case)
    assert told.what == "report submitted"
    assert case.history[told.event - 1].name == "report_submitted"
    assert str(told.event) in voided(case.history)
    assert not case.case.report_submitted
    assert case.case.version == len(case.history)
    assert "recorded by mistake and is void. The report of another case" in told.tell()


def test_what_it_started_ends() -> None:
    assert REPORTED.deadline("case_to_answer_decision_iopc/A").outstanding
    REPORTED.when("correct_record").no_clock("case_to_answer_decision_iopc/A")


def test_what_it_settled_is_owed_again() -> None:
    suspended = orally_suspended()
    confirmed = suspended.when("confirm_suspension", at="2025-04-22").clock("suspension_written_confirm/A", state="met")
    confirmed.when("correct_record", at="2025-04-22T12:00").clock(
        "suspension_written_confirm/A", "2025-04-24", "running"
    )


def test_what_was_not_done_after_all_is_missed_on_its_own_day() -> None:
    suspended = orally_suspended()
    confirmed = suspended.when("confirm_suspension", at="2025-04-22").on("2025-05-10")
    case = confirmed.when("correct_record", at="2025-05-12", event=confirmed.last_act())
    missed = present(case.deadline("suspension_written_confirm/A").missed_at)
    assert missed == moment("2025-04-25T00:00")
    assert "deadline_missed" in {each.type for each in correction(case).restated}


def test_what_followed_by_itself_is_reckoned_anew() -> None:
    concluded = referred().when("impose_restriction").up_to("impose_outcome")
    assert concluded.case.officers["A"].restriction is None
    case = concluded.when("correct_record")
    assert correction(case).what == "outcome imposed"
    assert case.case.officers["A"].restriction is not None


def test_what_has_nothing_to_do_with_it_is_not_touched() -> None:
    case = referred(officers="AB").when("impose_restriction", officer="A").when("impose_restriction", officer="B")
    told = correction(case.when("correct_record"))
    about_a = [n for n, fact in enumerate(case.history, 1) if "A" == fact.subject]
    assert not {str(n) for n in about_a} & set(told.voided)


def test_the_act_may_be_told_again_rightly_and_corrected_again() -> None:
    mistaken = referred().up_to("assess_severity", assess_severity={"severity": "misconduct"})
    put_right = mistaken.when("correct_record").when("assess_severity", severity="gross_misconduct")
    assert put_right.case.officers["A"].severity == "gross_misconduct"
    again = put_right.when("correct_record", event=put_right.last_act("severity_assessed"))
    assert again.case.officers["A"].severity is None
    assert len(voided(again.history)) == len(correction(again).voided) + len(
        [place for fact in put_right.history if isinstance(fact, RecordCorrected) for place in fact.voided]
    )


def test_a_restated_fact_has_a_place_of_its_own_and_may_be_voided_in_turn() -> None:
    suspended = orally_suspended()
    confirmed = suspended.when("confirm_suspension", at="2025-04-22")
    version = confirmed.last_act()
    missed = confirmed.when("correct_record", at="2025-05-12", event=version)
    restated = {fact.place for fact in as_corrected(missed.history) if "." in fact.place}
    assert restated
    late = missed.when("confirm_suspension", at="2025-05-13")
    assert late.deadline("suspension_written_confirm/A").done_at == moment("2025-05-13")
    imposed = late.last_act("restriction_imposed")
    late.when("correct_record", event=imposed).refused("out_of_order")
    undone = late.when("correct_record", event=late.last_act("suspension_confirmed"))
    undone = undone.when("correct_record", event=imposed)
    undone.no_clock("suspension_written_confirm/A")
    assert restated & set(correction(undone).voided)
    assert undone.case.officers["A"].restriction is None


def test_what_was_restated_is_read_behind_what_set_it() -> None:
    """A miss restated by a correction may not be read before the deadline that was missed was set."""
    suspended = orally_suspended()
    case = suspended.when("confirm_suspension", at="2025-04-22").when("correct_record", at="2025-05-12")
    facts = [fact.event for fact in as_corrected(case.history)]
    about = [fact for fact in facts if getattr(fact, "deadline", "") == "suspension_written_confirm/A"]
    assert isinstance(about[0], DeadlineSet)
    assert any(isinstance(fact, DeadlineMissed) for fact in about[1:])


def test_what_cannot_be_voided_is_refused_with_the_reason() -> None:
    case = referred().when("impose_restriction")
    derived = next(n for n, fact in enumerate(case.history, 1) if fact.derived)
    for version, code, said in (
        (len(case.history) + 1, "not_found", "There is no event"),
        (derived, "malformed", "only follows from others"),
        (2, "out_of_order", "rests on it: correct that one first"),
    ):
        refused = case.when("correct_record", event=version).refused(code)
        assert said in str(refused.refusal)
    live = case.when("go_live")
    assert "time has been enforced since" in str(live.when("correct_record").refused("malformed").refusal)
    voided_once = case.when("correct_record")
    version = correction(voided_once).event
    assert "void already" in str(voided_once.when("correct_record", event=version).refused("already_done").refusal)
    itself = len(voided_once.history)
    assert "a correction itself" in str(voided_once.when("correct_record", event=itself).refused("malformed").refusal)


@pytest.mark.parametrize(
    ("mistaken", "later"),
    [
        ("case_to_answer_decided", "referred_to_proceedings"),
        ("documents_supplied", "response_given"),
        ("restriction_imposed", "restriction_reviewed"),
    ],
)
def test_an_act_on_which_a_later_one_rests_is_corrected_after_that(mistaken: str, later: str) -> None:
    case = referred().when("impose_restriction").when("review_restriction").up_to("respond_to_notice")
    refused = case.when("correct_record", event=case.last_act(mistaken)).refused("out_of_order")
    assert f"({later.replace('_', ' ')})" in str(refused.refusal)


def test_an_officer_is_voided_only_when_nothing_is_about_them() -> None:
    case = referred().when("add_officer", officer="C", person="person-c")
    version = case.last_act()
    told = case.when("impose_restriction", officer="C").when("correct_record", event=version)
    assert "(restriction imposed)" in str(told.refused("out_of_order").refusal)
    assert set(case.when("correct_record", event=version).case.officers) == {"A"}


def test_a_deadline_that_was_extended_keeps_its_act() -> None:
    case = referred().up_to("extend_deadline", supply_documents={"at": "2020-08-03"})
    refused = case.when("correct_record", event=case.last_act("documents_supplied")).refused("out_of_order")
    assert "(deadline extended)" in str(refused.refusal)
    case.when("correct_record", event=case.last_act("deadline_extended")).clock("officer_response/A", "2020-08-24")


def test_only_those_who_keep_the_record_correct_it() -> None:
    for role in (OFFICER, CHAIR):
        REPORTED.when("correct_record", by=role).refused("not_permitted")
    correction(REPORTED.when("correct_record", by=AA))


def test_a_correction_is_folded_with_what_came_before_it() -> None:
    case = REPORTED.when("correct_record")
    with pytest.raises(ValueError, match="whole history"):
        fold(case.facts, REPORTED.case)


def test_a_correction_dated_back_misses_nothing_that_falls_due_since() -> None:
    suspended = orally_suspended()
    confirmed = suspended.when("confirm_suspension", at="2025-04-22").on("2025-05-10")
    case = confirmed.when("correct_record", at="2025-04-23", event=confirmed.last_act()).on("2025-05-11")
    assert case.deadline("suspension_written_confirm/A").due == date(2025, 4, 24)
    case.clock("suspension_written_confirm/A", state="missed")


def test_an_act_that_tells_of_the_state_is_corrected_first() -> None:
    """An update to the officer after the report starts no further clock; without the report it would have."""
    updated = referred(first_known="2018-01-02").up_to("submit_report").when("update_party", party="A")
    report = updated.last_act("report_submitted")
    refused = updated.when("correct_record", event=report).refused("out_of_order")
    assert "(party updated) rests on it: correct that one first" in str(refused.refusal)
    undone = updated.when("correct_record").when("correct_record", event=report).when("update_party", party="A")
    undone.clock("officer_progress_update_next_2012/A", state="running")


def test_what_another_act_would_have_started_alike_follows_from_that_act_then() -> None:
    """Two decisions of one moment start one clock: voiding the first leaves it to the second, voiding both ends it."""
    case = referred(officers="AB").up_to("submit_report")
    decided: dict[str, Any] = {"decision": "none", "disposal": "no_action", "at": case.clock_at}
    case = case.when("decide_case_to_answer", officer="A", **decided)
    first = case.last_act()
    case = case.when("decide_case_to_answer", officer="B", **decided)
    once = case.when("correct_record", event=first).clock("outcome_to_parties/P1", state="running")
    once.when("correct_record", event=case.last_act()).no_clock("outcome_to_parties/P1")


# --- Recorded under other rules


def with_clock(case: Given, *, about: str = "A", after: str = "referred_to_proceedings") -> Given:
    """The case as it was recorded when the last act started a notice that today the chair has to require first."""
    set_then = DeadlineSet(
        occurred_at=case.history[-1].occurred_at,
        deadline=f"amh_public_notice/{about}",
        rule="amh_public_notice",
        about=about,
        duty=Role.APPROPRIATE_AUTHORITY,
        title="Publish the notice of the accelerated hearing",
        triggered_by=after,
        trigger=case.clock_at.date(),
        count=None,
        length=None,
        warn_on=None,
        calendar=case.calendar.version,
        regime=Regime.PCR_2020,
        citation="PCR 2020 reg 53(2)",
        mark=Mark("V"),
        place_inferred=False,
        period=False,
    )
    history = (*case.history, set_then)
    told = record((set_then,), len(case.history), case.record[-1].command, CLERK)
    return replace(case, case=fold(history), history=history, record=case.record + told)


def set_aside(case: Given) -> Given:
    return case.when("set_aside_deadline", deadline="amh_public_notice/A", reasons="The chair does not require it")


def test_what_was_said_of_a_clock_that_no_longer_starts_is_kept() -> None:
    case = set_aside(with_clock(accelerated("refer_to_proceedings")))
    earlier = case.when("correct_record", event=case.last_act("party_added"))
    earlier.clock("amh_public_notice/A", state="not_applicable")
    assert not [each for each in correction(earlier).restated if each.data.get("rule") == "amh_public_notice"]
    case.when("correct_record").clock("amh_public_notice/A", state="due")


def test_the_act_that_started_it_is_not_corrected_before_what_was_said_of_it() -> None:
    case = set_aside(with_clock(accelerated("refer_to_proceedings")))
    refused = case.when("correct_record", event=case.last_act("referred_to_proceedings")).refused("out_of_order")
    assert "(deadline set aside) rests on it" in str(refused.refusal)


def test_a_clock_that_no_longer_starts_goes_with_the_act_that_started_it() -> None:
    case = with_clock(accelerated("refer_to_proceedings"))
    case.when("correct_record").no_clock("amh_public_notice/A")


def test_it_goes_with_the_party_whom_it_is_about_too() -> None:
    case = with_clock(referred().when("assess_referral"), about="P1", after="referral_assessed")
    case.when("correct_record", event=case.last_act("party_added")).no_clock("amh_public_notice/P1")


def test_what_a_later_act_started_because_of_the_mistaken_one_is_not_kept() -> None:
    case = referred().up_to("assess_severity").when("link_case").when("serve_notice")
    case = case.clock("reps_to_investigator_2012/A", state="running")
    case = case.when("correct_record", event=case.last_act("case_linked"))
    case.no_clock("reps_to_investigator_2012/A").clock("reps_to_investigator/A", state="running")
