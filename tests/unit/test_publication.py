"""The report of a hearing before the public, and the lists of the College of Policing."""

from typing import Any

import pytest

from tests.kit import AA, CHAIR, Given, Refusal, accelerated, referred, refusal
from tests.unit.test_outcome import KNOWN, concluded

IN_2012 = KNOWN["2012"]
KEPT = "PCR 2020 reg 43; accelerated hearing: reg 63(7) [V~]"
DISPENSED = "PCR 2020 reg 43(9); accelerated hearing: reg 63(5), (7) [V~]"
REG_36 = "PCR 2012 reg 36, by SI 2015/626 [M h]"


def of_2012(act: str = "notify_officer") -> Given:
    """A hearing of 2012 that was concluded on Friday 22 January 2021, and then up to this act."""
    return referred(first_known=IN_2012).up_to("conclude_hearing", conclude_hearing={"at": "2021-01-22"}).up_to(act)


# --- Before 1 May 2015


def early(begins_on: str) -> Given:
    """A hearing under the 2012 Regulations that is listed for that day."""
    told = {"at": "2015-03-02", "begins_on": begins_on}
    return referred(first_known="2014-01-02").up_to("list_hearing", list_hearing=told)


@pytest.mark.parametrize(
    ("act", "facts"),
    [
        ("publish_hearing_notice", {}),
        ("direct_privacy", {}),
        ("direct_privacy", {"held": "public", "reporting_restricted": True}),
    ],
)
def test_a_hearing_was_not_public_before_1_may_2015(act: str, facts: dict[str, Any]) -> None:
    early("2015-04-30").when(act, **facts).refused("unlawful", "PCR 2020 reg 36; PCR 2012 reg 27A")
    early("2015-05-01").when(act, **facts).check_not_refused()
    put_off = early("2015-04-30").when("list_hearing", begins_on="2015-05-01")
    put_off.when(act, **facts).check_not_refused()


def test_how_openly_it_is_held_goes_by_the_day_on_which_it_begins() -> None:
    case = early("2015-04-30")
    assert case.hearing().held == "private"
    case = case.when("list_hearing", begins_on="2015-05-01")
    assert case.hearing().held == "public"
    case = case.when("direct_privacy").when("list_hearing", begins_on="2015-06-01")
    assert case.hearing().held == "partly_private"
    assert case.when("list_hearing", begins_on="2015-04-30").hearing().held == "private"


@pytest.mark.parametrize("act", ["publish_outcome", "decide_publication"])
def test_nor_was_its_report_published(act: str) -> None:
    facts = {"by": AA} if act == "decide_publication" else {}
    before = early("2015-04-20").up_to("notify_officer", open_hearing={"at": "2015-04-20"})
    before.when(act, **facts).refused("unlawful", REG_36)
    told = early("2015-04-30").up_to("open_hearing", open_hearing={"at": "2015-04-30"})
    told = told.up_to("notify_officer", conclude_hearing={"at": "2015-05-01"})
    told.when(act, **facts).check_not_refused()


# --- The window of 2012


def test_the_report_of_2012_is_published_in_five_working_days_beginning_seven_after_the_hearing() -> None:
    case = of_2012().clock("publish_outcome_2012/A", due="2021-02-08", state="running")
    case.when("publish_outcome", at="2021-02-01").refused("unlawful", "PCR 2012 reg 36, by SI 2015/626")
    case = case.when("publish_outcome", at="2021-02-02").then("outcome_published")
    case.clock("publish_outcome_2012/A", state="met")


def test_under_2012_the_authority_need_not_publish() -> None:
    case = of_2012().on("2021-02-09").clock("publish_outcome_2012/A", state="lapsed")
    case = of_2012().when("decide_publication", by=AA).then("publication_decided", publish=False)
    case.clock("publish_outcome_2012/A", state="withdrawn").when("publish_outcome").refused("wrong_stage", REG_36)


def test_under_2012_the_chair_may_require_it_in_the_same_window() -> None:
    case = of_2012("impose_outcome").when("decide_publication", publish=True).then("publication_decided")
    case = case.clock("publish_outcome_2012/A", state="withdrawn").clock("publish_required_2012/A", due="2021-02-08")
    case.when("decide_publication", by=AA).refused("already_done")
    assert case.on("2021-02-09").deadline("publish_required_2012/A").overdue
    case = case.when("issue_report").when("notify_officer")
    case.when("publish_outcome", at="2021-02-01").refused("unlawful", "PCR 2012 regs 36, 56(5)-(9), by SI 2015/626")
    case.when("publish_outcome", at="2021-02-08").clock("publish_required_2012/A", state="met")


