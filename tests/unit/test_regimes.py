"""Regimes: which regulations govern a matter, and that their rows are fit to be shown as law."""

import re
from datetime import date
from typing import Any

import pytest

from domain.case import open_case
from domain.errors import Unlawful
from domain.messages import EVENTS
from domain.regimes import TimeLimit, time_limit, time_limits, warning_life
from domain.vocabulary import Mark, Regime, Sanction
from domain.working_days import count
from tests.kit import CALENDAR, NOW, referral, referred

ROWS = {(regime, row.id): row for regime in Regime for row in time_limits(regime)}
MARKED_FROM_MEMORY = {  # as far as the engine has the rows
    "suspension_review_first",
    "suspension_reps",
    "restriction_review",
    "meeting_held",
    "officer_response_2012",
    "public_notice_hearing",
    "pat_notice",
    "update_parties_2012_first",
}

CONDITIONS = {  # no clock: a rule asks for them
    "action_effective",
    "adjournment",
    "criminal_stay",
    "investigation_report",
    "panel_notice",
    "suspension_window",
    "suspension_authority",
    "suspension_consult_dg",
    "consent_to_leave_2012",
    "dismissal_notice_period",
    "publication_kept",
    "barred_list_published",
    "barred_list_review",
    "advisory_list_review",
    "former_officer_window",
    "refer_voluntary",
    "iopc_treat_as_referred",
    "interview_needs_tor",
}


ON_THE_SHEET = """
aa_views_to_dg action_effective adjournment advisory_list_report amh_date amh_date_after_objection amh_objection
amh_public_notice amh_report amh_response appeal_from_meeting appeal_meeting_alternative appeal_meeting_held
appeal_result_notice barred_list_published barred_list_report barred_list_review case_to_answer_decision
complainant_review_application criminal_stay dismissal_notice_period documents_to_chair dpp_notification
final_written_warning final_written_warning_2012 former_officer_window hearing_100wd hearing_date_at_prehearing
hearing_held_2012 hearing_no_prehearing interview_alternative interview_needs_tor investigation_report
iopc_mode_decision iopc_treat_as_referred learning_recommendation_reply lists_to_chair meeting_held
notice_of_referral object_to_chair officer_progress_update officer_response officer_response_2012 outcome_2012
outcome_report outcome_to_officer outcome_to_parties panel_notice pat_appellant_statement pat_notice
pat_public_notice pat_respondent_docs pat_respondent_reply post_criminal_determination pre_hearing
pre_hearing_alternative proceedings_alternative_date public_notice_hearing publish_outcome publish_outcome_2012
refer_call_in refer_mandatory_complaint refer_mandatory_conduct refer_mandatory_dsi refer_voluntary
reps_to_investigator restriction_review review_right_notice rprp_account rprp_pdr severity_assessment
special_case_publish_2012 suspension_consult_dg suspension_reps suspension_review_first suspension_review_next
suspension_review_notice suspension_window suspension_written_confirm timeliness_pcmr_iopc timeliness_pcmr_local
timeliness_pcr_first timeliness_pcr_next update_parties_2012 update_parties_first update_parties_next
witness_lists written_notice_17 written_warning written_warning_2012
"""
IN_OTHER_ROWS = {  # rows of the sheet that are more than one here, or stand in the table of warnings
    "officer_progress_update": {"officer_progress_update_first", "officer_progress_update_next"},
    "update_parties_2012": {"update_parties_2012_first", "update_parties_2012_next"},
    "written_warning": set(),
    "written_warning_2012": set(),
    "final_written_warning": set(),
    "final_written_warning_2012": set(),
}


@pytest.mark.parametrize("row", ON_THE_SHEET.split())
def test_every_row_of_the_sheet_of_facts_is_data(row: str) -> None:
    ids = {row for _, row in ROWS}
    assert row in ids or IN_OTHER_ROWS[row] <= ids


