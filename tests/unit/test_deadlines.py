"""Deadlines: when each duty falls due through a whole case, and what becomes of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.case import happen
from domain.deadlines import SetAsideDeadline, next_wake, open_to, set_aside_by
from domain.errors import Malformed
from domain.regimes import TimeLimit, every_time_limit, starting_with, time_limit, time_limits
from domain.state import Deadline, DeadlineState
from domain.vocabulary import Regime, Role
from domain.working_days import end_of_day
from tests.kit import (
    AA,
    CALENDAR,
    CHAIR,
    IOPC,
    NO_CASE,
    OFFICER,
    SUSPENSION,
    Given,
    Refusal,
    accelerated,
    locally,
    moment,
    referred,
    refusal,
)

IN_2012, IN_2020, IN_2025 = "2019-01-02", "2020-07-04", "2025-05-28"
MEETING: dict[str, Any] = {
    "decide_case_to_answer": {"decision": "misconduct", "disposal": "meeting"},
    "name_panel": {"members": [], "adviser": None},
    "record_finding": {"finding": "misconduct"},
    "impose_outcome": {"sanction": "written_warning"},
}


def suspended(on: str, first_known: str = "2025-04-10", **facts: Any) -> Given:
    return referred(first_known=first_known, parties=()).when("impose_restriction", at=on, **facts)


def served(on: str = "2020-07-10") -> Given:
    return referred().up_to("serve_notice", serve_notice={"at": on})


def supplied(on: str = "2020-08-03", first_known: str = IN_2020) -> Given:
    return referred(first_known=first_known).up_to("supply_documents", supply_documents={"at": on})


def with_chair() -> Given:
    return supplied().when("name_panel")


# --- When each duty falls due. A story is told up to an act done on a day; the clock that it sets falls due on another.

DUE: list[tuple[str, str, str, str, dict[str, Any], str, str | None]] = [
    # rule, first known, act, done on, its facts, deadline, due (None: as soon as practicable)
    ("a day", IN_2020, "assess_referral", "2020-07-10", {}, "refer_mandatory_complaint", "2020-07-11"),  # Fri: Sat
    ("a day", IN_2012, "assess_referral", "2019-04-18", {}, "refer_mandatory_complaint", "2019-04-19"),  # Good Friday
    ("a day", IN_2020, "call_in", "2020-07-10", {}, "refer_call_in", "2020-07-11"),  # Fri: Sat
    ("asap", IN_2020, "refer_to_iopc", "2020-07-10", {}, "iopc_mode_decision", None),
    ("4 weeks", IN_2020, "decide_mode", "2020-07-10", {}, "update_parties_first/P1", "2020-08-07"),
    ("4 weeks", IN_2020, "update_party", "2020-07-10", {}, "update_parties_next/P1", "2020-08-07"),
    ("4 weeks", IN_2012, "decide_mode", "2019-01-10", {}, "update_parties_2012_first/P1", "2019-02-07"),
    ("4 weeks", IN_2012, "update_party", "2019-01-10", {}, "update_parties_2012_next/P1", "2019-02-07"),
    (
        "3 WD",
        "2025-04-10",
        "impose_restriction",
        "2025-05-24",
        {"oral": True},
        "suspension_written_confirm/A",
        "2025-05-29",
    ),
    ("7 WD", "2025-04-10", "impose_restriction", "2025-04-17", {}, "suspension_reps/A", "2025-04-30"),
    ("4 weeks", "2025-04-10", "impose_restriction", "2025-04-17", {}, "suspension_review_first/A", "2025-05-19"),
    ("4 weeks", "2025-04-10", "review_restriction", "2025-05-16", {}, "suspension_review_next/A", "2025-06-15"),  # Sun
    ("4 weeks", "2025-04-10", "review_restriction", "2025-05-23", {}, "suspension_review_next/A", "2025-06-23"),
    (
        "3 WD",
        "2025-04-10",
        "review_restriction",
        "2025-05-23",
        {},
        "suspension_review_notice/A",
        "2025-05-29",
    ),  # Mon out
    ("asap", "2025-04-10", "record_restriction_representations", "2025-05-23", {}, "suspension_review_reps/A", None),
    ("28 days", "2025-04-10", "vary_restriction", "2025-05-16", {}, "restriction_review/A", "2025-06-13"),
    ("asap", IN_2020, "appoint_investigator", "2020-07-10", {}, "severity_assessment/A", None),
    ("asap", IN_2020, "appoint_investigator", "2020-07-10", {}, "written_notice_17/A", None),
    ("asap", IN_2012, "appoint_investigator", "2019-01-10", {}, "written_notice_2012/A", None),
    ("4 weeks", IN_2020, "serve_notice", "2020-07-10", {}, "officer_progress_update_first/A", "2020-08-09"),
    ("10 WD", IN_2020, "serve_notice", "2020-08-28", {}, "reps_to_investigator/A", "2020-09-14"),  # bank holiday 31 Aug
    ("10 WD", IN_2012, "serve_notice", "2019-04-17", {}, "reps_to_investigator_2012/A", "2019-05-03"),  # Easter
    ("4 weeks", IN_2020, "update_party", "2020-07-10", {"party": "A"}, "officer_progress_update_next/A", "2020-08-09"),
    (
        "4 weeks",
        IN_2012,
        "update_party",
        "2019-01-10",
        {"party": "A"},
        "officer_progress_update_next_2012/A",
        "2019-02-07",
    ),
    (
        "5 WD",
        IN_2020,
        "arrange_interview",
        "2023-03-20",
        {"proposed_for": "2023-04-06T10:00+01:00"},
        "interview_alternative/A",
        "2023-04-17",
    ),  # Maundy Thursday
    ("28 days", IN_2020, "seek_views", "2022-03-14", {}, "aa_views_to_dg/A", "2022-04-11"),
    ("asap", IN_2020, "direct_authority", "2022-04-27", {}, "comply_with_direction/A", None),
    ("asap", IN_2020, "submit_report", "2021-12-17", {"indicates_offence": True}, "dpp_notification", None),
    ("asap", IN_2020, "submit_report", "2021-12-17", {}, "case_to_answer_decision_iopc/A", None),
    ("asap", IN_2012, "submit_report", "2019-06-03", {}, "case_to_answer_decision_2012/A", None),
    ("5 WD", IN_2020, "decide_case_to_answer", "2022-04-27", {}, "outcome_to_parties/P1", "2022-05-05"),  # 2 May is out
    (
        "5 WD",
        IN_2020,
        "decide_case_to_answer",
        "2022-04-27",
        {"carries_review_right": True},
        "review_right_notice/P1",
        "2022-05-05",
    ),
    ("28 days", IN_2020, "tell_outcome", "2022-05-05", {}, "complainant_review_application/P1", "2022-06-02"),
    (
        "28 days from the letter",
        IN_2012,
        "tell_outcome",
        "2019-06-10",
        {"letter_dated": "2019-06-07"},
        "complainant_appeal_2012/P1",
        "2019-07-05",
    ),
    ("56 days", IN_2020, "recommend_learning", "2022-05-05", {}, "learning_recommendation_reply/R1", "2022-06-30"),
    ("asap", IN_2020, "decide_case_to_answer", "2022-04-27", {}, "notice_of_referral/A", None),
    ("3 WD", IN_2020, "name_panel", "2023-04-06", {}, "object_to_chair/A", "2023-04-13"),  # Maundy Thursday
    ("15 WD", IN_2020, "supply_documents", "2024-12-20", {}, "officer_response/A", "2025-01-15"),
    ("14 WD", "2018-01-15", "supply_documents", "2019-09-09", {}, "officer_response_2012/A", "2019-09-27"),
    ("30 WD", "2018-01-15", "supply_documents", "2019-09-09", {}, "hearing_held_2012/A", "2019-10-21"),
    ("3 WD", IN_2020, "respond_to_notice", "2025-01-15", {}, "witness_lists/A", "2025-01-20"),
    ("3 WD", IN_2012, "respond_to_notice", "2019-09-27", {}, "witness_lists_2012/A", "2019-10-02"),
    ("3 WD", IN_2020, "respond_to_notice", "2025-01-15", {}, "witness_lists_officer/A", "2025-01-20"),
    ("3 WD", IN_2012, "respond_to_notice", "2019-09-27", {}, "witness_lists_officer_2012/A", "2019-10-02"),
    ("10 WD", "2025-01-03", "respond_to_notice", "2025-01-08", {}, "documents_to_chair/A", "2025-01-22"),
    ("10 WD", IN_2020, "exchange_witness_lists", "2025-01-20", {}, "lists_to_chair/A", "2025-02-03"),
    (
        "5 WD",
        IN_2020,
        "arrange_pre_hearing",
        "2025-01-29",
        {"held_on": "2025-04-14"},
        "pre_hearing_alternative/A",
        "2025-04-23",  # Good Friday and Easter Monday are out
    ),
    (
        "5 WD",
        IN_2012,
        "list_hearing",
        "2019-03-29",
        {"begins_on": "2019-04-15"},
        "proceedings_alternative_date_2012/A",
        "2019-04-24",
    ),
    (
        "the day",
        IN_2020,
        "hold_pre_hearing",
        "2025-01-29",
        {"begins_on": "2025-03-10"},
        "hearing_date_at_prehearing/A",
        "2025-03-10",
    ),
    ("100 WD", IN_2020, "supply_documents", "2024-12-20", {}, "hearing_100wd/A", "2025-05-19"),
    ("15 WD", IN_2020, "supply_chair_documents", "2025-01-29", {}, "pre_hearing/A", "2025-02-19"),
    ("30 WD", IN_2020, "supply_chair_documents", "2025-01-29", {}, "hearing_no_prehearing/A", "2025-03-12"),
    (
        "5 WD before",
        IN_2020,
        "list_hearing",
        "2023-07-03",
        {"begins_on": "2023-09-18"},
        "public_notice_hearing/A",
        "2023-09-11",
    ),
    (
        "5 WD before",
        IN_2020,
        "hold_pre_hearing",
        "2023-07-03",
        {"begins_on": "2023-09-18"},
        "public_notice_hearing/A",
        "2023-09-11",
    ),
    ("5 WD", IN_2020, "conclude_hearing", "2023-10-25", {}, "outcome_report/A", "2023-11-01"),
    ("5 WD", IN_2012, "conclude_hearing", "2019-10-25", {}, "outcome_2012/A", "2019-11-01"),
    ("5 WD", IN_2020, "notify_reflective_review", "2024-12-20", {}, "rprp_account/A", "2024-12-31"),
    ("12 months", IN_2020, "agree_reflective_report", "2024-12-20", {}, "rprp_pdr/A", "2025-12-19"),
    ("5 WD with the day", IN_2020, "impose_outcome", "2023-10-25", {}, "barred_list_report/A", "2023-10-31"),
    ("asap", IN_2020, "issue_report", "2023-10-30", {}, "outcome_to_officer/A", None),
    ("asap", IN_2020, "notify_officer", "2023-10-31", {}, "publish_outcome/A", None),
    ("11 WD", IN_2012, "conclude_hearing", "2021-01-22", {}, "publish_outcome_2012/A", "2021-02-08"),
    ("5 WD with the day", IN_2020, "record_departure", "2023-10-25", {}, "advisory_list_report/A", "2023-10-31"),
    ("10 WD", IN_2020, "notify_officer", "2023-12-20", {}, "pat_notice/A", "2024-01-08"),
    ("3 WD", IN_2020, "name_appeal_person", "2023-04-06", {}, "object_to_appeal_person/A", "2023-04-13"),
    ("5 WD", IN_2020, "determine_grounds", "2025-04-17", {}, "appeal_meeting_held/A", "2025-04-28"),  # Easter
    (
        "5 WD",
        IN_2020,
        "arrange_appeal_meeting",
        "2025-04-09",
        {"meets_on": "2025-04-17"},
        "appeal_meeting_alternative/A",
        "2025-04-28",
    ),
    ("15 WD", IN_2020, "copy_appeal", "2024-12-20", {}, "pat_respondent_docs/A", "2025-01-15"),
    ("20 WD", IN_2020, "supply_appeal_documents", "2024-12-20", {}, "pat_appellant_statement/A", "2025-01-22"),
    ("20 WD", IN_2020, "give_appeal_statement", "2023-12-20", {}, "pat_respondent_reply/A", "2024-01-22"),
    (
        "5 WD before",
        IN_2020,
        "list_appeal_hearing",
        "2023-07-03",
        {"begins_on": "2023-09-18"},
        "pat_public_notice/A",
        "2023-09-11",
    ),
    (
        "5 WD before",
        IN_2012,
        "list_appeal_hearing",
        "2023-07-03",
        {"begins_on": "2023-09-18"},
        "pat_public_notice/A",
        "2023-09-11",
    ),
    ("4 weeks", IN_2012, "review_restriction", "2025-05-16", {}, "suspension_review_next/A", "2025-06-15"),
    (
        "5 WD",
        IN_2012,
        "arrange_interview",
        "2023-03-20",
        {"proposed_for": "2023-04-06T10:00+01:00"},
        "interview_alternative/A",
        "2023-04-17",
    ),
]
DUE_LOCALLY = ("submit_report", "2021-12-17", "case_to_answer_decision/A", "2022-01-12")  # 27, 28 Dec and 3 Jan are out
DUE_OF_MEETINGS: list[tuple[str, str, str, str, str]] = [
    (IN_2020, "supply_documents", "2024-12-20", "meeting_held/A", "2025-01-22"),
    (IN_2012, "supply_documents", "2019-09-09", "meeting_held_2012/A", "2019-10-07"),
    (IN_2020, "notify_officer", "2025-04-17", "appeal_from_meeting/A", "2025-04-30"),
    (IN_2012, "notify_officer", "2019-04-18", "appeal_from_meeting_2012/A", "2019-05-01"),
]


@pytest.mark.parametrize(
    ("first_known", "act", "on", "facts", "deadline", "due"),
    [pytest.param(*row[1:], id=f"{row[5]}: {row[0]} from {row[2]} on {row[3]}") for row in DUE],
)
def test_when_it_falls_due(
    first_known: str, act: str, on: str, facts: dict[str, Any], deadline: str, due: str | None
) -> None:
    case = referred(first_known=first_known).before(act).when(act, at=on, **facts)
    assert deadline in case.clocks_set()
    assert case.deadline(deadline).due == (date.fromisoformat(due) if due else None)
    case.clock(deadline, state="running" if due else "due")


@pytest.mark.parametrize(("first_known", "act", "on", "deadline", "due"), DUE_OF_MEETINGS)
def test_when_it_falls_due_for_a_meeting(first_known: str, act: str, on: str, deadline: str, due: str) -> None:
    case = referred(first_known=first_known).before(act, **MEETING).when(act, at=on)
    case.clock(deadline, due=due, state="running")


DUE_ACCELERATED: list[tuple[str, str, dict[str, Any], str, str | None, str | None]] = [
    # act, done on, its facts, deadline, opens, due
    ("refer_to_proceedings", "2024-12-20", {}, "amh_date/A", "2025-01-08", "2025-01-15"),
    ("refer_to_proceedings", "2024-12-20", {}, "amh_response/A", None, "2025-01-03"),
    ("direct_privacy", "2024-12-20", {"held": "public", "notice_required": True}, "amh_public_notice/A", None, None),
    ("name_panel", "2024-12-20", {"members": []}, "amh_objection/A", None, "2024-12-27"),
    ("remit_to_ordinary_track", "2025-04-17", {}, "amh_remission_notice/A", None, "2025-04-24"),  # Easter
    ("conclude_hearing", "2020-08-28", {}, "amh_report/A", None, "2020-09-07"),  # bank holiday 31 Aug
]


@pytest.mark.parametrize(("act", "on", "facts", "deadline", "opens", "due"), DUE_ACCELERATED)
def test_when_it_falls_due_on_the_accelerated_track(
    act: str, on: str, facts: dict[str, Any], deadline: str, opens: str | None, due: str | None
) -> None:
    so_far = {"refer_to_proceedings": "certify_special_conditions", "conclude_hearing": "record_finding"}
    so_far["direct_privacy"] = "name_panel"
    case = accelerated(so_far.get(act, "supply_documents")).when(act, at=on, **facts)
    case.clock(deadline, due=due, state="running" if due else "due")
    assert str(case.deadline(deadline).opens_on or "") == (opens or "")


def test_when_a_special_case_hearing_is_due() -> None:
    case = accelerated("refer_to_proceedings", at="2019-04-10", first_known=IN_2012)
    assert str(case.clock("amh_date_2012/A", due="2019-05-03").deadline("amh_date_2012/A").opens_on) == "2019-04-26"


def test_when_the_report_of_a_special_case_is_published() -> None:
    heard = accelerated("record_finding", at="2019-05-01", day="2019-05-16", first_known=IN_2012)
    case = heard.when("conclude_hearing", at="2019-06-03").clock("special_case_publish_2012/A", due="2019-06-18")
    case = case.up_to("notify_officer")
    case.when("publish_outcome", at="2019-06-11").refused("unlawful", "PCR 2012 reg 56(7)")
    case.when("publish_outcome", at="2019-06-12").clock("special_case_publish_2012/A", state="met")


def test_the_window_of_an_accelerated_hearing_stays_where_no_other_takes_its_place() -> None:
    case = accelerated("name_panel", at="2021-08-02")
    told = {"replaces": True, "occurred_at": moment("2021-08-04")}  # by a release that took objections before 2024
    replaced, _ = happen(case.case, case.facts[0].model_copy(update=told), CALENDAR)
    assert [each.id for each in replaced.ticking if each.rule.startswith("amh_date")] == ["amh_date/A"]
    assert replaced.deadline("amh_date/A").due == date(2021, 8, 23)
    case = replace(case, case=replaced)
    case.when("list_hearing", at="2021-08-05", begins_on="2021-12-20").refused("unlawful", "PCR 2020 reg 52(1)")


def test_when_it_is_due_after_an_objection() -> None:
    case = accelerated("name_panel", at="2024-12-02").when("object_to_panel", person="chair-1")
    case = case.when("decide_objection", by=AA, person="chair-1")
    case = case.when("name_panel", at="2024-12-20", chair="chair-2", members=[])
    case = case.clock("amh_date_after_objection/A", due="2025-01-15").clock("amh_date/A", state="withdrawn")
    assert str(case.deadline("amh_date_after_objection/A").opens_on) == "2025-01-08"


def test_when_another_day_for_the_meeting_may_be_proposed() -> None:
    case = referred().up_to("name_panel", **MEETING).when("list_hearing", at="2023-03-30", begins_on="2023-04-05")
    case.clock("proceedings_alternative_date/A", due="2023-04-14", state="running")  # 7 and 10 April are out


def test_a_response_told_late_and_given_in_time_moves_the_documents_to_the_chair() -> None:
    case = supplied("2024-12-20").on("2025-01-16").clock("documents_to_chair/A", due="2025-01-29")
    late = case.when("respond_to_notice", at="2025-01-16T12:00").clock("documents_to_chair/A", due="2025-01-29")
    late.no_clock("documents_to_chair/A/2").clock("documents_to_chair/A", state="running")
    in_time = case.when("respond_to_notice", at="2025-01-08").clock("documents_to_chair/A", state="withdrawn")
    in_time.clock("documents_to_chair/A/2", due="2025-01-22", state="running")


def test_nobody_misses_the_hundred_working_days() -> None:
    case = supplied("2024-12-20").on("2025-05-20").clock("hearing_100wd/A", state="lapsed")
    assert not case.deadline("hearing_100wd/A").overdue and case.deadline("hearing_100wd/A").unverified


def test_a_window_moves_with_a_stay_and_opens_early_by_agreement() -> None:
    case = accelerated("name_panel")
    stayed = case.when("stay_proceedings", at="2020-08-04").when("resume_proceedings", at="2020-08-11")
    assert str(stayed.clock("amh_date/A", due="2020-09-01").deadline("amh_date/A").opens_on) == "2020-08-25"
    agreed = case.when("shorten_deadline", deadline="amh_date/A", until="2020-08-10")
    assert str(agreed.clock("amh_date/A", due="2020-08-10").deadline("amh_date/A").opens_on) == "2020-08-10"


def test_the_authority_decides_on_the_report_of_its_own_investigation_within_15_working_days() -> None:
    act, on, deadline, due = DUE_LOCALLY
    locally().before(act).when(act, at=on).clock(deadline, due=due, state="running")


def test_a_party_added_while_the_matter_is_handled_is_told_within_four_weeks_too() -> None:
    case = referred().when("add_party").no_clock("update_parties_first/P2").up_to("decide_mode")
    case = case.clock("update_parties_first/P2").when("add_party", at="2020-07-10", party="P3")
    case.clock("update_parties_first/P3", due="2020-08-07")


def test_a_party_is_told_by_whoever_handles_the_matter() -> None:
    duty = [case.deadline("update_parties_first/P1").duty for case in (locally(), referred().up_to("decide_mode"))]
    assert duty == [AA, IOPC]


@pytest.mark.parametrize(
    ("origin", "deadline"),
    [
        ("complaint", "refer_mandatory_complaint"),
        ("conduct_matter", "refer_mandatory_conduct"),
    ],
)
def test_a_matter_clear_on_a_friday_is_referred_by_the_end_of_saturday(origin: str, deadline: str) -> None:
    case = referred(origin=origin).when("assess_referral", at="2020-07-10T16:00").clock(deadline, due="2020-07-11")
    case.when("refer_to_iopc", at="2020-07-11T23:59:59").clock(deadline, state="met")


@pytest.mark.parametrize("known", [IN_2012, IN_2020, IN_2025])
def test_a_death_or_serious_injury_is_referred_by_the_end_of_the_next_day_and_nothing_is_assessed(known: str) -> None:
    friday = {IN_2012: "2019-01-04", IN_2020: "2020-07-10", IN_2025: "2025-05-30"}[known]
    saturday = (date.fromisoformat(friday) + timedelta(days=1)).isoformat()
    opened = referred(first_known=known, origin="dsi", occurred_at=f"{friday}T16:00Z")
    opened.clock("refer_mandatory_dsi", due=saturday).on("2026-01-01").clock("refer_mandatory_dsi", state="missed")
    opened.when("refer_to_iopc", at=f"{saturday}T22:59:59Z").clock("refer_mandatory_dsi", state="met")


@pytest.mark.parametrize("regime", [IN_2020, IN_2025])
def test_the_2025_amendments_leave_the_limits_of_2020_as_they_were(regime: str) -> None:
    case = referred(first_known=regime).up_to("supply_documents", supply_documents={"at": "2025-09-01"})
    case.clock("officer_response/A", due="2025-09-22")


def test_every_counted_limit_has_a_worked_example_here() -> None:
    worked = {row[5] for row in DUE} | {row[3] for row in DUE_OF_MEETINGS}
    worked |= {row[5].replace("/", "_2012/") for row in DUE if row[1] == IN_2012}  # a part, under the name of the whole
    worked |= {"proceedings_alternative_date"}
    worked |= {row[3] for row in DUE_ACCELERATED} | {
        "amh_date_2012",
        "amh_date_after_objection",
        "special_case_publish_2012",
    }
    worked |= {DUE_LOCALLY[2], "refer_mandatory_conduct", "refer_mandatory_dsi"} | TIMELINESS
    worked |= {"former_officer_window"}  # a condition: worked in test_departure
    worked |= {"publication_kept", "publish_required_2012"}  # worked in test_publication
    worked |= {"barred_list_published", "barred_list_review", "advisory_list_review"}  # after the case
    worked |= {"dismissal_notice_period"}  # a condition: worked in test_sanctions
    worked |= {"appeal_result_notice"}  # the appeal of a meeting, by who determines it: worked in test_appeals
    counted = {row.id for regime in Regime for row in time_limits(regime) if row.count}
    assert counted - {ref.split("/")[0] for ref in worked} == set()


TIMELINESS = {
    "timeliness_pcr_first",
    "timeliness_pcr_next",
    "timeliness_pcmr_local",
    "timeliness_pcmr_local_next",
    "timeliness_pcmr_iopc",
    "timeliness_pcmr_iopc_next",
}


def test_suspension_reviews_each_on_its_last_day() -> None:
    case = suspended("2025-04-17").clock("suspension_review_first/A", due="2025-05-19")
    case = case.when("review_restriction", at="2025-05-19").clock("suspension_review_next/A", due="2025-06-16")
    case = case.when("review_restriction", at="2025-06-16").clock("suspension_review_next/A/2", due="2025-07-14")
    case = case.when("review_restriction", at="2025-07-14").clock("suspension_review_next/A/3", due="2025-08-11")
    case.clock("suspension_review_first/A", state="met").clock("suspension_review_next/A", state="met")


def test_an_officer_who_does_not_respond_does_not_hold_up_the_hearing() -> None:
    case = supplied("2024-12-20").on("2025-01-16")
    case.clock("officer_response/A", state="missed").clock("documents_to_chair/A", due="2025-01-29")
    case = case.when("name_panel").when("supply_chair_documents", at="2025-01-29")
    case.clock("pre_hearing/A", due="2025-02-19").clock("hearing_no_prehearing/A", due="2025-03-12")


def test_dismissal_is_reported_a_working_day_before_the_hearing_is_reported_on() -> None:
    case = referred().up_to("conclude_hearing", conclude_hearing={"at": "2023-10-25"}).when("impose_outcome")
    case.clock("outcome_report/A", due="2023-11-01").clock("barred_list_report/A", due="2023-10-31")


def test_a_hearing_listed_again_has_its_notice_counted_again() -> None:
    case = referred().up_to("list_hearing", list_hearing={"at": "2023-07-03", "begins_on": "2023-09-18"})
    case = case.when("list_hearing", begins_on="2023-10-16")
    case.clock("public_notice_hearing/A", state="withdrawn")
    case.clock("public_notice_hearing/A/2", due="2023-10-09", state="running")


# --- Timeliness: a period ends, and then a report is owed


def test_the_periods_of_an_investigation_end_after_12_months_and_every_6() -> None:
    case = referred(clock="live").up_to("decide_mode").clock("timeliness_pcr_first", due="2021-07-03", state="running")
    case = case.on("2021-07-04").clock("timeliness_pcr_first", state="due")
    case.clock("timeliness_pcr_next", due="2022-01-03", state="running")
    case = case.on("2022-01-04").clock("timeliness_pcr_next", state="due")
    case.clock("timeliness_pcr_next/2", due="2022-07-03", state="running")


def test_at_the_end_of_a_period_a_duty_arises_and_nothing_is_missed() -> None:
    case = referred().on("2021-07-04")
    assert "duty_arose" in {fact.name for fact in case.facts}
    assert not case.deadline("timeliness_pcr_first").overdue
    assert case.deadline("timeliness_pcr_first").outstanding


@pytest.mark.parametrize(
    ("mode", "running", "withdrawn"),
    [("local", "timeliness_pcmr_local", "timeliness_pcmr_iopc"), ("directed", "timeliness_pcmr_iopc", None)],
)
def test_who_reports_on_the_handling_follows_the_mode(mode: str, running: str, withdrawn: str | None) -> None:
    case = referred().up_to("decide_mode").when("decide_mode", mode=mode)
    case.clock(running, due="2021-07-03", state="running")
    if withdrawn:
        case.clock(withdrawn, state="withdrawn")


def test_the_iopc_reports_on_its_own_investigation_every_six_months_too() -> None:
    case = referred().up_to("decide_mode").on("2022-01-04")
    case.clock("timeliness_pcmr_iopc", due="2021-07-03", state="due")
    case.clock("timeliness_pcmr_iopc_next", due="2022-01-03", state="due")
    case.clock("timeliness_pcmr_iopc_next/2", due="2022-07-03", state="running")


def test_the_authority_reports_on_a_local_investigation_every_six_months() -> None:
    case = referred().when("assess_referral", kind="not_required").when("decide_mode", by=AA, mode="local")
    case = case.on("2022-01-04").clock("timeliness_pcmr_local", due="2021-07-03", state="due")
    case.clock("timeliness_pcmr_local_next", due="2022-01-03", state="due")


def test_a_report_within_the_period_is_not_the_report_at_its_end() -> None:
    case = referred().when("report_timeliness", at="2021-06-01").clock("timeliness_pcr_first", state="running")
    case.when("report_timeliness", at="2021-07-05").clock("timeliness_pcr_first", state="met")


@pytest.mark.parametrize("mode", ["independent", "local"])
def test_a_matter_of_2012_that_the_present_regulations_govern_has_their_periods(mode: str) -> None:
    case = (
        referred(first_known=IN_2012)
        .up_to("decide_mode", decide_mode={"mode": mode})
        .when("direct_present_regulations", at="2020-03-02")
    )
    other = {"independent": "iopc", "local": "local"}[mode]
    for first in ("timeliness_pcr_first", f"timeliness_pcmr_{other}"):
        assert case.deadline(first).trigger == date(2019, 1, 2)
        case.clock(first, due="2020-01-01")
    later = case.on("2020-07-02").clock("timeliness_pcr_first", state="due").clock("timeliness_pcr_next", state="due")
    later.clock("timeliness_pcr_next/2", due="2021-01-01", state="running")
    later.clock(f"timeliness_pcmr_{other}_next/2", due="2021-01-01", state="running")
    assert {d.rule for d in later.case.deadlines.values() if d.rule.startswith("timeliness_pcmr")} == {
        f"timeliness_pcmr_{other}",
        f"timeliness_pcmr_{other}_next",
    }


def test_a_late_direction_owes_every_period_that_had_ended_and_one_report_of_each_who_reports_meets_them() -> None:
    case = referred(first_known=IN_2012).up_to("decide_mode").when("direct_present_regulations", at="2024-03-04")
    owed = case.on("2024-03-05")
    for whose in ("timeliness_pcr", "timeliness_pcmr"):
        due = [d for d in owed.case.deadlines.values() if d.rule.startswith(whose) and d.state is DeadlineState.DUE]
        assert [str(d.due) for d in due][::8] == ["2020-01-01", "2024-01-01"] and len(due) == 9
    reported = owed.when("report_timeliness").when("report_timeliness", by=IOPC)
    owed_still = {d.id for d in reported.case.deadlines.values() if d.rule in TIMELINESS and d.outstanding}
    assert owed_still == {"timeliness_pcr_next/9", "timeliness_pcmr_iopc_next/9"}


def test_a_period_that_a_direction_begins_says_that_nothing_was_read_of_when_it_does() -> None:
    directed = (*starting_with("present_regulations_directed"), *starting_with("reinvestigation_directed"))
    said = {row.id for row in directed if "Nothing was read of when the periods begin" in (row.note or "")}
    assert said == {row.id for row in directed if row.period} == {row for row in TIMELINESS if "next" not in row}


def test_no_period_begins_of_an_investigation_that_is_over() -> None:
    case = referred(first_known=IN_2012).up_to("submit_report", submit_report={"at": "2020-02-10"})
    case.when("direct_present_regulations", at="2020-03-02").no_clock("timeliness_pcr_first")
    case = case.when("direct_reinvestigation", at="2020-03-02").clock("timeliness_pcr_first", due="2020-01-01")
    case.clock("timeliness_pcmr_iopc", due="2020-01-01")


def test_the_present_regulations_of_2025_begin_no_period_again() -> None:
    case = referred(first_known="2025-01-02").up_to("decide_mode").when("direct_present_regulations", at="2025-06-02")
    case.clock("timeliness_pcr_first", due="2026-01-01", state="running").no_clock("timeliness_pcr_first/2")


def test_another_investigation_goes_on_with_the_periods_of_the_first() -> None:
    case = referred().up_to("submit_report", submit_report={"at": "2020-12-01"})
    case = case.clock("timeliness_pcr_first", state="withdrawn").when("direct_reinvestigation", at="2021-02-01")
    for first in ("timeliness_pcr_first/2", "timeliness_pcmr_iopc/2"):
        case.clock(first, due="2021-07-03", state="running")
    case = case.on("2023-01-05").clock("timeliness_pcr_first/2", state="due")
    case.clock("timeliness_pcr_next/4", due="2023-07-03", state="running")


def test_another_investigation_asks_for_no_report_that_was_given() -> None:
    """The period after it goes on, which ran when the first investigation was over."""
    told = referred().up_to("serve_notice").when("report_timeliness", at="2021-07-05")
    told = told.when("report_timeliness", at="2021-07-05", by=IOPC).when("submit_report", at="2021-09-01")
    again = told.clock("timeliness_pcr_next", state="withdrawn").when("direct_reinvestigation", at="2021-10-01")
    for whose in ("pcr", "pcmr_iopc"):
        first = f"timeliness_{whose}_first" if whose == "pcr" else f"timeliness_{whose}"
        again.clock(first, state="met").no_clock(f"{first}/2")
        again.clock(f"timeliness_{whose}_next/2", due="2022-01-03", state="running")
    once_more = again.when("appoint_investigator", investigator="investigator-2", at="2021-10-04")
    once_more = once_more.when("submit_report", who="investigator-2", at="2021-11-01")
    once_more = once_more.when("direct_reinvestigation", at="2021-11-02")
    once_more.clock("timeliness_pcr_next/3", due="2022-01-03", state="running")
    once_more.on("2022-01-05").clock("timeliness_pcr_next/4", due="2022-07-03", state="running")


def test_the_end_of_the_investigation_ends_its_periods() -> None:
    case = referred().up_to("serve_notice").when("submit_report", at="2022-08-01")
    assert {case.deadline(ref).state for ref in ("timeliness_pcr_first", "timeliness_pcr_next")} == {"withdrawn"}
    assert not [d for d in case.case.deadlines.values() if d.rule in TIMELINESS and d.outstanding]


# --- Missed, met, made good, told late


def test_what_is_done_on_the_last_day_is_done_in_time() -> None:
    case = suspended("2025-04-17").when("review_restriction", at="2025-05-19T23:59:59")
    case.clock("suspension_review_first/A", state="met")
    assert "deadline_missed" not in {fact.name for fact in case.facts}


def test_the_day_ends_in_london() -> None:
    assert end_of_day(date(2025, 5, 19)).isoformat() == "2025-05-19T23:00:00+00:00"
    suspended("2025-04-17").when("review_restriction", at="2025-05-19T22:59:59Z").clock(
        "suspension_review_first/A", state="met"
    )
    case = suspended("2025-04-17").when("review_restriction", at="2025-05-19T23:00:01Z")
    assert case.clock("suspension_review_first/A", state="missed").deadline("suspension_review_first/A").done_at


def test_midnight_belongs_to_the_next_day() -> None:
    suspended("2025-04-17").when("review_restriction", at="2025-05-20T00:00").clock(
        "suspension_review_first/A", state="missed"
    )


def test_what_is_not_done_by_the_end_of_the_last_day_is_missed() -> None:
    suspended("2025-04-17").on("2025-05-19T23:59").clock("suspension_review_first/A", state="running")
    case = suspended("2025-04-17").on("2025-05-20T00:00").clock("suspension_review_first/A", state="missed")
    missed = case.deadline("suspension_review_first/A")
    assert missed.overdue and missed.missed_at == missed.due_at
    assert [deadline.id for deadline in case.case.overdue] == ["suspension_review_first/A"]


def test_what_is_done_late_is_made_good_and_stays_missed() -> None:
    case = suspended("2025-04-17").when("review_restriction", at="2025-05-21")
    made_good = case.clock("suspension_review_first/A", state="missed").deadline("suspension_review_first/A")
    assert not made_good.overdue and not made_good.outstanding
    assert made_good.done_at is not None
    case.clock("suspension_review_next/A", due="2025-06-18")


@pytest.mark.parametrize(
    ("done", "seen", "told"),
    [
        ("2025-05-16", "2025-05-16", "A: Review the suspension: done in time"),
        ("2025-05-21", "2025-05-21", "A: Review the suspension: made good, late"),
        (
            "2025-05-16",
            "2025-06-01",
            "A: Review the suspension: done in time and told late; the miss that was noted is",
        ),
    ],
)
def test_it_is_told_whether_it_was_done_in_time(done: str, seen: str, told: str) -> None:
    case = suspended("2025-04-17").on(seen).when("review_restriction", at=done)
    assert next(fact for fact in case.facts if fact.name == "deadline_met").tell().startswith(told)


def test_what_was_done_in_time_and_told_late_withdraws_the_miss() -> None:
    case = suspended("2025-04-17").on("2025-06-01").clock("suspension_review_first/A", state="missed")
    case = case.when("review_restriction", at="2025-05-16").clock("suspension_review_first/A", state="met")
    met = next(fact for fact in case.facts if fact.name == "deadline_met")
    assert "the miss that was noted is withdrawn" in met.tell()
    case.clock("suspension_review_next/A", due="2025-06-15")


def test_what_ended_in_time_and_was_told_late_was_never_missed() -> None:
    case = suspended("2025-04-17").on("2025-06-01").clock("suspension_review_first/A", state="missed")
    case.when("lift_restriction", at="2025-05-16").clock("suspension_review_first/A", state="withdrawn")


def test_what_ended_after_it_was_missed_stays_missed_but_is_owed_no_longer() -> None:
    case = suspended("2025-04-17").when("lift_restriction", at="2025-06-01")
    ended = case.clock("suspension_review_first/A", state="missed").deadline("suspension_review_first/A")
    assert not ended.outstanding and not ended.overdue


def test_an_older_review_told_later_does_not_settle_the_review_after_the_newer_one() -> None:
    case = suspended("2025-04-17").when("review_restriction", at="2025-05-16")
    case = case.clock("suspension_review_next/A", due="2025-06-15").when("review_restriction", at="2025-05-02")
    case.clock("suspension_review_next/A", due="2025-06-15", state="running")


def test_a_party_is_kept_informed_until_the_case_is_closed_since_no_other_end_was_read() -> None:
    case = referred().up_to("decide_case_to_answer").when("update_party").when("tell_outcome", review_right=False)
    case.clock("outcome_to_parties/P1", state="met").clock("update_parties_next/P1", state="running")
    notes = [row.note or "" for row in every_time_limit() if row.id.startswith("update_parties") and not row.once]
    assert len(notes) == 2 and all("When this ends was not read" in note for note in notes)


# --- Rights: chances that lapse


def test_a_right_that_is_not_used_lapses_and_nobody_missed_anything() -> None:
    case = served().on("2020-07-25").clock("reps_to_investigator/A", due="2020-07-24", state="lapsed")
    assert not case.deadline("reps_to_investigator/A").overdue
    assert "right_lapsed" in {fact.name for fact in case.facts}


def test_a_lapsed_right_is_reopened_by_an_act_done_in_time_and_told_late() -> None:
    case = served().on("2020-08-01").when("record_representations", at="2020-07-24T17:00")
    case.clock("reps_to_investigator/A", state="met")
    assert any("told late; the lapse that was noted is withdrawn" in fact.tell() for fact in case.facts)


def test_a_lapsed_right_is_not_reopened_by_an_act_done_too_late() -> None:
    case = served().on("2020-08-01").when("record_representations", at="2020-07-27")
    case.then("representations_recorded").clock("reps_to_investigator/A", state="lapsed")


# --- Extended, shortened, set aside


def test_the_chair_extends_the_time_for_a_response() -> None:
    case = supplied().clock("officer_response/A", due="2020-08-24")
    case = case.when("extend_deadline", deadline="officer_response/A", until="2020-09-07")
    case.clock("officer_response/A", due="2020-09-07", state="extended")
    case = case.on("2020-08-25").clock("officer_response/A", state="extended")
    case.on("2020-09-08").clock("officer_response/A", state="missed")


def test_the_time_that_was_extended_is_the_one_that_counts_for_the_chair_s_documents() -> None:
    case = supplied("2024-12-20").when("extend_deadline", until="2025-01-22").on("2025-01-23")
    case.clock("documents_to_chair/A", due="2025-02-05")


def test_a_passed_limit_may_still_be_extended_and_was_missed_until_then() -> None:
    case = supplied().on("2020-08-25").clock("officer_response/A", state="missed")
    case = case.when("extend_deadline", until="2020-09-07").clock("officer_response/A", state="extended")
    assert case.deadline("officer_response/A").missed_at == moment("2020-08-25T00:00")


def test_an_extension_moves_the_warning_too() -> None:
    deadline = supplied().when("extend_deadline", until="2020-09-07").deadline("officer_response/A")
    assert deadline.warn_on == date(2020, 8, 31)


def test_who_was_warned_is_warned_again_of_the_new_day() -> None:
    case = referred(clock="live").up_to("supply_documents", supply_documents={"at": "2020-08-03"}).on("2020-08-20")
    assert case.deadline("officer_response/A").warned
    case = case.when("extend_deadline", until="2020-09-07")
    assert not case.deadline("officer_response/A").warned
    assert case.on("2020-09-01").deadline("officer_response/A").warned


@pytest.mark.parametrize("until", ["2020-08-10", "2020-08-05"])
def test_a_limit_is_shortened_by_agreement_of_authority_officer_and_chair(until: str) -> None:
    case = with_chair().when("shorten_deadline", at="2020-08-05", until=until)
    case.clock("officer_response/A", due=until, state="running")


def test_a_limit_is_shortened_with_the_iopc_where_it_presents_the_case() -> None:
    agreed: dict[str, Any] = {"agreed_by": [AA, OFFICER, CHAIR, IOPC], "iopc_presents": True}
    case = with_chair().when("shorten_deadline", at="2020-08-05", until="2020-08-10", **agreed)
    case.clock("officer_response/A", due="2020-08-10", state="running")


def test_a_chair_does_not_agree_before_being_named() -> None:
    case = referred().up_to("supply_documents", supply_documents={"at": "2020-08-03"})
    case = case.when("name_panel", at="2020-08-07")
    case.when("shorten_deadline", at="2020-08-06", until="2020-08-10").refused("out_of_order", "PCR 2020 reg 22")
    case.when("shorten_deadline", at="2020-08-07", until="2020-08-10").clock("officer_response/A", due="2020-08-10")


# An act and the extension it had rest on are told in either order: what was granted in time counts.


def responded_late() -> Given:
    """Due by 24 August, given on 27 August: late, as far as is known."""
    case = with_chair().when("respond_to_notice", at="2020-08-27").clock("officer_response/A", state="missed")
    assert case.deadline("officer_response/A").missed_at and case.deadline("officer_response/A").done_at
    return case


def test_an_extension_granted_in_time_and_told_after_the_act_withdraws_the_miss() -> None:
    case = responded_late().when("extend_deadline", at="2020-08-21", until="2020-08-28")
    case.clock("officer_response/A", due="2020-08-28", state="met")
    assert case.deadline("officer_response/A").missed_at is None
    assert any(getattr(fact, "miss_withdrawn", False) for fact in case.facts)


def test_an_act_after_the_extended_day_stays_late() -> None:
    case = responded_late().when("extend_deadline", at="2020-08-21", until="2020-08-26")
    late = case.clock("officer_response/A", due="2020-08-26", state="missed").deadline("officer_response/A")
    assert late.missed_at == end_of_day(date(2020, 8, 26)) and not late.overdue


def test_an_extension_granted_after_an_act_was_done_late_changes_nothing() -> None:
    case = responded_late().when("extend_deadline", at="2020-08-28", until="2020-09-01")
    case.refused("unlawful", REG_31)


def test_both_orders_of_telling_end_the_same() -> None:
    told_first = with_chair().when("extend_deadline", at="2020-08-21", until="2020-08-28")
    told_first = told_first.when("respond_to_notice", at="2020-08-27")
    told_last = responded_late().when("extend_deadline", at="2020-08-21", until="2020-08-28")
    assert told_first.deadline("officer_response/A") == told_last.deadline("officer_response/A")


def test_a_right_used_within_an_extension_that_was_told_later_was_used_in_time() -> None:
    used = served().when("record_representations", at="2020-07-28").clock("reps_to_investigator/A", state="lapsed")
    assert any("used after its time had ended" in fact.tell() for fact in used.facts)
    extended = {"by": "investigator", "deadline": "reps_to_investigator/A"}
    case = used.when("extend_deadline", at="2020-07-20", until="2020-07-31", **extended)
    case.clock("reps_to_investigator/A", due="2020-07-31", state="met")
    case = used.when("extend_deadline", at="2020-07-20", until="2020-07-27", **extended)
    case.clock("reps_to_investigator/A", due="2020-07-27", state="lapsed")


def test_a_right_that_lapsed_is_extended_by_what_was_granted_in_time() -> None:
    case = served().on("2020-08-01").clock("reps_to_investigator/A", state="lapsed")
    case = case.when(
        "extend_deadline", at="2020-07-20", until="2020-09-01", by="investigator", deadline="reps_to_investigator/A"
    )
    case.clock("reps_to_investigator/A", state="extended").on("2020-09-02").clock(
        "reps_to_investigator/A", state="lapsed"
    )


@pytest.mark.parametrize(
    ("so_far", "by", "deadline"),
    [
        ("add_party", AA, "timeliness_pcr_first"),
        ("decide_mode", IOPC, "timeliness_pcmr_iopc"),
        ("supply_documents", CHAIR, "hearing_100wd/A"),
        ("respond_to_notice", AA, "documents_to_chair/A"),
    ],
)
def test_a_limit_may_be_found_not_to_apply_by_whoever_owes_it(so_far: str, by: str, deadline: str) -> None:
    case = referred().up_to(so_far).when("set_aside_deadline", by=by, deadline=deadline)
    case.clock(deadline, state="not_applicable").on("2025-07-04").clock(deadline, state="not_applicable")


def test_what_is_owed_as_soon_as_practicable_may_be_set_aside_too() -> None:
    case = referred().up_to("appoint_investigator")
    case = case.when("set_aside_deadline", by="investigator", deadline="written_notice_17/A")
    case.clock("written_notice_17/A", state="not_applicable")


def dismissed() -> Given:
    return referred().up_to("impose_outcome")


NOT_SET_ASIDE: dict[str, tuple[Any, str, str]] = {
    "refer_mandatory_complaint": ("assess_referral", AA, "PRA 2002 Sch 3 para 4(4); PCMR 2020 reg 4 (2012 reg 4)"),
    "refer_mandatory_conduct": (
        lambda: referred(origin="conduct_matter").up_to("assess_referral"),
        AA,
        "PRA 2002 Sch 3 para 13(4); PCMR 2020 reg 7 (2012 reg 7)",
    ),
    "refer_mandatory_dsi": (
        lambda: referred(origin="dsi"),
        AA,
        "PRA 2002 Sch 3 para 14C; PCMR 2020 reg 9 (2012 reg 8)",
    ),
    "refer_call_in": (
        "call_in",
        AA,
        "PRA 2002 Sch 3 paras 4(1)(c), 13(1)(c); PCMR 2020 regs 4, 7 (2012 regs 4, 7)",
    ),
    "comply_with_direction/A": (
        "direct_authority",
        AA,
        "PRA 2002 Sch 3 para 23; paragraph on directions not read",
    ),
    "outcome_report/A": (dismissed, CHAIR, "PCR 2020 reg 43(1)"),
    "barred_list_report/A": (dismissed, AA, "SI 2017/1135 reg 3(1)"),
    "advisory_list_report/A": ("record_departure", AA, "SI 2017/1135 reg 12(1)"),
    "amh_report/A": (lambda: accelerated("conclude_hearing"), CHAIR, "PCR 2020 reg 63(1)"),
}


@pytest.mark.parametrize("deadline", NOT_SET_ASIDE)
def test_what_no_one_has_a_power_over_is_not_set_aside_by_whoever_owes_it(deadline: str) -> None:
    so_far, by, cited = NOT_SET_ASIDE[deadline]
    refusal(so_far, "set_aside_deadline", "unlawful", cited, by=by, deadline=deadline).holds()


@pytest.mark.parametrize("by", [AA, IOPC, CHAIR])
def test_no_review_of_a_suspension_is_set_aside_while_it_goes_on(by: str) -> None:
    case = suspended("2025-04-17").when("record_restriction_representations", at="2025-04-20").on("2025-05-21")
    reviewed = case.when("review_restriction", at="2025-05-21")
    for review, story in (("first", case), ("reps", case), ("next", reviewed)):
        refused = story.when("set_aside_deadline", by=by, deadline=f"suspension_review_{review}/A")
        both = review != "next"  # of the reviews after the first, the words of 2020 were read
        refused.refused("unlawful", "PCR 2020 reg 11(8)" + "; PCR 2012 reg 10" * both)
        title = refused.deadline(f"suspension_review_{review}/A").title
        assert refused.refusal is not None and refused.refusal.sentence == (
            f"{title!r} may not be set aside: it ends with one of these "
            "(restriction reviewed, restriction lifted, restriction varied), "
            "or when the act that it follows from is corrected (`correct_record`)."
        )
    case = reviewed.when("set_aside_deadline", deadline="suspension_review_notice/A")
    case.clock("suspension_review_notice/A", state="not_applicable")


def test_what_stands_says_of_itself_how_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any row may stand: the refusal speaks of what it is about, and of no suspension."""
    case = referred().up_to("appoint_investigator")
    stands = time_limit(Regime.PCR_2020, "written_notice_17").model_copy(update={"stands": True})
    monkeypatch.setattr("domain.deadlines.changes.time_limit", lambda *_: stands)
    refused = case.when("set_aside_deadline", deadline="written_notice_17/A").refused("unlawful", stands.citation)
    assert "(notice served, report submitted)" in str(refused.refusal) and "suspension" not in str(refused.refusal)


