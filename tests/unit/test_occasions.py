"""What starts, settles and ends each clock, played on the engine: a slip in the rows of the law turns red here.

Each line names a row of `domain/regimes/time_limits` and, written down a second time by hand, the facts that start its
clock, that settle it, and that end it. Every other fact of the engine, and every other value of the fields that a line
asks for, has to leave the clock alone. A row that nothing starts is a condition: what would settle it is only shown.
Lengths, who may extend and what else a row is come from the table of test_law.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from itertools import product
from typing import Any, NamedTuple, get_args, get_type_hints

import pytest
from pydantic import AwareDatetime

from domain import deadlines
from domain.deadlines import (
    DeadlineCommand,
    DeadlineEvent,
    DeadlineExtended,
    DeadlineSet,
    DeadlineShortened,
    DutyArose,
    ExtendDeadline,
    ShortenDeadline,
)
from domain.errors import NotPermitted, OutOfOrder, Refused, Unlawful
from domain.investigation import ProceedingsStayed
from domain.messages import EVENTS, Actor, Event
from domain.regimes import every_time_limit
from domain.state import Case, DeadlineState
from domain.vocabulary import Role
from domain.working_days import count, london_date
from tests.kit import CALENDAR, moment, referred
from tests.unit.test_law import COUNTED, LINES

# row | what starts it | what settles it | what ends it; `from`: the day it is counted from, if not that of the fact
OCCASIONS = """
refer_mandatory_complaint | referral_assessed kind=mandatory origin=complaint | referred_to_iopc | referral_assessed kind=voluntary,not_required; treated_as_referred
refer_mandatory_conduct | referral_assessed kind=mandatory origin=conduct_matter | referred_to_iopc | referral_assessed kind=voluntary,not_required; treated_as_referred
refer_mandatory_dsi | case_referred origin=dsi; became_dsi; referral_assessed kind=mandatory origin=dsi | referred_to_iopc | treated_as_referred
refer_call_in | called_in | referred_to_iopc | treated_as_referred
iopc_mode_decision | referred_to_iopc; treated_as_referred | mode_decided | report_submitted
update_parties_first | mode_decided; party_added handled=true | party_updated to_officer=false | -
update_parties_next | party_updated to_officer=false | party_updated to_officer=false | -
update_parties_2012_first | mode_decided; party_added handled=true | party_updated to_officer=false | -
update_parties_2012_next | party_updated to_officer=false | party_updated to_officer=false | -
outcome_to_parties | case_to_answer_decided; outcome_imposed; proceedings_withdrawn; appeal_decided; review_decided; proceedings_resumed because=criminal_proceedings_concluded; prosecution_decided charge=false | outcome_told | -
review_right_notice | case_to_answer_decided carries_review_right=true | outcome_told review_right=true | -
complainant_review_application | outcome_told review_right=true | review_applied | -
complainant_appeal_2012 | outcome_told review_right=true from letter_dated | review_applied | -
learning_recommendation_reply | learning_recommended | recommendation_answered | -
timeliness_pcr_first | case_referred from first_known; present_regulations_directed from first_known; reinvestigation_directed from first_known | timeliness_reported reported_by=appropriate_authority | report_submitted
timeliness_pcr_next | duty_arose rule=timeliness_pcr_first,timeliness_pcr_next from day_after | timeliness_reported reported_by=appropriate_authority | report_submitted
timeliness_pcmr_local | mode_decided mode=local,returned from first_known | timeliness_reported reported_by=appropriate_authority | report_submitted; mode_decided mode=directed,independent
timeliness_pcmr_local_next | duty_arose rule=timeliness_pcmr_local,timeliness_pcmr_local_next from day_after | timeliness_reported reported_by=appropriate_authority | report_submitted; mode_decided mode=directed,independent
timeliness_pcmr_iopc | mode_decided mode=directed,independent from first_known | timeliness_reported reported_by=iopc | report_submitted; mode_decided mode=local,returned
timeliness_pcmr_iopc_next | duty_arose rule=timeliness_pcmr_iopc,timeliness_pcmr_iopc_next from day_after | timeliness_reported reported_by=iopc | report_submitted; mode_decided mode=local,returned
suspension_written_confirm | restriction_imposed measure=suspension oral=true; restriction_varied measure=suspension oral=true | suspension_confirmed | restriction_lifted; restriction_varied
suspension_reps | restriction_imposed measure=suspension; restriction_varied measure=suspension | restriction_representations_recorded measure=suspension | restriction_lifted; restriction_varied
suspension_review_first | restriction_imposed measure=suspension; restriction_varied measure=suspension | restriction_reviewed measure=suspension | restriction_lifted; restriction_varied
suspension_review_next | restriction_reviewed measure=suspension conditions_met=true | restriction_reviewed measure=suspension | restriction_lifted; restriction_varied
suspension_review_next_2012 | restriction_reviewed measure=suspension conditions_met=true | restriction_reviewed measure=suspension | restriction_lifted; restriction_varied
suspension_review_reps | restriction_representations_recorded measure=suspension | restriction_reviewed measure=suspension | restriction_lifted; restriction_varied
suspension_review_notice | restriction_reviewed measure=suspension | review_notice_given | -
restriction_review | restriction_imposed measure=redeployment,restricted_duties; restriction_varied measure=redeployment,restricted_duties; restriction_reviewed measure=redeployment,restricted_duties | restriction_reviewed | restriction_lifted; restriction_varied
investigation_report | - | report_submitted | -
criminal_stay | - | proceedings_stayed; proceedings_resumed | -
severity_assessment | investigator_appointed; officer_added investigated=true assessed=false | severity_assessed | report_submitted
written_notice_17 | investigator_appointed; officer_added investigated=true | notice_served | report_submitted
written_notice_2012 | investigator_appointed; officer_added investigated=true | notice_served | report_submitted
officer_progress_update_first | notice_served | party_updated to_officer=true | report_submitted
officer_progress_update_next | party_updated to_officer=true investigating=true | party_updated to_officer=true | report_submitted
officer_progress_update_next_2012 | party_updated to_officer=true investigating=true | party_updated to_officer=true | report_submitted
reps_to_investigator | notice_served | representations_recorded | report_submitted
reps_to_investigator_2012 | notice_served | representations_recorded | report_submitted
case_to_answer_decision | report_submitted mode=local,returned | case_to_answer_decided | reinvestigation_directed
case_to_answer_decision_iopc | report_submitted mode=directed,independent | case_to_answer_decided; authority_directed | reinvestigation_directed
case_to_answer_decision_2012 | report_submitted | case_to_answer_decided | reinvestigation_directed
decision_delay_told | deadline_missed rule=case_to_answer_decision | told_in_writing of=delay_of_decision | deadline_met rule=case_to_answer_decision miss_withdrawn=true; deadline_withdrawn rule=case_to_answer_decision miss_withdrawn=true; deadline_set_aside rule=case_to_answer_decision
severity_change_told | severity_assessed revised=true | told_in_writing of=severity_change; notice_served | -
interview_alternative | interview_arranged from proposed_for | interview_postponed | interview_recorded; report_submitted
interview_alternative_2012 | interview_arranged from proposed_for | interview_postponed | interview_recorded; report_submitted
aa_views_to_dg | views_sought | views_given | reinvestigation_directed; case_to_answer_decided; authority_directed
comply_with_direction | authority_directed | case_to_answer_decided directed=true | reinvestigation_directed
dpp_notification | report_submitted indicates_offence=true | referred_to_prosecutor | -
post_criminal_determination | proceedings_resumed | case_to_answer_decided; special_conditions_certified | reinvestigation_directed; proceedings_stayed
panel_notice | - | panel_named; objection_decided | -
adjournment | - | hearing_adjourned | -
notice_of_referral | case_to_answer_decided disposal=meeting,hearing; remitted_to_ordinary_track disposal=hearing | referred_to_proceedings | special_conditions_certified; reinvestigation_directed; case_to_answer_decided disposal=no_action,reflective_practice,performance
object_to_chair | panel_named proceedings=meeting,hearing | panel_objected | hearing_opened; proceedings_withdrawn; special_conditions_certified
officer_response | documents_supplied proceedings=meeting,hearing | response_given | hearing_opened; proceedings_withdrawn; special_conditions_certified
officer_response_2012 | documents_supplied proceedings=meeting,hearing | response_given | hearing_opened; proceedings_withdrawn; special_conditions_certified
witness_lists | response_given proceedings=meeting,hearing | witness_lists_exchanged of=both,authority | hearing_opened; proceedings_withdrawn; special_conditions_certified
witness_lists_officer | response_given proceedings=meeting,hearing | witness_lists_exchanged of=both,officer | hearing_opened; proceedings_withdrawn; special_conditions_certified
witness_lists_2012 | response_given proceedings=meeting,hearing | witness_lists_exchanged of=both,authority | hearing_opened; proceedings_withdrawn; special_conditions_certified
witness_lists_officer_2012 | response_given proceedings=meeting,hearing | witness_lists_exchanged of=both,officer | hearing_opened; proceedings_withdrawn; special_conditions_certified
lists_to_chair | witness_lists_exchanged proceedings=hearing | chair_documents_supplied | hearing_opened; proceedings_withdrawn; special_conditions_certified
documents_to_chair | response_given proceedings=hearing; deadline_missed rule=officer_response from due; deadline_met rule=officer_response miss_withdrawn=true | chair_documents_supplied | deadline_met rule=officer_response miss_withdrawn=true; hearing_opened; proceedings_withdrawn; special_conditions_certified
pre_hearing | chair_documents_supplied proceedings=hearing | pre_hearing_held | hearing_listed; hearing_opened; proceedings_withdrawn; special_conditions_certified
pre_hearing_alternative | pre_hearing_arranged from held_on | alternative_date_proposed of=pre_hearing | pre_hearing_held; hearing_opened; proceedings_withdrawn; special_conditions_certified
proceedings_alternative_date | hearing_listed proceedings=meeting from begins_on | alternative_date_proposed of=proceedings | hearing_opened; proceedings_withdrawn; special_conditions_certified
proceedings_alternative_date_2012 | hearing_listed proceedings=meeting,hearing from begins_on | alternative_date_proposed of=proceedings | hearing_opened; proceedings_withdrawn; special_conditions_certified
hearing_date_at_prehearing | pre_hearing_held from begins_on | hearing_opened proceedings=hearing | proceedings_withdrawn; special_conditions_certified
hearing_100wd | documents_supplied proceedings=hearing | hearing_opened proceedings=hearing | proceedings_withdrawn; special_conditions_certified
hearing_no_prehearing | chair_documents_supplied proceedings=hearing | hearing_opened proceedings=hearing | pre_hearing_held; proceedings_withdrawn; special_conditions_certified
hearing_held_2012 | documents_supplied proceedings=hearing | hearing_opened proceedings=hearing | proceedings_withdrawn; special_conditions_certified
meeting_held | documents_supplied proceedings=meeting | hearing_opened proceedings=meeting | proceedings_withdrawn; special_conditions_certified
meeting_held_2012 | documents_supplied proceedings=meeting | hearing_opened proceedings=meeting | proceedings_withdrawn; special_conditions_certified
public_notice_hearing | hearing_listed proceedings=hearing from begins_on; pre_hearing_held from begins_on; later_date_decided granted=true from begins_on; alternative_date_proposed of=proceedings proceedings=hearing from proposed_for | hearing_notice_published | privacy_directed notice_withheld=true; hearing_opened; proceedings_withdrawn; special_conditions_certified
outcome_report | hearing_concluded proceedings=meeting,hearing | outcome_report_issued | -
outcome_2012 | hearing_concluded | officer_notified | -
outcome_to_officer | outcome_report_issued | officer_notified | -
publish_outcome | officer_notified proceedings=hearing,accelerated_hearing | outcome_published | publication_decided publish=false
withdrawal_duty | case_to_answer_fell_away | proceedings_withdrawn | -
withdrawal_told | proceedings_withdrawn | told_in_writing of=withdrawal | -
amh_date | referred_to_proceedings proceedings=accelerated_hearing | hearing_opened proceedings=accelerated_hearing | deadline_set rule=amh_date_after_objection; remitted_to_ordinary_track; proceedings_withdrawn
amh_date_2012 | referred_to_proceedings proceedings=accelerated_hearing | hearing_opened proceedings=accelerated_hearing | remitted_to_ordinary_track; proceedings_withdrawn
amh_date_after_objection | panel_named proceedings=accelerated_hearing replaces=true | hearing_opened proceedings=accelerated_hearing | remitted_to_ordinary_track; proceedings_withdrawn
amh_response | referred_to_proceedings proceedings=accelerated_hearing | response_given | hearing_opened; remitted_to_ordinary_track; proceedings_withdrawn
amh_objection | panel_named proceedings=accelerated_hearing | panel_objected | hearing_opened; remitted_to_ordinary_track; proceedings_withdrawn
amh_public_notice | privacy_directed notice_required=true | hearing_notice_published | privacy_directed notice_withheld=true; hearing_opened; remitted_to_ordinary_track; proceedings_withdrawn
amh_remission_notice | remitted_to_ordinary_track because=direction | told_in_writing of=remission | special_conditions_certified
amh_report | hearing_concluded proceedings=accelerated_hearing | outcome_report_issued | -
special_case_publish_2012 | hearing_concluded proceedings=accelerated_hearing | outcome_published | publication_decided
action_effective | - | officer_notified | -
barred_list_report | outcome_imposed sanction=dismissal_without_notice,would_have_been_dismissed; outcome_imposed sanction=dismissal_with_notice from takes_effect_on | barred_list_reported | appeal_decided dismissal_stands=false
appeal_from_meeting | officer_notified proceedings=meeting | appeal_lodged | -
appeal_from_meeting_2012 | officer_notified proceedings=meeting | appeal_lodged | -
pat_notice | officer_notified proceedings=hearing,accelerated_hearing | appeal_lodged | -
object_to_appeal_person | appeal_person_named | appeal_person_objected | grounds_determined; appeal_decided
appeal_meeting_held | grounds_determined arguable=true | appeal_meeting_held | appeal_decided
appeal_meeting_alternative | appeal_meeting_arranged from meets_on | appeal_date_proposed | appeal_meeting_held; appeal_decided
appeal_result_notice | appeal_decided to=appeal_meeting | appeal_result_notified | -
pat_respondent_docs | appeal_copied | appeal_documents_supplied | appeal_decided
pat_appellant_statement | appeal_documents_supplied | appeal_statement_given | appeal_decided
pat_respondent_reply | appeal_statement_given | appeal_replied | appeal_decided
pat_public_notice | appeal_hearing_listed from begins_on | appeal_notice_published | appeal_decided
pat_public_notice_2012 | appeal_hearing_listed from begins_on | appeal_notice_published | appeal_decided
publish_outcome_2012 | hearing_concluded proceedings=hearing | outcome_published | publication_decided
publish_required_2012 | publication_decided publish=true from concluded_on | outcome_published | -
advisory_list_report | officer_departed condition=A from left_on; officer_departed condition=B,C from first_known | advisory_list_reported | -
rprp_account | reflective_review_notified | reflective_account_given | reflective_report_agreed
rprp_pdr | reflective_report_agreed | reflective_report_discussed | -
"""  # noqa: E501  a row is a line
# Nothing is owed in a closed case, nor by or about an officer who is gone.
ENDS_ALL = (
    "case_closed; officer_departed departure=died; officer_departed reached=false; "
    "condition_c_determined proceed=false; officer_handed_over"
)
DAY = moment("2024-06-03T10:00")  # by then every provision is in force
DAYS = (date, AwareDatetime)
KNOWN = {"2012": "2019-01-02", "2020-": "2020-07-04", "all": "2020-07-04"}


class Occasion(NamedTuple):
    """A fact with these values, and the field that holds the day to count from."""

    event: str
    where: dict[str, tuple[str, ...]]
    counted_from: str | None = None

    def fits(self, fact: Event) -> bool:
        return fact.name == self.event and all(_said(getattr(fact, k)) in values for k, values in self.where.items())


class Row(NamedTuple):
    """What both tables say of a row."""

    id: str
    starts: tuple[Occasion, ...]
    settles: tuple[Occasion, ...]
    ends: tuple[Occasion, ...]
    long: str
    regimes: str
    extended_by: tuple[str, ...]
    besides: tuple[str, ...]

    @property
    def subject(self) -> str:
        return "P1" if {"each party", "each complainant"} & set(self.besides) else "A"

    def due(self, trigger: date) -> date | None:
        if self.long == "-":
            return None
        *_, length, unit = self.long.split()
        return count(CALENDAR, COUNTED[unit], int(length), trigger).due


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _occasions(told: str) -> tuple[Occasion, ...]:
    return tuple(_occasion(each.split()) for each in told.split("; ") if each != "-")


def _occasion(words: list[str]) -> Occasion:
    counted_from = words[-1] if words[-2:-1] == ["from"] else None
    pairs = (word.split("=") for word in words[1:] if "=" in word)
    return Occasion(words[0], {name: tuple(values.split(",")) for name, values in pairs}, counted_from)


def _rows() -> Iterator[Row]:
    law = {line[0]: [word.strip() for word in line] for line in LINES}
    for line in OCCASIONS.strip().splitlines():
        name, *occasions = line.split(" | ")
        _, _, long, regimes, extended, _, besides = law[name]
        by = extended.partition(":")[0].replace("AA", "appropriate_authority").split() if extended != "-" else []
        starts, settles, ends = map(_occasions, occasions)
        yield Row(name, starts, settles, ends, long, regimes.split()[0], tuple(by), tuple(besides.split(", ")))


ROWS = {row.id: row for row in _rows()}
CLOCKS = {name: row for name, row in ROWS.items() if row.starts}


# --- Every fact that there is, in every guise that a line asks for


@cache
def asked() -> dict[str, dict[str, list[object]]]:
    """Of each fact the fields that some line asks for, with every value that they may have."""
    fields: dict[str, dict[str, set[str]]] = {}
    rows = ROWS.values()
    for each in (*(o for row in rows for o in (*row.starts, *row.settles, *row.ends)), *_occasions(ENDS_ALL)):
        for name, values in each.where.items():
            fields.setdefault(each.event, {}).setdefault(name, set()).update(values)
    return {event: {name: _values(event, name, of[name]) for name in of} for event, of in fields.items()}


def _values(event: str, field: str, named: set[str]) -> list[object]:
    hint = get_type_hints(EVENTS[event])[field]
    kinds = [kind for kind in (get_args(hint) or (hint,)) if isinstance(kind, type)]
    values: list[object] = [value for kind in kinds if issubclass(kind, Enum) for value in kind]
    values += [True, False] if bool in kinds else []
    return [*(values or [*sorted(named), "another"]), *([None] if type(None) in kinds else [])]


@cache
def facts(at: datetime, subject: str) -> list[Event]:
    """Each fact but those that act upon one deadline, with every value that matters somewhere, about this subject."""
    kinds = {name: kind for name, kind in EVENTS.items() if name in asked() or not issubclass(kind, DeadlineEvent)}
    return [fact(kind, at, subject, values) for name, kind in kinds.items() for values in guises(name)]


def guises(event: str) -> Iterator[dict[str, object]]:
    fields = asked().get(event, {})
    return (dict(zip(fields, values, strict=True)) for values in product(*fields.values()))


def fact(kind: type[Event], at: datetime, subject: str, values: Mapping[str, object]) -> Event:
    """A fact with these values; its days are all different, so that it shows from which one is counted."""
    days = {name: _day(hint, at + timedelta(days=n)) for n, (name, hint) in enumerate(_days(kind).items(), 10)}
    whom = {name: subject for name in ("officer", "party", "recommendation", "about")}
    told: dict[str, Any] = {"deadline": "another/A", **whom, **days, **values, "occurred_at": at}
    return kind.model_construct(**{name: value for name, value in told.items() if name in kind.model_fields})


@cache
def _days(kind: type[Event]) -> dict[str, object]:
    hints = get_type_hints(kind)
    of = {name: hints[name] for name in kind.model_fields if name != "occurred_at"}
    return {name: hint for name, hint in of.items() if set(DAYS) & {hint, *get_args(hint)}}


def _day(hint: object, at: datetime) -> object:
    return at.date() if date in (hint, *get_args(hint)) else at


# --- The engine plays them


@cache
def bare(regimes: str) -> Case:
    """A case under these regulations in which no clock runs yet."""
    return referred(first_known=KNOWN[regimes]).case.model_copy(update={"deadlines": {}})


def played(case: Case, told: Event) -> Case:
    """The deadlines after a fact."""
    for each in deadlines.follow(case, told, CALENDAR):
        assert isinstance(each, DeadlineEvent)
        case = deadlines.evolve(case, each)
    return case


def set_by(row: Row, case: Case, told: Event) -> list[DeadlineSet]:
    followed = deadlines.follow(case, told, CALENDAR)
    return [each for each in followed if isinstance(each, DeadlineSet) and each.rule == row.id]


def started(row: Row) -> Case:
    """A case in which the row's clock runs, and no other; of a period, has run to its end."""
    case = bare(row.regimes)
    told = next(each for each in facts(DAY, row.subject) if row.starts[0].fits(each))
    (first,) = set_by(row, case, told)
    case = deadlines.evolve(case, first)
    if "period" in row.besides:
        arose = deadlines.first_due(case, DAY + timedelta(days=3650))
        assert isinstance(arose, DutyArose)
        case = deadlines.evolve(case, arose)
    return case