def test_a_time_limit_is_looked_for_among_all_rows_once(monkeypatch: pytest.MonkeyPatch) -> None:
    row = time_limit(Regime.PCR_2020, "public_notice_hearing")
    monkeypatch.setattr("domain.regimes.time_limits", lambda _: ())
    assert time_limit(Regime.PCR_2020, "public_notice_hearing") is row


@pytest.mark.parametrize(
    ("first_known", "regime"),
    [
        ("2012-11-22", "2012"),
        ("2020-01-31", "2012"),
        ("2020-02-01", "2020"),
        ("2025-05-27", "2020"),
        ("2025-05-28", "2025"),
        ("2026-01-01", "2025"),
    ],
)
def test_the_regime_is_that_of_the_day_the_matter_was_first_known(first_known: str, regime: str) -> None:
    assert referred(first_known=first_known).case.regime == regime


def test_the_day_it_was_known_counts_and_not_the_day_it_was_referred() -> None:
    assert referred(first_known="2020-01-31", occurred_at="2021-06-01T09:00Z").case.regime == "2012"


def linked(*regimes: str | None, first_known: str) -> str:
    links = [{"reference": f"X-LINK-{n}", "open_under": regime} for n, regime in enumerate(regimes)]
    return referred(first_known=first_known, linked_cases=links).case.regime


def test_a_matter_linked_to_an_older_one_that_is_still_open_is_under_its_regime() -> None:
    assert linked("2012", first_known="2020-07-04") == "2012"
    assert linked("2020", first_known="2025-06-01") == "2020"


def test_a_link_to_a_matter_that_is_closed_changes_nothing() -> None:
    assert linked(None, first_known="2020-07-04") == "2020"


def test_a_link_to_a_newer_matter_does_not_take_the_old_law_from_an_old_one() -> None:
    assert linked("2020", first_known="2019-05-01") == "2012"


def test_of_several_open_matters_the_oldest_governs() -> None:
    assert linked("2020", "2012", first_known="2025-06-01") == "2012"


def test_a_link_does_not_open_a_matter_known_before_the_2012_regulations() -> None:
    links = [{"reference": "X-LINK-1", "open_under": "2012"}]
    with pytest.raises(Unlawful):
        open_case(referral(first_known="1999-01-01", linked_cases=links), CALENDAR, NOW)


# --- The rows: a typo in the data turns red here


@pytest.mark.parametrize("row", ROWS.values(), ids=[f"{regime} {row}" for regime, row in ROWS])
def test_a_time_limit_names_events_and_fields_that_exist(row: TimeLimit) -> None:
    for occasion in (*row.starts_with, *row.met_by, *row.ends_with, *row.moved_by):
        assert occasion.event in EVENTS
        fields = EVENTS[occasion.event].model_fields
        asked = {*occasion.where, *([occasion.counted_from] if occasion.counted_from else [])} - {"first_known"}
        assert asked <= set(fields), f"{occasion.event} has no {asked - set(fields)}"


@pytest.mark.parametrize("row", ROWS.values(), ids=[f"{regime} {row}" for regime, row in ROWS])
def test_a_time_limit_asks_for_values_that_its_events_can_have(row: TimeLimit) -> None:
    for occasion in (*row.starts_with, *row.met_by, *row.ends_with, *row.moved_by):
        for name, wanted in occasion.where.items():
            for value in wanted if isinstance(wanted, list) else [wanted]:
                assert _can_be(occasion.event, name, value), f"{occasion.event}.{name} is never {value!r}"


def _can_be(event: str, name: str, value: str | bool) -> bool:
    if name == "rule":
        return value in {row.id for row in ROWS.values()}
    schema = EVENTS[event].model_json_schema(mode="serialization")
    field = schema["properties"][name]
    refs = re.findall(r"#/\$defs/(\w+)", str(field))
    allowed: list[Any] = [each for ref in refs for each in schema["$defs"][ref]["enum"]]
    return value in allowed if refs else isinstance(value, bool) == (field.get("type") == "boolean")