def test_the_review_of_a_lesser_restriction_which_no_statute_asks_for_may_be_set_aside() -> None:
    case = referred().when("impose_restriction", measure="restricted_duties")
    case = case.when("set_aside_deadline", deadline="restriction_review/A")
    case.clock("restriction_review/A", state="not_applicable")


@pytest.mark.parametrize("row", [row for row in every_time_limit() if row.keeps_open], ids=lambda row: row.id)
def test_nothing_keeps_a_case_open_for_ever(row: TimeLimit) -> None:
    """A right lapses; what stands is for the authority to do, and what does not is for it to do or to set aside."""
    if row.right:
        assert row.count
    elif row.stands:
        assert row.duty is Role.APPROPRIATE_AUTHORITY
    else:
        facts: dict[str, Any] = {"regime": row.regimes[0], "rule": row.id, "duty": row.duty, "right": False}
        assert set_aside_by(Deadline.model_construct(**facts)) is Role.APPROPRIATE_AUTHORITY


def test_an_officer_s_right_is_not_the_authority_s_to_set_aside() -> None:
    case = referred().up_to("notify_officer")
    cited = case.deadline("pat_notice/A").citation
    case.when("set_aside_deadline", by=AA, deadline="pat_notice/A").refused("not_permitted", cited)
    assert "pat_notice/A" not in {each.id for each in open_to(case.case, SetAsideDeadline)}