def fit(occasions: Iterable[Occasion], told: Event) -> bool:
    return any(each.fits(told) for each in occasions)


def test_every_row_that_facts_start_or_settle_has_its_line() -> None:
    assert sorted(ROWS) == sorted(r.id for r in every_time_limit() if r.starts_with or r.met_by or r.ends_with)


@pytest.mark.parametrize("name", CLOCKS)
def test_what_starts_it(name: str) -> None:
    row = CLOCKS[name]
    for told in facts(DAY, row.subject):
        clocks = set_by(row, bare(row.regimes), told)
        assert bool(clocks) == fit(row.starts, told), told
        for clock in clocks:
            since = next(each for each in row.starts if each.fits(told)).counted_from
            case = bare(row.regimes)
            day = case.first_known if since == "first_known" else getattr(told, since) if since else DAY.date()
            trigger = london_date(day) if isinstance(day, datetime) else day
            assert (clock.trigger, clock.due) == (trigger, row.due(trigger)), told


@pytest.mark.parametrize("name", [name for name, row in CLOCKS.items() if row.regimes != "all"])
def test_other_regulations_do_not_know_it(name: str) -> None:
    row = CLOCKS[name]
    other = bare("2020-" if row.regimes == "2012" else "2012")
    assert not any(set_by(row, other, told) for told in facts(DAY, row.subject))