@pytest.mark.parametrize("row", ROWS.values(), ids=[f"{regime} {row}" for regime, row in ROWS])
def test_a_time_limit_stands_somewhere_in_the_law_and_says_how_it_was_read(row: TimeLimit) -> None:
    assert re.search(r"PCR|PCMR|PRA|PAT|SI \d{4}/\d+|none in statute", row.citation)
    assert row.mark in Mark
    assert row.title[0].isupper() and not row.title.endswith(".")
    assert (row.starts_with and (row.met_by or row.right)) or row.id in CONDITIONS


@pytest.mark.parametrize("row", ROWS.values(), ids=[f"{regime} {row}" for regime, row in ROWS])
def test_a_time_limit_has_a_count_and_a_length_or_neither(row: TimeLimit) -> None:
    assert (row.count is None) == (row.length is None)
    assert not row.period or row.count
    assert not row.may_extend or row.count
    if row.count and row.length:
        assert count(CALENDAR, row.count, row.length, date(2020, 7, 4)).length == row.length


def test_every_row_serves_a_regime_and_no_id_stands_twice_in_one() -> None:
    for regime in Regime:
        ids = [row.id for row in time_limits(regime)]
        assert len(ids) == len(set(ids))
        assert all(regime in row.regimes for row in time_limits(regime))


def test_what_was_2012_only_is_not_in_2020_and_the_other_way_round() -> None:
    old, new = ({row.id for row in time_limits(regime)} for regime in (Regime.PCR_2012, Regime.PCR_2020))
    assert {row for row in old - new if "2012" not in row} == {"dismissal_notice_period"}
    assert {row for row in new if "2012" in row} == set()
    assert {row.id for row in time_limits(Regime.PCR_2025)} == new


def test_figures_from_memory_keep_their_flag() -> None:
    from_memory = {row.id for row in ROWS.values() if row.count and row.mark.unverified}
    assert MARKED_FROM_MEMORY <= from_memory


def test_a_time_limit_that_a_regime_does_not_know_is_not_found() -> None:
    with pytest.raises(KeyError):
        time_limit(Regime.PCR_2012, "officer_response")


WARNINGS = {regime: {Sanction.WRITTEN_WARNING, Sanction.FINAL_WRITTEN_WARNING} for regime in Regime}
WARNINGS[Regime.PCR_2012] |= {Sanction.EXTENSION_OF_FINAL_WRITTEN_WARNING}


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("sanction", Sanction)
def test_warnings_live_and_nothing_else_does(regime: Regime, sanction: Sanction) -> None:
    life = warning_life(regime, sanction)
    assert (life is not None) == (sanction in WARNINGS[regime])
    if life:
        assert 0 < life.months <= life.at_most
        assert life.citation and life.mark in Mark


@pytest.mark.parametrize(
    ("deadline", "act", "facts"),
    [
        pytest.param(
            "public_notice_hearing/A", "list_hearing", {"begins_on": "2014-09-01"}, id="public hearings from 1 May 2015"
        ),
        pytest.param("barred_list_report/A", "impose_outcome", {}, id="a barred list from 15 December 2017"),
    ],
)
def test_no_duty_before_its_law_was_in_force(deadline: str, act: str, facts: dict[str, Any]) -> None:
    referred(first_known="2014-01-02").before(act).when(act, **facts).no_clock(deadline)


@pytest.mark.parametrize(("begins_on", "since"), [("2015-04-30", False), ("2015-05-01", True)])
def test_the_first_day_of_public_hearings_counts(begins_on: str, since: bool) -> None:
    case = referred(first_known="2014-01-02").before("list_hearing").when("list_hearing", begins_on=begins_on)
    assert ("public_notice_hearing/A" in case.case.deadlines) == since