def test_to_set_aside_is_not_offered_for_what_stands() -> None:
    case = suspended("2025-04-17")
    assert "suspension_review_first/A" not in {each.id for each in open_to(case.case, SetAsideDeadline)}


REG_31 = "PCR 2020 reg 31(1)"
REFUSED = {
    "the authority does not extend the officer's time": refusal(
        supplied, "extend_deadline", "not_permitted", REG_31, by=AA, until="2020-09-07"
    ),
    "nor the investigator": refusal(
        supplied, "extend_deadline", "not_permitted", REG_31, by="investigator", until="2020-09-07"
    ),
    "nobody extends a mandatory referral": refusal(
        "assess_referral",
        "extend_deadline",
        "unlawful",
        "PRA 2002 Sch 3 para 4(4); PCMR 2020 reg 4 (2012 reg 4)",
        by=AA,
        deadline="refer_mandatory_complaint",
    ),
    "nor a suspension review": refusal(
        lambda: suspended("2025-04-17"),
        "extend_deadline",
        "unlawful",
        "PCR 2020 reg 11(8); PCR 2012 reg 10",
        by=AA,
        deadline="suspension_review_first/A",
        until="2025-06-30",
    ),
    "what has no last day is not extended": refusal(
        "appoint_investigator", "extend_deadline", "unlawful", "PCR 2020 reg 17(1)", deadline="written_notice_17/A"
    ),
    "an extension is to a later day": refusal(supplied, "extend_deadline", "malformed", until="2020-08-24"),
    "what was done is not extended": refusal(
        lambda: supplied().when("respond_to_notice"), "extend_deadline", "already_done", until="2020-09-07"
    ),
    "a right that has lapsed is not extended": refusal(
        lambda: served().on("2020-08-01"),
        "extend_deadline",
        "unlawful",
        "PCR 2020 reg 18(1)",
        by="investigator",
        deadline="reps_to_investigator/A",
        until="2020-09-01",
    ),
    "no deadline of that name": refusal(referred, "extend_deadline", "not_found", deadline="officer_response/A"),
    "a referral is not shortened by agreement": refusal(
        "assess_referral",
        "shorten_deadline",
        "unlawful",
        "PRA 2002 Sch 3 para 4(4); PCMR 2020 reg 4 (2012 reg 4)",
        deadline="refer_mandatory_complaint",
        until="2020-07-06",
    ),
    "what has no last day is not shortened": refusal(
        "appoint_investigator", "shorten_deadline", "unlawful", "PCR 2020 reg 17(1)", deadline="written_notice_17/A"
    ),
    "2012 knew no shortening by agreement": refusal(
        lambda: supplied("2019-09-09", IN_2012),
        "shorten_deadline",
        "unlawful",
        "PCR 2012 reg 22(1)",
        deadline="officer_response_2012/A",
        until="2019-09-20",
    ),
    "nor of a limit that 2012 and 2020 share": refusal(
        lambda: referred(first_known=IN_2012).up_to("name_panel", name_panel={"at": "2019-09-10"}),
        "shorten_deadline",
        "unlawful",
        "PCR 2020 regs 30, 35; PCR 2012 reg 21",
        deadline="object_to_chair/A",
        until="2019-09-12",
    ),
    "nothing is shortened without the officer": refusal(
        supplied, "shorten_deadline", "unlawful", "PCR 2020 reg 22", agreed_by=[AA, CHAIR], until="2020-08-10"
    ),
    "nor without the chair": refusal(
        supplied, "shorten_deadline", "unlawful", "PCR 2020 reg 22", agreed_by=[AA, OFFICER], until="2020-08-10"
    ),
    "nor without the IOPC, if it presents the case": refusal(
        lambda: with_chair(),
        "shorten_deadline",
        "unlawful",
        "PCR 2020 reg 22",
        at="2020-08-05",
        until="2020-08-10",
        iopc_presents=True,
    ),
    "nor by a chair who is not named yet": refusal(
        supplied, "shorten_deadline", "out_of_order", "PCR 2020 reg 22", until="2020-08-10"
    ),
    "on the accelerated track by the same agreement": refusal(
        lambda: accelerated("name_panel"),
        "shorten_deadline",
        "unlawful",
        "PCR 2020 reg 48",
        deadline="amh_date/A",
        until="2020-08-10",
        agreed_by=[AA, CHAIR],
    ),
    "a shorter time ends earlier": refusal(with_chair, "shorten_deadline", "malformed", until="2020-08-24"),
    "but not before it was agreed": refusal(
        with_chair, "shorten_deadline", "malformed", at="2020-08-10", until="2020-08-09"
    ),
    "what was met is not set aside": refusal(
        "refer_to_iopc", "set_aside_deadline", "already_done", deadline="refer_mandatory_complaint"
    ),
    "nor what does not exist": refusal(referred, "set_aside_deadline", "not_found", deadline="patience"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


@pytest.mark.parametrize(
    ("deadline", "by", "so_far"),
    [
        ("reps_to_investigator/A", "investigator", "serve_notice"),
        ("officer_response/A", CHAIR, "supply_documents"),
        ("pre_hearing/A", CHAIR, "supply_chair_documents"),
        ("hearing_no_prehearing/A", CHAIR, "supply_chair_documents"),
    ],
)
def test_each_limit_is_extended_by_whom_the_regulation_names(deadline: str, by: str, so_far: str) -> None:
    case = referred().up_to(so_far).when("extend_deadline", by=by, deadline=deadline, until="2021-01-04")
    case.clock(deadline, due="2021-01-04", state="extended")


def test_a_limit_is_not_extended_to_a_day_that_has_passed() -> None:
    case = supplied().on("2020-12-01").clock("officer_response/A", state="missed")
    case.when("extend_deadline", until="2020-09-01").refused("malformed")


# --- Stayed and resumed


def test_a_stay_stops_the_clock_and_gives_back_the_days_that_were_left() -> None:
    case = supplied().clock("officer_response/A", due="2020-08-24")
    case = case.when("stay_proceedings", at="2020-08-14").clock("officer_response/A", state="paused")
    case = case.on("2020-12-01").clock("officer_response/A", state="paused")
    case = case.when("resume_proceedings", at="2021-03-01").clock(
        "officer_response/A", due="2021-03-09", state="running"
    )  # six working days were left on 14 August
    case.on("2021-03-10").clock("officer_response/A", state="missed")


def test_a_stay_does_not_stop_the_periods_of_an_investigation() -> None:
    case = referred().when("stay_proceedings").clock("timeliness_pcr_first", state="running")
    case.on("2021-07-04").clock("timeliness_pcr_first", state="due")


def test_what_was_missed_before_a_stay_stays_missed() -> None:
    supplied().on("2020-08-25").when("stay_proceedings").clock("officer_response/A", state="missed")


def test_an_act_during_the_stay_settles_what_was_paused() -> None:
    case = supplied().when("stay_proceedings", at="2020-08-14").when("respond_to_notice", at="2020-08-17")
    case.clock("officer_response/A", state="met")


def test_what_is_paused_cannot_be_done_late() -> None:
    case = supplied().when("stay_proceedings", at="2020-08-14").when("respond_to_notice", at="2020-12-01")
    case.clock("officer_response/A", state="met")


@pytest.mark.parametrize(("act", "until"), [("extend_deadline", "2020-09-07"), ("shorten_deadline", "2020-08-20")])
def test_a_new_last_day_does_not_start_a_paused_clock(act: str, until: str) -> None:
    case = supplied().when("stay_proceedings", at="2020-08-14").when(act, until=until)
    assert case.refusal is not None or case.deadline("officer_response/A").state == "paused"


@pytest.mark.parametrize(
    ("case", "deadline"),
    [
        pytest.param(lambda: suspended("2025-04-17"), "suspension_review_first/A", id="reviews of a suspension"),
        pytest.param(
            lambda: referred().when("assess_referral"), "refer_mandatory_complaint", id="referral to the IOPC"
        ),
        pytest.param(lambda: referred().up_to("decide_mode"), "update_parties_first/P1", id="news for the complainant"),
    ],
)
def test_a_stay_of_proceedings_stops_only_the_proceedings(case: Any, deadline: str) -> None:
    case().when("stay_proceedings").clock(deadline, state="running")


# --- Warned


def test_a_live_case_is_warned_before_and_once() -> None:
    case = referred(first_known="2025-04-10", clock="live").when("impose_restriction", at="2025-04-17")
    assert not case.on("2025-05-11T23:59").deadline("suspension_review_first/A").warned
    case = case.on("2025-05-12T00:00")
    assert case.deadline("suspension_review_first/A").warned
    assert [fact.name for fact in case.on("2025-05-13").facts] == []


@pytest.mark.parametrize("clock", ["live", "rehearsed"])
def test_whoever_meets_time_as_it_comes_is_warned(clock: str) -> None:
    case = referred(clock=clock).when("impose_restriction", at="2020-07-10").on("2020-08-03")
    assert case.deadline("suspension_review_first/A").warned


def test_a_recorded_case_is_not_warned_of_its_past() -> None:
    case = referred().when("impose_restriction", at="2020-07-10").on("2020-08-03")
    assert not case.deadline("suspension_review_first/A").warned


@pytest.mark.parametrize("on", ["2025-05-20T00:00", "2025-06-01"])
def test_nobody_is_warned_of_what_is_past_already(on: str) -> None:
    case = referred(first_known="2025-04-10", clock="live").when("impose_restriction", at="2025-04-17").on(on)
    assert "deadline_warned" not in {fact.name for fact in case.facts}


def test_the_notice_of_a_hearing_is_warned_of_too() -> None:
    case = referred(clock="live").up_to("list_hearing", list_hearing={"begins_on": "2020-09-14"})
    assert case.deadline("public_notice_hearing/A").warn_on == date(2020, 9, 4)


def test_the_next_thing_that_time_does_is_known_to_a_live_case_only() -> None:
    live = referred(clock="live").when("impose_restriction", at="2020-07-10", oral=True)
    wake = next_wake(live.case)
    assert wake is not None
    assert (wake[0], wake[1].id) == (end_of_day(date(2020, 7, 13)), "suspension_written_confirm/A")
    assert next_wake(referred().case) is None
    assert next_wake(live.up_to("close_case").case) is None


# --- What ends with what


def test_a_restriction_that_ends_with_the_outcome_takes_its_reviews_with_it() -> None:
    case = referred().when("impose_restriction").up_to("impose_outcome")
    case.clock("suspension_review_first/A", state="withdrawn").clock("suspension_reps/A", state="withdrawn")


def test_another_measure_starts_other_reviews() -> None:
    case = suspended("2025-04-17").when("vary_restriction", at="2025-05-01")
    case.clock("suspension_review_first/A", state="withdrawn").clock("restriction_review/A", due="2025-05-29")
    case = case.when("vary_restriction", at="2025-05-09", **SUSPENSION)
    case.clock("suspension_review_first/A/2", due="2025-06-08", state="running")


def test_a_review_of_restricted_duties_after_their_four_weeks_settles_them() -> None:
    case = referred().when("impose_restriction", at="2020-07-10", measure="restricted_duties")
    case = case.on("2020-08-08").clock("restriction_review/A", state="due").when("review_restriction", at="2020-08-10")
    case.clock("restriction_review/A", state="met").clock("restriction_review/A/2", due="2020-09-07", state="running")


def test_an_early_review_of_restricted_duties_starts_their_four_weeks_again() -> None:
    case = referred().when("impose_restriction", at="2020-07-10", measure="restricted_duties")
    case = case.when("review_restriction", at="2020-07-20").clock("restriction_review/A/2", due="2020-08-17")
    assert not case.deadline("restriction_review/A").outstanding


def test_a_second_notice_starts_the_time_for_representations_again() -> None:
    case = served("2020-07-10").when("serve_notice", at="2020-07-20")
    case.clock("reps_to_investigator/A", state="withdrawn").clock("reps_to_investigator/A/2", due="2020-08-03")


def test_another_decision_for_proceedings_leaves_one_notice_owed() -> None:
    case = referred().up_to("submit_report")
    case = case.when("decide_case_to_answer", decision="misconduct", disposal="meeting").when("decide_case_to_answer")
    case.clock("notice_of_referral/A", state="withdrawn").clock("notice_of_referral/A/2", state="due")


def test_withdrawal_from_proceedings_ends_their_clocks() -> None:
    case = referred().up_to("withdraw_from_proceedings")
    case.clock("officer_response/A", state="withdrawn").clock("object_to_chair/A", state="withdrawn")


def test_another_assessment_ends_the_day_for_a_mandatory_referral() -> None:
    case = referred().when("assess_referral").when("assess_referral", kind="voluntary")
    case.clock("refer_mandatory_complaint", state="withdrawn")


def test_a_matter_found_mandatory_again_is_referred_within_a_day_again() -> None:
    case = referred().when("assess_referral").when("assess_referral", kind="voluntary")
    case.when("assess_referral", at="2020-07-13").clock("refer_mandatory_complaint/2", due="2020-07-14")


def test_an_investigation_that_comes_back_to_the_iopc_is_reported_on_by_the_iopc() -> None:
    case = referred().up_to("decide_mode").when("decide_mode", mode="local").when("decide_mode", mode="independent")
    case.clock("timeliness_pcmr_iopc/2", due="2021-07-03", state="running")


def test_no_progress_of_an_investigation_is_owed_after_its_report() -> None:
    case = referred().up_to("submit_report").when("update_party", party="A")
    assert case.clocks_set() == []


def test_nothing_is_owed_to_or_by_an_officer_who_died() -> None:
    case = served().when("record_departure", departure="died")
    assert not [
        deadline.id for deadline in case.case.deadlines.values() if deadline.subject == "A" and deadline.outstanding
    ]


def test_a_closed_case_owes_nothing() -> None:
    case = referred().up_to("close_case")
    assert not [deadline.id for deadline in case.case.deadlines.values() if deadline.outstanding]
    case.clock("update_parties_first/P1", state="withdrawn")
    assert case.on("2025-01-01").facts == ()


def test_a_decision_for_one_officer_settles_that_officer_s_duty_only() -> None:
    case = locally(officers="AB").up_to("submit_report").when("decide_case_to_answer", officer="A", **NO_CASE)
    case.clock("case_to_answer_decision/A", state="met").clock("case_to_answer_decision/B", state="running")


def test_an_officer_whose_case_is_over_is_owed_no_decision() -> None:
    case = locally(officers="AB").up_to("serve_notice").when("record_departure", officer="A", departure="died")
    case = case.when("submit_report").no_clock("case_to_answer_decision/A")
    case.clock("case_to_answer_decision/B", state="running")


def test_a_joint_act_settles_and_starts_for_every_officer_in_it() -> None:
    case = referred(officers="AB").when("impose_restriction", at="2020-07-10", officers=["A", "B"])
    case = case.when("review_restriction", at="2020-08-07", officers=["B", "A"])
    for officer in "AB":
        case.clock(f"suspension_review_first/{officer}", state="met")
        case.clock(f"suspension_review_next/{officer}", due="2020-09-06", state="running")


def test_a_joint_act_that_is_refused_for_one_settles_nothing_for_the_other() -> None:
    case = referred(officers="AB").when("impose_restriction", at="2020-07-10", officer="A")
    tried = case.when("review_restriction", at="2020-08-07", officers=["A", "B"])
    tried.refused("wrong_stage")
    assert tried.case == case.case


def test_a_limit_is_not_extended_beyond_the_calendar() -> None:
    with pytest.raises(Malformed, match="after 2100"):
        supplied().when("extend_deadline", until="9999-12-31")


# --- What it carries


def test_a_deadline_carries_its_rule_its_trigger_and_its_source() -> None:
    deadline = supplied("2024-12-20").deadline("officer_response/A")
    assert (deadline.rule, deadline.subject, deadline.duty) == ("officer_response", "A", "officer")
    assert (deadline.triggered_by, str(deadline.trigger)) == ("documents_supplied", "2024-12-20")
    assert (deadline.citation, deadline.mark, deadline.regime) == ("PCR 2020 reg 31(1)", "V", "2020")
    assert deadline.calendar == CALENDAR.version
    assert deadline.warn_on == date(2025, 1, 15) - timedelta(days=7)


# --- Stays


def test_a_clock_that_starts_during_a_stay_does_not_run() -> None:
    case = referred().up_to("refer_to_proceedings").when("stay_proceedings").when("supply_documents")
    case.clock("officer_response/A", state="paused")


def test_a_stay_in_time_and_told_late_withdraws_the_miss() -> None:
    case = supplied().on("2020-12-01").when("stay_proceedings", at="2020-08-14")
    case.clock("officer_response/A", state="paused")


def test_the_iopc_that_takes_over_owes_what_the_authority_owed() -> None:
    case = referred().when("assess_referral", kind="voluntary").when("decide_mode", by=AA, mode="local")
    case = case.when("refer_to_iopc").when("decide_mode", mode="independent")
    assert case.deadline("update_parties_first/P1").duty == IOPC