@pytest.mark.parametrize("name", CLOCKS)
def test_what_settles_and_what_ends_it(name: str) -> None:
    row, case = CLOCKS[name], started(CLOCKS[name])
    (clock,) = case.deadlines.values()
    restarts = not {"once", "runs on", "period"} & set(row.besides)
    for told in facts(DAY + timedelta(hours=1), row.subject):
        state = clock.state
        if told.subject not in (None, clock.subject):
            pass  # it is about someone else
        elif fit(row.settles, told):
            state = DeadlineState.MET
        elif fit((*row.ends, *_occasions(ENDS_ALL)), told) or (restarts and fit(row.starts, told)):
            state = DeadlineState.WITHDRAWN
        assert played(case, told).deadlines[clock.id].state is state, told


@pytest.mark.parametrize("name", [name for name in ROWS if name not in CLOCKS])
def test_what_would_settle_a_condition(name: str) -> None:
    row, (law,) = ROWS[name], [each for each in every_time_limit() if each.id == name]
    for told in facts(DAY, row.subject):
        assert any(each.matches(told) for each in law.met_by) == fit(row.settles, told), told


# --- What may be done to it


def refusal_of(case: Case, act: str, role: Role, **facts: Any) -> Refused | None:
    """Why someone in this role may not do this to the clock; None if they may."""
    (clock,) = case.deadlines.values()
    kinds: dict[str, type[DeadlineCommand]] = {"extend": ExtendDeadline, "shorten": ShortenDeadline}
    told = {"actor": Actor(role=role, id="someone"), "occurred_at": DAY + timedelta(hours=1), "reasons": "So it is"}
    try:
        (changed,) = deadlines.decide(case, kinds[act].model_validate({**told, "deadline": clock.id, **facts}))
    except Refused as refused:
        return refused
    assert isinstance(changed, DeadlineExtended | DeadlineShortened)
    return None


