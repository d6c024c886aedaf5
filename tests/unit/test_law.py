"""The law of time, written down a second time by hand from the regulations: a slip in the data turns red here.

Each line says of one row of `domain/regimes/time_limits`: whose duty it is, how long it has, under which regimes, who
may extend it, how its source was read (`?`: from memory or its place inferred, so shown as unverified), and what it is
besides. It is not read from the data: whoever changes the law changes it here too.
"""

import pytest

from domain.regimes import TimeLimit, every_sanction, every_time_limit, source_of_row, time_limit, warning_life
from domain.regimes.provisions import source_of
from domain.vocabulary import Regime, Sanction
from domain.working_days import Counting

ALL, SINCE_2020, IN_2012 = ("2012", "2020", "2025"), ("2020", "2025"), ("2012",)
REGIMES = {"all": ALL, "2020-": SINCE_2020, "2012": IN_2012}
WHO = {"AA": "appropriate_authority", "AA/IOPC": "appropriate_authority, iopc if it handles the matter"}
COUNTED = {
    "WD": Counting.WORKING_DAYS_AFTER,
    "WD-with": Counting.WORKING_DAYS_BEGINNING_WITH,
    "WD-before": Counting.WORKING_DAYS_BEFORE,
    "days": Counting.DAYS_AFTER,
    "days-with": Counting.DAYS_BEGINNING_WITH,
    "weeks": Counting.WEEKS_FROM_FIRST_WORKING_DAY_AFTER,
    "months": Counting.MONTHS_BEGINNING_WITH,
    "months-after": Counting.MONTHS_AFTER,
}
LAW = """
# 3A Referral, IOPC, keeping people informed
refer_mandatory_complaint | AA | 1 days | all | - | V~ | once, stands
refer_mandatory_conduct | AA | 1 days | all | - | V~ | once, stands
refer_mandatory_dsi | AA | 1 days | all | - | V~ | once, stands
update_parties_first | AA/IOPC | 28 days | 2020- | - | V | each party, once
update_parties_next | AA/IOPC | 28 days | 2020- | - | V |
update_parties_2012_first | AA/IOPC | 28 days | 2012 | - | M h ? | each party, once
update_parties_2012_next | AA/IOPC | 28 days | 2012 | - | M h ? |
refer_call_in | AA | 1 days | all | - | V~ | once, stands
refer_voluntary | AA | - | all | - | V |
iopc_treat_as_referred | iopc | - | 2020- | - | V |
iopc_mode_decision | iopc | - | all | - | V |
outcome_to_parties | AA/IOPC | 5 WD | 2020- | - | V | each party, runs on
review_right_notice | AA | 5 WD | 2020- | - | M m ? | each complainant, runs on
complainant_review_application | complainant | 28 days | 2020- | local_policing_body iopc: where just | V | each complainant, right, keeps open
complainant_appeal_2012 | complainant | 28 days | 2012 | - | V | each complainant, right, keeps open
learning_recommendation_reply | AA | 56 days | all | iopc | M h ? | keeps open
# 3B Timeliness
timeliness_pcr_first | AA | 12 months | 2020- | - | V | once, period
timeliness_pcr_next | AA | 6 months | 2020- | - | V | period
timeliness_pcmr_local | AA | 12 months | 2020- | - | V | once, period
timeliness_pcmr_local_next | AA | 6 months | 2020- | - | V | period
timeliness_pcmr_iopc | iopc | 12 months | 2020- | - | V | once, period
timeliness_pcmr_iopc_next | iopc | 6 months | 2020- | - | V | period
# 3C Suspension and restriction
suspension_window | AA | - | all | - | V |
suspension_authority | AA | - | 2020- | - | V-frag ? |
suspension_consult_dg | AA | - | all | - | M h ? |
suspension_written_confirm | AA | 3 WD | all | - | V~ |
suspension_reps | officer | 7 WD | all | - | M m ? | right
suspension_review_reps | AA | - | all | - | M h ? | stands
suspension_review_first | AA | 4 weeks | all | - | M h ? | stands
suspension_review_next | AA | 4 weeks | 2020- | - | V-frag ? | stands
suspension_review_next_2012 | AA | 4 weeks | 2012 | - | M h ? | stands
suspension_review_notice | AA | 3 WD | all | - | M h ? |
restriction_review | AA | 28 days | all | - | M m ? | period
# 3D Investigation to decision
severity_assessment | investigator | - | all | - | V~ | each officer, once
written_notice_2012 | investigator | - | 2012 | - | M h ? | each officer, once
written_notice_17 | investigator | - | 2020- | - | V-frag | each officer, once
officer_progress_update_first | investigator | 4 weeks | all | - | M m ? | once
officer_progress_update_next | investigator | 4 weeks | 2020- | - | V-frag ? |
officer_progress_update_next_2012 | investigator | 4 weeks | 2012 | - | M m ? |
reps_to_investigator | officer | 10 WD | 2020- | investigator | V-frag | right
reps_to_investigator_2012 | officer | 10 WD | 2012 | investigator | V~ | right
case_to_answer_decision | AA | 15 WD | 2020- | - | V~ | each officer, shortened
case_to_answer_decision_iopc | iopc | - | 2020- | - | M m ? | each officer
case_to_answer_decision_2012 | AA | - | 2012 | - | M h ? | each officer
decision_delay_told | AA | - | 2020- | - | V~ |
severity_change_told | investigator | - | all | - | V~ |
interview_alternative | officer | 5 WD | 2020- | - | V | right
interview_alternative_2012 | officer | 5 WD | 2012 | - | M h ? | right
interview_needs_tor | investigator | - | 2020- | - | V |
aa_views_to_dg | AA | 28 days | 2020- | - | M l ? | shortened by iopc
comply_with_direction | AA | - | all | - | M m ? | keeps open, stands
dpp_notification | AA/IOPC | - | all | - | V~ |
post_criminal_determination | AA | - | 2020- | - | V | each undecided
# 3E Meeting and hearing
notice_of_referral | AA | - | 2020- | - | V |
object_to_chair | officer | 3 WD | all | - | V~ | right, shortened, stayed
officer_response | officer | 15 WD | 2020- | chair: exceptional circumstances | V | shortened, stayed
officer_response_2012 | officer | 14 WD | 2012 | chair: exceptional circumstances | M h ? | stayed
witness_lists | AA | 3 WD | 2020- | - | V | shortened, stayed
witness_lists_2012 | AA | 3 WD | 2012 | - | M h ? | stayed
lists_to_chair | AA | 10 WD | 2020- | - | V~ | shortened, stayed
documents_to_chair | AA | 10 WD | 2020- | - | V~ ? | once, shortened, stayed
witness_lists_officer | officer | 3 WD | 2020- | - | V | shortened, stayed
witness_lists_officer_2012 | officer | 3 WD | 2012 | - | M h ? | stayed
pre_hearing_alternative | officer | 5 WD | 2020- | - | V | right, shortened, stayed
proceedings_alternative_date | officer | 5 WD | 2020- | - | V~ | right, shortened, stayed
proceedings_alternative_date_2012 | officer | 5 WD | 2012 | - | V~ | right, stayed
pre_hearing | chair | 15 WD | 2020- | chair: interests of justice | V | shortened, stayed
hearing_date_at_prehearing | chair | 1 days-with | 2020- | - | V-frag ? | stayed
hearing_no_prehearing | chair | 30 WD | 2020- | chair: interests of justice | V-frag ? | shortened, stayed
hearing_held_2012 | chair | 30 WD | 2012 | chair: interests of justice, written reasons | V~ | stayed
hearing_100wd | chair | 100 WD | 2020- | - | M m ? | once, right, stayed
meeting_held | chair | 20 WD | 2020- | chair: interests of justice, written reasons | M h ? | shortened, stayed
meeting_held_2012 | chair | 20 WD | 2012 | chair: interests of justice, written reasons | V~ | stayed
withdrawal_duty | AA | - | 2020- | - | V-frag | keeps open
withdrawal_told | AA | - | 2020- | - | V~ | keeps open
public_notice_hearing | AA | 5 WD-before | all from 2015-05-01 | - | M h ? |
panel_notice | AA | - | 2020- | - | M h ? |
adjournment | chair | - | 2020- | - | V |
investigation_report | investigator | - | all | - | V~ |
criminal_stay | AA | - | all | - | V~ |
action_effective | AA | - | all | - | V |
rprp_account | officer | 5 WD | 2020- | - | V~ | keeps open
rprp_pdr | AA | 12 months | 2020- | - | V | keeps open
outcome_report | chair | 5 WD | 2020- | - | V | shortened, stands
outcome_2012 | AA | 5 WD | 2012 | - | V~ |
outcome_to_officer | AA | - | 2020- | - | V |
publish_outcome | AA | - | 2020- | - | V~ | keeps open
publish_outcome_2012 | AA | 7 to 11 WD | 2012 from 2015-05-01 | - | M h ? | right
publish_required_2012 | AA | 7 to 11 WD | 2012 from 2015-05-01 | - | M h ? | keeps open
publication_kept | AA | 28 days-with | all | - | V~ |
# 3F Appeals
appeal_from_meeting | officer | 7 WD | 2020- | AA: exceptional circumstances | V | not for senior chief, right, shortened, keeps open
appeal_from_meeting_2012 | officer | 7 WD | 2012 | AA: exceptional circumstances | M h ? | not for senior chief, right, keeps open
object_to_appeal_person | officer | 3 WD | 2020- | - | V-frag ? | right, shortened
appeal_meeting_held | AA | 5 WD | all | AA: interests of justice | V~ | shortened
appeal_meeting_alternative | officer | 5 WD | all | - | V~ | once, right, shortened
appeal_result_notice | AA | 3 WD | all | - | V | shortened, keeps open
pat_notice | officer | 10 WD | all | - | M h ? | right, keeps open
pat_respondent_docs | AA | 15 WD | 2020- | appeals_tribunal: the tribunal's chair, r.14 | V |
pat_appellant_statement | officer | 20 WD | all | appeals_tribunal: the tribunal's chair, r.14 | M m ? |
pat_respondent_reply | AA | 20 WD | all | appeals_tribunal: the tribunal's chair, r.14 | M m ? |
pat_public_notice | AA | 5 WD-before | 2020- | - | M m ? |
pat_public_notice_2012 | AA | 5 WD-before | 2012 from 2015-05-01 | - | V |
# 3G Accelerated hearing
amh_date | AA | 10 to 15 WD | 2020- | - | V | shortened, stayed
amh_date_2012 | AA | 10 to 15 WD | 2012 | - | M h ? | stayed
amh_date_after_objection | AA | 10 to 15 WD | 2020- from 2024-05-07 | - | V | shortened, stayed
amh_response | officer | 7 WD | all | - | M m ? | shortened, stayed
amh_objection | officer | 3 WD | 2020- from 2024-05-07 | - | M m ? | right, shortened, stayed
amh_public_notice | AA | - | 2020- | - | V | runs on, stayed
amh_remission_notice | AA | 3 WD | 2020- | - | V-frag ? | shortened
amh_report | chair | 5 WD | 2020- | - | V | shortened, stands
special_case_publish_2012 | AA | 7 to 11 WD | 2012 from 2015-05-01 | - | V | right
# 3H Outcomes, lists, former officers
barred_list_report | AA | 5 WD-with | all from 2017-12-15 | - | V | keeps open, stands
barred_list_published | college | 60 months-after | all from 2017-12-15 | - | V~ |
barred_list_review | officer | 60 months-after | all from 2017-12-15 | - | V |
advisory_list_report | AA | 5 WD-with | all from 2017-12-15 | - | V | keeps open, stands
advisory_list_review | officer | 60 months-after | all from 2017-12-15 | - | V~ |
dismissal_notice_period | chair | 28 days | 2012 | - | V |
consent_to_leave_2012 | officer | - | 2012 from 2015-01-12 | - | V |
former_officer_window | AA | 12 months-after | all from 2017-12-15 | - | V |
"""  # noqa: E501  a row is a line
LINES = [line.split(" | ") for line in LAW.replace("|\n", "| \n").strip("\n").splitlines() if not line.startswith("#")]


