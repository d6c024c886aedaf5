"""Outcome: what follows a finding, how it is told and published, appeals, and the end of the case."""

from typing import Any

import pytest

from domain.regimes import lawful_sanctions
from domain.vocabulary import Finding, Proceedings, Regime
from tests.kit import AA, CHAIR, NO_CASE, Given, Refusal, referred, refusal

KNOWN = {"2012": "2019-01-02", "2020": "2020-07-04", "2025": "2025-05-28"}
REG_42 = "PCR 2020 reg 42"
REG_42_8 = "PCR 2020 reg 42(8)"
REG_42_IN_2025 = "PCR 2020 reg 42 as amended by SI 2025/558"
REG_35 = "PCR 2012 reg 35"
FORMER = "PCR 2020 Sch 1; SI 2017/1134"
SINCE_2020 = ["2020", "2025"]
ALL = ["2012", *SINCE_2020]
WARNINGS = ["written_warning", "final_written_warning"]


def concluded(regime: str, proceedings: str, finding: str, *, warned: bool = False, left: bool = False) -> Given:
    """Proceedings of this regime that ended with this finding: against an officer with a live final warning, or who
    has left."""
    gross = finding == "gross_misconduct" or (proceedings == "hearing" and not warned)
    case = referred(first_known=KNOWN[regime]).up_to(
        "conclude_hearing",
        assess_severity={"live_final_warning": warned},
        decide_case_to_answer={"decision": "gross_misconduct" if gross else "misconduct", "disposal": proceedings},
        name_panel={} if proceedings == "hearing" else {"members": [], "adviser": None},
        record_finding={"finding": finding},
    )
    return case.when("record_departure") if left else case


