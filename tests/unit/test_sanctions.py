"""What a sanction needs beside the finding: a live warning, several incidents, notice, views, a life of its own."""

from itertools import product
from typing import Any

import pytest

from domain.regimes import lawful_sanctions
from domain.vocabulary import Finding, Mark, Proceedings, Regime
from tests.kit import Given, Refusal, referred, refusal
from tests.unit.test_outcome import KNOWN, REG_42, concluded

AS_REG_55 = "PCR 2012 reg 35; as reg 55(4), (5)"
EXTENSION = "extension_of_final_written_warning"
EXCEPTIONAL = {"exceptional_circumstances": "Commended since"}
UNCONNECTED = {"unconnected_incidents": "The stop in May and the log in July"}


def warned_in_2012(**facts: Any) -> Given:
    """A hearing of 2012 that found misconduct in an officer whose final warning was live until 31 August 2020."""
    told = {"live_final_warning": True, "final_warning_until": "2020-08-31", **facts}
    return referred(first_known=KNOWN["2012"]).up_to(
        "conclude_hearing",
        assess_severity=told,
        decide_case_to_answer={"decision": "misconduct"},
        record_finding={"finding": "misconduct"},
    )


def two_allegations() -> Given:
    """A hearing of 2020 that found misconduct in two allegations."""
    second: dict[str, Any] = {"allegation": "2", "summary": "Left the log empty", "officers": ["A"]}
    case = referred().when("add_allegation", **second).up_to("record_finding", record_finding={"finding": "misconduct"})
    return case.when("record_finding", allegation="2", finding="misconduct").when("conclude_hearing")


def gross(regime: str = "2020", **record: Any) -> Given:
    return referred(first_known=KNOWN[regime]).up_to("conclude_hearing", assess_severity=record)


# --- What a refusal names


def test_a_refusal_names_the_outcomes_that_may_follow() -> None:
    case = concluded("2020", "hearing", "misconduct").when("impose_outcome", sanction="management_advice")
    case.refused("unlawful", REG_42)
    assert case.refusal is not None
    assert case.refusal.lawful == ("written_warning", "final_written_warning")


# --- The extension of a live final warning (2012)


def test_a_live_final_warning_of_2012_is_extended_by_18_months_from_its_old_end() -> None:
    case = warned_in_2012()
    case.when("impose_outcome", sanction=EXTENSION).refused("unlawful", AS_REG_55)
    case = case.when("impose_outcome", sanction=EXTENSION, **EXCEPTIONAL).then("outcome_imposed", sanction=EXTENSION)
    case = case.when("issue_report").when("notify_officer")
    assert str(case.outcome().live_until) == "2022-02-28"


@pytest.mark.parametrize("months", [17, 19])
def test_an_extension_is_neither_longer_nor_shorter(months: int) -> None:
    case = warned_in_2012()
    case.when("impose_outcome", sanction=EXTENSION, months=months, **EXCEPTIONAL).refused(
        "unlawful", f"{AS_REG_55} [V~]"
    )


def test_a_final_warning_is_extended_on_one_occasion_only() -> None:
    case = warned_in_2012(final_warning_extended=True)
    case.when("impose_outcome", sanction=EXTENSION, **EXCEPTIONAL).refused("unlawful", AS_REG_55)


def test_nothing_is_extended_whose_end_was_not_told() -> None:
    case = warned_in_2012(final_warning_until=None)
    case.when("impose_outcome", sanction=EXTENSION, **EXCEPTIONAL).refused("malformed")


def test_without_a_live_final_warning_there_is_nothing_to_extend() -> None:
    case = concluded("2012", "hearing", "misconduct")
    case.when("impose_outcome", sanction=EXTENSION, **EXCEPTIONAL).refused("unlawful", "PCR 2012 reg 35")


def test_2020_extends_no_warning() -> None:
    case = concluded("2020", "hearing", "misconduct", warned=True)
    case.when("impose_outcome", sanction=EXTENSION, **EXCEPTIONAL).refused("unlawful", "PCR 2020 reg 42(8)")


def test_a_special_case_may_extend_a_live_final_warning() -> None:
    record = {"live_final_warning": True, "final_warning_until": "2021-01-31"}
    case = referred(first_known=KNOWN["2012"]).up_to("assess_severity", assess_severity=record)
    case = case.up_to("certify_special_conditions").when("refer_to_proceedings", at="2020-08-03")
    day = {"list_hearing": {"begins_on": "2020-08-17"}, "open_hearing": {"at": "2020-08-17"}}
    case = case.up_to("conclude_hearing", name_panel={"members": []}, **day)
    case.when("impose_outcome", sanction=EXTENSION, **EXCEPTIONAL).then("outcome_imposed")