@pytest.mark.parametrize("name", CLOCKS)
def test_who_may_extend_it(name: str) -> None:
    row, case = CLOCKS[name], started(CLOCKS[name])
    (clock,) = case.deadlines.values()
    until = max(clock.due or DAY.date(), DAY.date()) + timedelta(days=1)
    refused = {role: refusal_of(case, "extend", role, until=until) for role in Role}
    assert {role for role, refusal in refused.items() if refusal is None} == set(row.extended_by)
    kinds = {type(refusal) for refusal in refused.values() if refusal is not None}
    assert kinds == ({NotPermitted} if row.extended_by else {Unlawful})


@pytest.mark.parametrize("name", CLOCKS)
def test_who_may_shorten_it(name: str) -> None:
    row, case = CLOCKS[name], started(CLOCKS[name])
    agreed = [Role.APPROPRIATE_AUTHORITY, Role.OFFICER, Role.CHAIR]
    alone = next((each.split()[2:] for each in row.besides if each.startswith("shortened by ")), [])
    for role in Role:
        refused = refusal_of(case, "shorten", role, until=DAY.date(), agreed_by=agreed)
        if role in alone:
            assert refused is None
        else:  # nobody is named yet who could agree as the chair
            assert type(refused) is (OutOfOrder if "shortened" in row.besides else Unlawful), role


@pytest.mark.parametrize("name", CLOCKS)
def test_whether_a_stay_stops_it(name: str) -> None:
    row, case = CLOCKS[name], started(CLOCKS[name])
    stay = fact(ProceedingsStayed, DAY + timedelta(hours=1), row.subject, {})
    stops = "stayed" in row.besides and row.long != "-"
    assert bool(list(deadlines.pause(case, stay))) == stops