@pytest.mark.parametrize(
    ("act", "facts", "event", "said"),
    [
        ("impose_outcome", {}, "outcome_imposed", {"sanction": "dismissal_without_notice", "proceedings": "hearing"}),
        ("issue_report", {}, "outcome_report_issued", {"proceedings": "hearing"}),
        ("notify_officer", {}, "officer_notified", {"sanction": "dismissal_without_notice", "live_until": None}),
        ("publish_outcome", {}, "outcome_published", {"officer": "A"}),
        ("report_to_barred_list", {}, "barred_list_reported", {"officer": "A"}),
        ("close_case", {}, "case_closed", {}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    referred().before(act).when(act, **facts).then(event, **said)


# --- Which sanctions are lawful: regime, proceedings, finding, live final warning, former officer

LAWFUL: list[tuple[list[str], str, str, dict[str, bool], list[str]]] = [
    (["2012"], "meeting", "misconduct", {}, ["no_action", "management_advice", *WARNINGS]),
    (["2012"], "hearing", "misconduct", {}, ["management_advice", *WARNINGS]),
    (
        ["2012"],
        "hearing",
        "misconduct",
        {"warned": True},
        ["management_advice", *WARNINGS, "dismissal_with_notice", "dismissal_without_notice"],
    ),
    (
        ["2012"],
        "hearing",
        "gross_misconduct",
        {},
        ["management_advice", *WARNINGS, "dismissal_with_notice", "dismissal_without_notice"],
    ),
    (["2012"], "meeting", "not_proven", {}, ["no_action"]),
    (["2012"], "hearing", "not_proven", {}, ["no_action"]),
    (SINCE_2020, "meeting", "misconduct", {}, WARNINGS),
    (SINCE_2020, "hearing", "misconduct", {}, WARNINGS),
    (SINCE_2020, "hearing", "misconduct", {"warned": True}, ["reduction_in_rank", "dismissal_without_notice"]),
    (
        ["2020"],
        "hearing",
        "gross_misconduct",
        {},
        ["final_written_warning", "reduction_in_rank", "dismissal_without_notice"],
    ),
    (["2020"], "hearing", "gross_misconduct", {"warned": True}, ["reduction_in_rank", "dismissal_without_notice"]),
    (["2025"], "hearing", "gross_misconduct", {}, ["dismissal_without_notice"]),
    (["2025"], "hearing", "gross_misconduct", {"warned": True}, ["dismissal_without_notice"]),
    (SINCE_2020, "meeting", "not_proven", {}, ["no_action", "reflective_practice"]),
    (SINCE_2020, "hearing", "not_proven", {}, ["no_action", "reflective_practice"]),
    (SINCE_2020, "hearing", "not_proven", {"left": True}, ["no_action"]),
    (ALL, "hearing", "gross_misconduct", {"left": True}, ["would_have_been_dismissed", "no_action"]),
    (ALL, "hearing", "misconduct", {"left": True}, ["no_action"]),
]
SANCTIONS = [
    "no_action",
    "reflective_practice",
    "management_advice",
    *WARNINGS,
    "reduction_in_rank",
    "dismissal_with_notice",
    "dismissal_without_notice",
    "would_have_been_dismissed",
]
CASES = [
    pytest.param(regime, row, id=f"{regime} {row[1]} {row[2]} {' '.join(row[3])}".strip())
    for row in LAWFUL
    for regime in row[0]
]


@pytest.mark.parametrize(("regime", "row"), CASES)
def test_the_lawful_sanctions_and_no_others(regime: str, row: tuple[Any, str, str, dict[str, bool], list[str]]) -> None:
    _, proceedings, finding, about, lawful = row
    case = concluded(regime, proceedings, finding, **about)
    viewed = case.when("give_views_on_reduction")
    case = case if viewed.refusal else viewed
    notice = {"dismissal_with_notice": {"takes_effect_on": "2030-06-03"}}
    tried = {
        sanction: case.when("impose_outcome", sanction=sanction, **notice.get(sanction, {})) for sanction in SANCTIONS
    }
    assert {sanction for sanction, then in tried.items() if then.refusal is None} == set(lawful)
    assert {then.refusal.code for then in tried.values() if then.refusal} == {"unlawful"}


@pytest.mark.parametrize(
    ("case", "sanction", "citation"),
    [
        pytest.param(
            ("2012", "hearing", "gross_misconduct"), "reduction_in_rank", REG_35, id="2012 knows no reduction in rank"
        ),
        pytest.param(
            ("2012", "meeting", "misconduct"), "dismissal_with_notice", REG_35, id="a meeting of 2012 does not dismiss"
        ),
        pytest.param(
            ("2020", "meeting", "misconduct"), "dismissal_without_notice", REG_42, id="a meeting does not dismiss"
        ),
        pytest.param(
            ("2020", "hearing", "misconduct"), "management_advice", REG_42, id="management advice ended with 2012"
        ),
        pytest.param(
            ("2020", "hearing", "gross_misconduct"), "dismissal_with_notice", REG_42, id="so did dismissal with notice"
        ),
        pytest.param(("2020", "hearing", "misconduct"), "no_action", REG_42, id="misconduct has an outcome"),
        pytest.param(
            ("2020", "hearing", "not_proven"), "written_warning", f"{REG_42}(1)", id="nothing proven, no warning"
        ),
    ],
)
def test_an_unlawful_sanction_cites_the_regulation(case: tuple[str, str, str], sanction: str, citation: str) -> None:
    concluded(*case).when("impose_outcome", sanction=sanction).refused("unlawful", citation)


@pytest.mark.parametrize("regime", SINCE_2020)
@pytest.mark.parametrize("sanction", WARNINGS)
def test_with_a_live_final_warning_neither_warning_is_given(regime: str, sanction: str) -> None:
    case = concluded(regime, "hearing", "misconduct", warned=True)
    case.when("impose_outcome", sanction=sanction, exceptional_circumstances="None known").refused("unlawful", REG_42_8)


@pytest.mark.parametrize("sanction", ["final_written_warning", "reduction_in_rank"])
def test_from_28_may_2025_gross_misconduct_means_dismissal_unless_circumstances_are_exceptional(sanction: str) -> None:
    case = concluded("2025", "hearing", "gross_misconduct").when("give_views_on_reduction")
    case.when("impose_outcome", sanction=sanction).refused("unlawful", REG_42_IN_2025)
    case.when("impose_outcome", sanction=sanction, exceptional_circumstances="Saved a life under fire").then(
        "outcome_imposed", sanction=sanction
    )


def test_exceptional_circumstances_do_not_give_a_second_final_warning() -> None:
    warned = concluded("2025", "hearing", "gross_misconduct", warned=True)
    exceptional = {"exceptional_circumstances": "Saved a life under fire"}
    warned.when("impose_outcome", sanction="final_written_warning", **exceptional).refused("unlawful", REG_42_IN_2025)
    warned = warned.when("give_views_on_reduction")
    warned.when("impose_outcome", sanction="reduction_in_rank", **exceptional).then("outcome_imposed")


@pytest.mark.parametrize("regime", ALL)
def test_a_former_officer_would_have_been_dismissed(regime: str) -> None:
    case = concluded(regime, "hearing", "gross_misconduct", left=True)
    case.when("impose_outcome", sanction="dismissal_without_notice").refused("unlawful", FORMER)
    case.when("impose_outcome", sanction="would_have_been_dismissed").then("outcome_imposed")


CANNOT_FIND = {
    (Proceedings.MEETING, Finding.GROSS_MISCONDUCT),
    (Proceedings.ACCELERATED_HEARING, Finding.MISCONDUCT),
}


@pytest.mark.parametrize("left", [False, True], ids=["serving", "former"])
@pytest.mark.parametrize("warned", [False, True], ids=["not warned", "live final warning"])
@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("proceedings", Proceedings)
@pytest.mark.parametrize("regime", Regime)
def test_something_lawful_may_follow_every_finding(
    regime: Regime, proceedings: Proceedings, finding: Finding, warned: bool, left: bool
) -> None:
    if (proceedings, finding) in CANNOT_FIND:
        return
    assert list(lawful_sanctions(regime, proceedings, finding, live_final_warning=warned, former_officer=left))


# --- How long warnings live


@pytest.mark.parametrize(
    ("regime", "sanction", "months", "live_until"),
    [
        ("2020", "written_warning", None, "2026-12-25"),
        ("2020", "final_written_warning", None, "2027-06-25"),
        ("2020", "final_written_warning", 24, "2027-06-25"),
        ("2020", "final_written_warning", 60, "2030-06-25"),
        ("2025", "written_warning", 18, "2026-12-25"),
        ("2012", "written_warning", None, "2026-06-25"),
        ("2012", "final_written_warning", None, "2026-12-25"),
    ],
)
def test_a_warning_lives_from_the_day_it_was_notified(
    regime: str, sanction: str, months: int | None, live_until: str
) -> None:
    proceedings = "meeting" if regime == "2025" else "hearing"
    case = concluded(regime, proceedings, "misconduct").when("impose_outcome", sanction=sanction, months=months)
    case = case.when("issue_report").when("notify_officer", at="2025-06-26")
    assert str(case.outcome().live_until) == live_until


@pytest.mark.parametrize(
    ("regime", "sanction", "months", "citation"),
    [
        ("2020", "final_written_warning", 23, "PCR 2020 reg 42(9)(b) [V-frag]; PCR 2020 reg 42(10) [V~]"),
        ("2020", "written_warning", 19, "PCR 2020 reg 42(9)(a)"),
        ("2012", "final_written_warning", 24, REG_35),
        ("2012", "written_warning", 18, REG_35),
    ],
)
def test_a_warning_lives_for_no_other_time(regime: str, sanction: str, months: int, citation: str) -> None:
    case = concluded(regime, "hearing", "misconduct").when("impose_outcome", sanction=sanction, months=months)
    case.refused("unlawful", citation)


def test_only_a_warning_has_a_life() -> None:
    referred().before("impose_outcome").when("impose_outcome", months=24).refused("malformed")


# --- The report, the officer, the public, the lists


def test_dismissal_is_reported_and_published_after_the_officer_was_told() -> None:
    case = referred().up_to("publish_outcome").when("report_to_barred_list")
    outcome = case.outcome()
    assert outcome.reported and outcome.published and outcome.barred_list_reported
    assert outcome.notified_on is not None


def test_an_officer_told_the_outcome_is_finished_unless_an_appeal_is_pending() -> None:
    case = referred().up_to("notify_officer")
    assert case.officer().finished
    case = case.up_to("lodge_appeal")
    assert not case.officer().finished
    assert case.when("decide_appeal").officer().finished


# --- The end


@pytest.mark.parametrize("by", [AA, "iopc"])
def test_a_case_is_closed_when_nothing_is_left_to_decide(by: str) -> None:
    case = referred().up_to("close_case", close_case={"by": by})
    assert case.case.stage == "closed"
    assert case.case.closed_at == case.clock_at


def test_who_cannot_close_a_case_is_told_how_far_each_officer_has_come() -> None:
    case = referred(officers="AB").up_to("submit_report").when("decide_case_to_answer", officer="A")
    refused = case.when("close_case").refusal
    assert refused and refused.sentence == "Something is left to decide about: A (proceedings), B (investigation)."


REFUSED = {
    "no outcome before the hearing is concluded": refusal("record_finding", "impose_outcome", "wrong_stage"),
    "no report before": refusal("record_finding", "issue_report", "wrong_stage"),
    "nothing is told before": refusal("record_finding", "notify_officer", "wrong_stage"),
    "nothing is published before": refusal("record_finding", "publish_outcome", "wrong_stage"),
    "nothing is reported before": refusal("record_finding", "report_to_barred_list", "wrong_stage"),
    "no outcome without proceedings": refusal("submit_report", "impose_outcome", "wrong_stage"),
    "one outcome is imposed": refusal("impose_outcome", "impose_outcome", "already_done"),
    "no report without an outcome": refusal("conclude_hearing", "issue_report", "out_of_order"),
    "no notice without an outcome": refusal("conclude_hearing", "notify_officer", "out_of_order"),
    "no publication without an outcome": refusal("conclude_hearing", "publish_outcome", "out_of_order"),
    "no barred list without an outcome": refusal("conclude_hearing", "report_to_barred_list", "out_of_order"),
    "one report": refusal("issue_report", "issue_report", "already_done"),
    "the officer is told once": refusal("notify_officer", "notify_officer", "already_done"),
    "published once": refusal("publish_outcome", "publish_outcome", "already_done"),
    "reported once": refusal("report_to_barred_list", "report_to_barred_list", "already_done"),
    "the report comes before the officer is told": refusal(
        "impose_outcome", "notify_officer", "out_of_order", "PCR 2020 reg 43(2)"
    ),
    "the officer is told before the public": refusal(
        "issue_report", "publish_outcome", "out_of_order", "PCR 2020 reg 43(9); accelerated hearing: reg 63(5), (7)"
    ),
    "the outcome of a meeting is not published": refusal(
        lambda: (
            concluded("2020", "meeting", "misconduct")
            .when("impose_outcome", sanction="written_warning")
            .when("issue_report")
            .when("notify_officer")
        ),
        "publish_outcome",
        "unlawful",
    ),
    "who was not dismissed is not reported": refusal(
        lambda: concluded("2020", "hearing", "misconduct").when("impose_outcome", sanction="written_warning"),
        "report_to_barred_list",
        "wrong_stage",
        "SI 2017/1135 reg 3(1)",
    ),
    "no case is closed before its outcome": refusal("conclude_hearing", "close_case", "wrong_stage"),
    "nor before the officer was told": refusal("issue_report", "close_case", "wrong_stage"),
    "nor with an appeal pending": refusal("lodge_appeal", "close_case", "wrong_stage"),
    "nor while an appeal may be lodged": refusal("publish_outcome", "close_case", "out_of_order"),
    "nor while another officer's is open": refusal(
        lambda: (
            referred(officers="AB")
            .before("decide_case_to_answer")
            .when("decide_case_to_answer", officer="A", **NO_CASE)
        ),
        "close_case",
        "wrong_stage",
    ),
    "only the chair of the hearing imposes the outcome": refusal(
        "conclude_hearing", "impose_outcome", "not_permitted", by=CHAIR, who="chair-2"
    ),
    "or reports on it": refusal("impose_outcome", "issue_report", "not_permitted", by=CHAIR, who="chair-2"),
    "an officer who is not in the case": refusal("conclude_hearing", "impose_outcome", "not_found", officer="Z"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()