def written(row: TimeLimit) -> list[str]:
    """The row as a line of the table says it."""
    whose = row.duty.value + (f", {row.duty_if_iopc} if it handles the matter" if row.duty_if_iopc else "")
    by = " ".join(role.value for role in row.may_extend)
    regimes = {regimes: name for name, regimes in REGIMES.items()}[tuple(each.value for each in row.regimes)]
    return [
        row.id,
        {full: short for short, full in WHO.items()}.get(whose, whose),
        _long(row),
        regimes + (f" from {row.since}" if row.since else ""),
        (f"{'AA' if by == WHO['AA'] else by}" + (f": {row.extension_ground}" if row.extension_ground else "")) or "-",
        f"{row.mark}{' ?' if row.unverified else ''}",
        ", ".join(_besides(row)),
    ]


def _long(row: TimeLimit) -> str:
    if row.count is None:
        return "-"
    unit = {counting: unit for unit, counting in COUNTED.items()}[row.count]
    return f"{f'{row.opens} to ' if row.opens else ''}{row.length} {unit}"


def _besides(row: TimeLimit) -> list[str]:
    told = {
        f"each {row.for_each}": bool(row.for_each),
        f"not for {' '.join(row.not_for)}": bool(row.not_for),
        "once": row.once,
        "runs on": row.runs_on,
        "right": row.right,
        "period": row.period,
        "shortened": row.may_shorten,
        f"shortened by {' '.join(role.value for role in row.shortened_by)}": bool(row.shortened_by),
        "stayed": row.pauses,
        "keeps open": row.keeps_open,
        "stands": row.stands,
    }
    return [what for what, holds in told.items() if holds]