# --- Reduction in rank


def test_the_authority_s_views_come_before_a_reduction_in_rank() -> None:
    case = gross()
    case.when("impose_outcome", sanction="reduction_in_rank").refused("unlawful", "PCR 2020 regs 42, 62")
    case = case.when("give_views_on_reduction").then("views_on_reduction_given")
    case.when("impose_outcome", sanction="reduction_in_rank").then("outcome_imposed")


def test_nobody_is_reduced_in_rank_twice() -> None:
    case = gross(reduced_in_rank=True).when("give_views_on_reduction")
    case.when("impose_outcome", sanction="reduction_in_rank").refused("unlawful", "PCR 2020 reg 62(7)")


def test_an_earlier_reduction_told_once_is_remembered() -> None:
    case = referred().up_to("assess_severity", assess_severity={"reduced_in_rank": True})
    case = case.when("assess_severity", severity="misconduct", reduced_in_rank=False)
    assert case.officer().reduced_in_rank


# --- Several unconnected incidents


@pytest.mark.parametrize("sanction", ["reduction_in_rank", "dismissal_without_notice"])
def test_several_unconnected_incidents_open_dismissal_and_reduction_for_misconduct(sanction: str) -> None:
    case = two_allegations().when("give_views_on_reduction")
    case.when("impose_outcome", sanction=sanction).refused("unlawful", REG_42)
    case.when("impose_outcome", sanction=sanction, **UNCONNECTED).then("outcome_imposed", sanction=sanction)


def test_one_allegation_is_not_several_incidents() -> None:
    case = concluded("2020", "hearing", "misconduct")
    case.when("impose_outcome", sanction="dismissal_without_notice", **UNCONNECTED).refused("malformed")


# --- Dismissal with notice (2012)


def test_a_dismissal_with_notice_takes_effect_after_28_days_at_least() -> None:
    case = concluded("2012", "hearing", "gross_misconduct")
    early = {"at": "2019-11-01", "sanction": "dismissal_with_notice", "takes_effect_on": "2019-11-28"}
    case.when("impose_outcome", **early).refused("unlawful", "PCR 2012 reg 35(4)")
    case = case.when("impose_outcome", **{**early, "takes_effect_on": "2019-11-29"}).then("outcome_imposed")
    assert str(case.outcome().takes_effect_on) == "2019-11-29"
    case.clock("barred_list_report/A", due="2019-12-05")  # the day on which it takes effect, a Friday, is day 1
    assert any("From 29 November 2019." in fact.tell() for fact in case.facts)


# --- A career break


def told_of_warning(regime: str) -> Given:
    case = concluded(regime, "hearing", "misconduct").when("impose_outcome", sanction="written_warning")
    return case.when("issue_report").when("notify_officer", at="2024-01-10")


def test_a_warning_does_not_live_through_a_career_break() -> None:
    case = told_of_warning("2020")
    assert str(case.outcome().live_until) == "2025-07-09"
    case = case.when("record_career_break", at="2024-05-01", began_on="2024-04-01", ended_on="2024-04-30")
    assert str(case.then("career_break_recorded").outcome().live_until) == "2025-08-08"
    again = {"at": "2024-06-01", "began_on": "2024-04-30", "ended_on": "2024-05-02"}
    case.when("record_career_break", **again).refused("malformed")


@pytest.mark.parametrize(
    ("began_on", "ended_on"), [("2024-01-09", "2024-02-01"), ("2024-04-02", "2024-04-01"), ("2024-04-01", "2024-05-02")]
)
def test_a_career_break_lies_in_the_warning_s_life_and_is_over(began_on: str, ended_on: str) -> None:
    case = told_of_warning("2020").when("record_career_break", at="2024-05-01", began_on=began_on, ended_on=ended_on)
    case.refused("malformed")


REFUSED = {
    "2012 knows no career break that stops a warning": refusal(
        lambda: told_of_warning("2012"), "record_career_break", "wrong_stage"
    ),
    "nor does a dismissal live": refusal("notify_officer", "record_career_break", "wrong_stage"),
    "2012 knows no reduction to have views on": refusal(
        lambda: concluded("2012", "hearing", "gross_misconduct"),
        "give_views_on_reduction",
        "unlawful",
        "PCR 2012 reg 35(3)",
    ),
    "a meeting does not reduce in rank": refusal(
        lambda: concluded("2020", "meeting", "misconduct"), "give_views_on_reduction", "wrong_stage"
    ),
    "views come before the outcome": refusal("impose_outcome", "give_views_on_reduction", "wrong_stage"),
    "a dismissal with notice says from when": refusal(
        lambda: concluded("2012", "hearing", "gross_misconduct"),
        "impose_outcome",
        "malformed",
        sanction="dismissal_with_notice",
    ),
    "nothing else does": refusal("conclude_hearing", "impose_outcome", "malformed", takes_effect_on="2029-12-01"),
    "only a live warning has an end": refusal(
        "appoint_investigator", "assess_severity", "malformed", final_warning_until="2029-12-01"
    ),
    "a warning in force has not ended": refusal(
        "appoint_investigator",
        "assess_severity",
        "malformed",
        live_final_warning=True,
        final_warning_until="2020-01-01",
    ),
}