def test_a_special_case_has_the_same_window() -> None:
    case = accelerated("conclude_hearing", first_known=IN_2012, at="2020-08-03", day="2020-08-17")
    case.clock("special_case_publish_2012/A", due="2020-09-02", state="running").no_clock("publish_outcome_2012/A")


def test_before_may_2015_nothing_was_published() -> None:
    case = referred(first_known="2014-01-06").up_to("conclude_hearing", conclude_hearing={"at": "2015-04-29"})
    case.no_clock("publish_outcome_2012/A")


# --- Since 2020


def test_since_2020_the_chair_may_dispense_with_it() -> None:
    case = referred().up_to("notify_officer").clock("publish_outcome/A", state="due").when("decide_publication")
    case.then("publication_decided", publish=False).clock("publish_outcome/A", state="withdrawn")
    assert any("not to be published" in fact.tell() for fact in case.facts)
    case.when("publish_outcome").refused("wrong_stage", DISPENSED)


@pytest.mark.parametrize("first_known", KNOWN.values())
def test_a_report_stays_up_for_28_days(first_known: str) -> None:
    case = referred(first_known=first_known).up_to("notify_officer", conclude_hearing={"at": "2026-01-05"})
    case = case.when("publish_outcome", at="2026-01-15")
    case.when("end_publication", at="2026-02-11T23:00").refused("unlawful", KEPT)
    case = case.when("end_publication", at="2026-02-12").then("publication_ended")
    case.when("end_publication").refused("already_done")


# --- The lists


def test_who_leaves_in_the_matter_is_reported_for_the_advisory_list_within_five_working_days() -> None:
    case = referred().up_to("serve_notice").when("record_departure", at="2023-10-27", left_on="2023-10-25")
    case = case.clock("advisory_list_report/A", due="2023-10-31", state="running")
    case = case.when("report_to_advisory_list").then("advisory_list_reported")
    case.clock("advisory_list_report/A", state="met").when("report_to_advisory_list").refused("already_done")


def test_who_had_left_before_is_reported_within_five_working_days_of_the_matter() -> None:
    case = referred(first_known="2023-10-25").when("record_departure", left_on="2023-05-31")
    case.clock("advisory_list_report/A", due="2023-10-31")


def test_nobody_who_died_is_reported() -> None:
    case = referred().up_to("serve_notice").when("record_departure", departure="died")
    case.no_clock("advisory_list_report/A").when("report_to_advisory_list").refused("wrong_stage")


def test_whoever_is_taken_off_the_barred_list_may_be_put_on_it_again() -> None:
    case = referred().up_to("report_to_barred_list").up_to("lodge_appeal").when("decide_appeal", result="set_aside")
    case = case.then("appeal_decided", off_barred_list=True)
    case.when("report_to_barred_list").refused("wrong_stage", "SI 2017/1135 reg 3(1)")
    assert not case.outcome().barred_list_reported


REFUSED = {
    "a meeting has no publication to decide on": refusal(
        lambda: concluded("2020", "meeting", "misconduct").when("impose_outcome", sanction="written_warning"),
        "decide_publication",
        "unlawful",
    ),
    "since 2020 it is not the authority's choice": refusal(
        "impose_outcome", "decide_publication", "not_permitted", DISPENSED, by=AA
    ),
    "nor has it to be required": refusal("impose_outcome", "decide_publication", "malformed", publish=True),
    "another chair does not dispense": refusal(
        "impose_outcome", "decide_publication", "not_permitted", by=CHAIR, who="chair-2"
    ),
    "the chair of 2012 only requires": refusal(
        lambda: of_2012("impose_outcome"), "decide_publication", "not_permitted", REG_36
    ),
    "the authority of 2012 only decides against": refusal(
        lambda: of_2012("impose_outcome"), "decide_publication", "not_permitted", REG_36, by=AA, publish=True
    ),
    "what is published is not decided on": refusal("publish_outcome", "decide_publication", "wrong_stage", DISPENSED),
    "what is not published is not taken down": refusal("notify_officer", "end_publication", "out_of_order", DISPENSED),
    "who serves is on no advisory list": refusal("serve_notice", "report_to_advisory_list", "wrong_stage"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()