def test_every_time_limit_has_its_line() -> None:
    assert sorted(line[0] for line in LINES) == sorted(row.id for row in every_time_limit())


@pytest.mark.parametrize("line", LINES, ids=[line[0] for line in LINES])
def test_the_row_says_what_the_regulations_say(line: list[str]) -> None:
    row = next(row for row in every_time_limit() if row.id == line[0])
    assert written(row) == [word.strip() for word in line]


@pytest.mark.parametrize(
    ("regime", "sanction", "months", "at_most", "source"),
    [
        ("2012", "written_warning", 12, 12, "PCR 2012 reg 35 [M h]"),
        ("2012", "final_written_warning", 18, 18, "PCR 2012 reg 35 [M h]"),  # its extension is another outcome
        ("2020", "written_warning", 18, 18, "PCR 2020 reg 42(9)(a) [V-frag]"),
        ("2020", "final_written_warning", 24, 60, "PCR 2020 reg 42(9)(b) [V-frag]; PCR 2020 reg 42(10) [V~]"),
        ("2025", "written_warning", 18, 18, "PCR 2020 reg 42(9)(a) [V-frag]"),
        ("2025", "final_written_warning", 24, 60, "PCR 2020 reg 42(9)(b) [V-frag]; PCR 2020 reg 42(10) [V~]"),
    ],
)
def test_how_long_warnings_live(regime: str, sanction: str, months: int, at_most: int, source: str) -> None:
    life = warning_life(Regime(regime), Sanction(sanction))
    assert life is not None and (life.months, life.at_most, life.source) == (months, at_most, source)


def test_what_an_accelerated_hearing_of_2020_may_impose_was_read() -> None:
    (row,) = [row for row in every_sanction() if row.citation == "PCR 2020 reg 62"]
    assert (row.mark.value, row.regimes, row.proceedings) == ("V", ("2020",), "accelerated_hearing")


def test_where_a_case_goes_is_cited_as_from_memory() -> None:
    assert source_of("PCR 2020 reg 23") == "PCR 2020 reg 23 [M h]"


@pytest.mark.parametrize("rule", ["suspension_review_next", "interview_alternative", "pat_public_notice"])
def test_a_clock_of_2012_set_before_its_row_was_parted_goes_on_by_the_part_of_2012(rule: str) -> None:
    assert time_limit(Regime.PCR_2012, rule) is time_limit(Regime.PCR_2012, f"{rule}_2012")
    assert time_limit(Regime.PCR_2020, rule).regimes == (Regime.PCR_2020, Regime.PCR_2025)
    assert source_of_row(Regime.PCR_2012, [rule]) == time_limit(Regime.PCR_2012, f"{rule}_2012").source