@pytest.mark.parametrize("refused", [pytest.param(*row[1:], id=row[0]) for row in REFUSED.items()])
def test_it_is_refused(refused: Refusal) -> None:
    refused.holds()


@pytest.mark.parametrize("proceedings", [Proceedings.MEETING, Proceedings.HEARING])
def test_what_follows_misconduct_of_a_former_officer_was_not_read(proceedings: Proceedings) -> None:
    told = {"live_final_warning": False, "former_officer": True}
    rows = list(lawful_sanctions(Regime.PCR_2020, proceedings, Finding.MISCONDUCT, **told))
    assert [row.mark for row in rows] == [Mark.MEMORY_MEDIUM]


# --- What may follow each finding, written down a second time by hand

# regimes | proceedings | finding | of whom: with or without a live final warning, serving or former; for several
# unconnected incidents | what may follow | what may in exceptional circumstances
FOLLOWS = """
2012 | meeting | misconduct | serving | no_action management_advice written_warning final_written_warning |
2012 | hearing | misconduct | unwarned serving | management_advice written_warning final_written_warning |
2012 | hearing | misconduct | warned serving | management_advice written_warning final_written_warning dismissal_with_notice dismissal_without_notice | extension_of_final_written_warning
2012 | hearing | gross_misconduct | serving | management_advice written_warning final_written_warning dismissal_with_notice dismissal_without_notice |
2012 | hearing | gross_misconduct | warned serving | | extension_of_final_written_warning
2012 | accelerated_hearing | gross_misconduct | unwarned serving | final_written_warning dismissal_without_notice |
2012 | accelerated_hearing | gross_misconduct | warned serving | dismissal_without_notice | extension_of_final_written_warning
2012 | meeting hearing | not_proven | | no_action |
2020 2025 | meeting hearing | not_proven | serving | no_action reflective_practice |
2020 2025 | meeting hearing | not_proven | former | no_action |
2012 2020 2025 | accelerated_hearing | not_proven | | no_action |
2020 2025 | meeting hearing | misconduct | unwarned serving | written_warning final_written_warning |
2020 2025 | meeting | misconduct | warned serving | no_action |
2020 2025 | hearing | misconduct | warned serving | reduction_in_rank dismissal_without_notice |
2020 2025 | hearing | misconduct | unwarned serving several | reduction_in_rank dismissal_without_notice |
2020 | hearing accelerated_hearing | gross_misconduct | unwarned serving | final_written_warning reduction_in_rank dismissal_without_notice |
2020 | hearing accelerated_hearing | gross_misconduct | warned serving | reduction_in_rank dismissal_without_notice |
2025 | hearing accelerated_hearing | gross_misconduct | unwarned serving | dismissal_without_notice | final_written_warning reduction_in_rank
2025 | hearing accelerated_hearing | gross_misconduct | warned serving | dismissal_without_notice | reduction_in_rank
2012 2020 2025 | meeting hearing | misconduct | former | no_action |
2012 2020 2025 | hearing accelerated_hearing | gross_misconduct | former | would_have_been_dismissed no_action |
"""  # noqa: E501  a row is a line
ROWS = [[set(part.split()) for part in line.split("|")] for line in FOLLOWS.strip().splitlines()]


@pytest.mark.parametrize(
    ("regime", "proceedings", "finding"),
    list(product(Regime, Proceedings, Finding)),
    ids=lambda value: str(value),
)
def test_what_may_follow(regime: Regime, proceedings: Proceedings, finding: Finding) -> None:
    for warned, former, several in product((True, False), repeat=3):
        rows = list(
            lawful_sanctions(
                regime,
                proceedings,
                finding,
                live_final_warning=warned,
                former_officer=former,
                unconnected_incidents=several,
            )
        )
        whom = {"warned" if warned else "unwarned", "former" if former else "serving", "several" if several else "one"}
        fit = [
            row for row in ROWS if regime in row[0] and proceedings in row[1] and finding in row[2] and row[3] <= whom
        ]
        for found, written in (("lawful", 4), ("unless_exceptional", 5)):
            assert {each for row in rows for each in getattr(row, found)} == set().union(*(row[written] for row in fit))
