"""Which act rests on which fact: none can have been done before what it rests on, whenever either is told."""

from datetime import datetime, timedelta

from domain.errors import OutOfOrder
from domain.messages import Command, Event, OfficerCommand, plain
from domain.state import Case

__all__ = ["check_order", "milestone", "rests_since", "too_early"]


def check_order(case: Case, act: Command) -> None:
    """An act cannot have been done before the one it rests on, whenever either is told.

    One for an officer rests on what was done for that officer or for the whole case; one for the whole case on each
    officer's too.
    """
    concerned = [act.officer] if isinstance(act, OfficerCommand) else sorted(case.officers)
    for rests_on in _each_of(RESTS_ON.get(act.name, ())):
        for who in (*concerned, None):
            done = [(case.milestones[key], fact) for fact in rests_on if (key := f"{fact}/{who}") in case.milestones]
            if done and act.occurred_at < min(done)[0]:
                raise too_early(*min(done))


def rests_since(case: Case, name: str) -> datetime | None:
    """When what this act rests on was last done, for whichever officer; None where it rests on nothing that was."""
    facts = {fact for rests_on in _each_of(RESTS_ON.get(name, ())) for fact in rests_on}
    return max((at for key, at in case.milestones.items() if key.partition("/")[0] in facts), default=None)


def too_early(moment: datetime, what: str) -> OutOfOrder:
    """The refusal of an act that is dated before what it rests on; its moment is as it can be given again: with the
    seconds that it has, and of a second that was begun the end."""
    whole = moment + timedelta(microseconds=-moment.microsecond % 1_000_000)
    seconds = f":{whole:%S}" if whole.second else ""
    return OutOfOrder(f"That cannot have been done before: {plain(what)}, at {plain(whole)}{seconds}.")


AnyOf = str | tuple[str, ...]


def _each_of(facts: AnyOf | list[AnyOf]) -> list[tuple[str, ...]]:
    every = facts if isinstance(facts, list) else [facts]
    return [(each,) if isinstance(each, str) else each for each in every]


FORCED = ("called_in", "treated_as_referred")
DAY_FIXED = ("hearing_listed", "pre_hearing_held")
# A fact, or several of which any will do; a list: each of them that there is, since not every case knows all.
RESTS_ON: dict[str, AnyOf | list[AnyOf]] = {
    "refer_to_iopc": ("referral_assessed", "called_in", "became_dsi"),
    "decide_mode": [("referral_assessed", *FORCED, "became_dsi"), ("referred_to_iopc", *FORCED)],
    "appoint_investigator": "mode_decided",
    "direct_reinvestigation": "report_submitted",
    "assess_severity": "investigator_appointed",
    "serve_notice": "severity_assessed",
    "record_representations": "notice_served",
    "arrange_interview": "notice_served",
    "record_interview": "notice_served",
    "propose_interview_time": "interview_arranged",
    "refer_to_prosecutor": "investigator_appointed",
    "seek_views": "report_submitted",
    "give_views": "views_sought",
    "direct_authority": "report_submitted",
    "submit_report": ["investigator_appointed", "severity_assessed"],
    "decide_case_to_answer": "report_submitted",
    "impose_restriction": "restriction_lifted",
    "refer_to_proceedings": "case_to_answer_decided",
    "certify_special_conditions": "severity_assessed",
    "remit_to_ordinary_track": "special_conditions_certified",
    "join_proceedings": "referred_to_proceedings",
    "sever_proceedings": "referred_to_proceedings",
    "supply_documents": "referred_to_proceedings",
    "name_panel": "referred_to_proceedings",
    "object_to_panel": "panel_named",
    "decide_objection": "panel_objected",
    "respond_to_notice": "documents_supplied",
    "exchange_witness_lists": "response_given",
    "supply_chair_documents": ["documents_supplied", "panel_named"],
    "arrange_pre_hearing": "chair_documents_supplied",
    "direct_privacy": "panel_named",
    "hold_pre_hearing": "chair_documents_supplied",
    "apply_for_later_date": "chair_documents_supplied",
    "decide_later_date": "later_date_asked",
    "list_hearing": "referred_to_proceedings",
    "open_hearing": ["documents_supplied", "panel_named", "objection_decided", DAY_FIXED],
    "adjourn_hearing": "hearing_opened",
    "record_finding": "hearing_opened",
    "conclude_hearing": "finding_recorded",
    "reconsider_case_to_answer": "referred_to_proceedings",
    "withdraw_from_proceedings": "referred_to_proceedings",
    "publish_hearing_notice": DAY_FIXED,
    "impose_outcome": "hearing_concluded",
    "give_views_on_reduction": "hearing_concluded",
    "issue_report": "outcome_imposed",
    "record_career_break": "officer_notified",
    "report_to_barred_list": "outcome_imposed",
    "notify_officer": "outcome_report_issued",
    "publish_outcome": "officer_notified",
    "decide_publication": "outcome_imposed",
    "end_publication": "outcome_published",
    "report_to_advisory_list": "officer_departed",
    "reopen_case": "case_closed",
    "lodge_appeal": "officer_notified",
    "name_appeal_person": "appeal_lodged",
    "object_to_appeal_person": "appeal_person_named",
    "decide_appeal_objection": "appeal_person_objected",
    "determine_grounds": ["appeal_person_named", "appeal_objection_decided"],
    "arrange_appeal_meeting": "grounds_determined",
    "propose_appeal_date": "appeal_meeting_arranged",
    "hold_appeal_meeting": "appeal_meeting_arranged",
    "decide_late_notice": "appeal_lodged",
    "copy_appeal": ["appeal_lodged", "late_notice_decided"],
    "supply_appeal_documents": "appeal_copied",
    "give_appeal_statement": "appeal_documents_supplied",
    "reply_to_appeal": "appeal_statement_given",
    "list_appeal_hearing": ["appeal_lodged", "late_notice_decided"],
    "publish_appeal_notice": "appeal_hearing_listed",
    "decide_appeal": ["appeal_lodged", "late_notice_decided", "grounds_determined", "appeal_meeting_held"],
    "notify_reflective_review": ["case_to_answer_decided", "proceedings_withdrawn", "outcome_imposed"],
    "give_reflective_account": "reflective_review_notified",
    "agree_reflective_report": "reflective_review_notified",
    "discuss_reflective_report": "reflective_report_agreed",
    "decide_consent_to_leave": "consent_to_leave_requested",
    "determine_condition_c": "officer_departed",
    "notify_appeal_result": "appeal_decided",
}


def milestone(case: Case, event: Event) -> dict[str, object]:
    """When each fact that acts rest on happened: at first, of some at last, and anew with new proceedings."""
    key = f"{event.name}/{event.subject}"
    known = case.milestones
    if event.name in _ANEW:
        gone = {f"{name}/{event.subject}" for name in _ANEW[event.name]}
        known = {name: moment for name, moment in known.items() if name not in gone}
    if event.name in _MILESTONES:
        before = known.get(key, event.occurred_at)
        known = {**known, key: max(before, event.occurred_at) if event.name in _LAST else before}
    return {} if known is case.milestones else {"milestones": known}


_LAST = frozenset(
    {
        "case_to_answer_decided",
        "finding_recorded",
        "case_closed",
        "objection_decided",
        "appeal_objection_decided",
        "restriction_lifted",
        "later_date_asked",
    }
)
_PROCEEDINGS = (
    "referred_to_proceedings",
    "documents_supplied",
    "panel_named",
    "panel_objected",
    "objection_decided",
    "response_given",
    "chair_documents_supplied",
    "pre_hearing_held",
    "later_date_asked",
    "hearing_listed",
    "hearing_opened",
    "finding_recorded",
)
_ANEW = {
    "special_conditions_certified": _PROCEEDINGS,
    "remitted_to_ordinary_track": (*_PROCEEDINGS, "special_conditions_certified"),
}
_MILESTONES = frozenset(fact for facts in RESTS_ON.values() for any_of in _each_of(facts) for fact in any_of)
