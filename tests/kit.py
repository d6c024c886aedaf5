"""Given a case, when someone acts, then this follows: the words in which the tests of the domain are written.

    suspended = referred(first_known="2025-04-10").when("impose_restriction", at="2025-04-17")
    suspended.then("restriction_imposed", measure="suspension").clock("suspension_review_first/A", due="2025-05-19")
    suspended.on("2025-05-20").clock("suspension_review_first/A", state="missed")
    suspended.when("impose_restriction").refused("already_done")
    referred(officers="AB").up_to("open_hearing").when("record_finding", officer="B", finding="misconduct")

`up_to` and `before` tell the ordinary case as far as an act: `ORDINARILY` says what each act rests on, `EXAMPLES` who
gives it and with what facts. Acts follow each other by a minute unless they are dated.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from domain import case as rules
from domain import retelling, working_days
from domain.case import enforce, fold, open_case
from domain.correction import CorrectRecord, RecordCorrected
from domain.deadlines import AdoptHolidays, DeadlineSet
from domain.errors import REFUSALS, Refused
from domain.handover import TakeOverOfficer
from domain.messages import COMMANDS, Actor, Command, Event, OfficerCommand, Recorded, command_from, event_id
from domain.referral import Referral
from domain.state import Case, Deadline, Hearing, Officer, Outcome, Restriction
from domain.vocabulary import Regime, Role
from domain.working_days import Calendar, england_and_wales

T = TypeVar("T")

CALENDAR = england_and_wales()
# The table as it could have been in 2020: without the funeral of 2022, and with a day that was never proclaimed.
_FUNERAL, _RUMOURED = date(2022, 9, 19), date(2020, 7, 20)
_THEN = {day: name for day, name in CALENDAR.holidays.items() if day != _FUNERAL}
OLDER = replace(CALENDAR, version="2020-01", holidays={**_THEN, _RUMOURED: "Day of thanks"})


def _tables() -> Mapping[str, Calendar]:
    return {OLDER.version: OLDER, CALENDAR.version: CALENDAR}


working_days._calendars = lru_cache(_tables)  # the frozen data holds one table only, so far
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2030, 1, 1, tzinfo=UTC)  # when the acts are told: long after any of them was done
MINUTE = timedelta(minutes=1)

AA, IOPC, INVESTIGATOR, CHAIR, OFFICER = "appropriate_authority", "iopc", "investigator", "chair", "officer"

WHO = {
    Role.INTAKE: "intake-1",
    Role.APPROPRIATE_AUTHORITY: "authority-1",
    Role.INVESTIGATOR: "investigator-1",
    Role.IOPC: "iopc-1",
    Role.CHAIR: "chair-1",
    Role.PANEL_MEMBER: "member-1",
    Role.LEGAL_ADVISER: "adviser-1",
    Role.OFFICER: "person-a",
    Role.POLICE_FRIEND: "friend-1",
    Role.COMPLAINANT: "complainant-1",
    Role.LOCAL_POLICING_BODY: "policing-body-1",
    Role.APPEALS_TRIBUNAL: "tribunal-1",
    Role.COLLEGE: "college-1",
    Role.CLERK: "clerk-1",
    Role.SYSTEM: "system-1",
}

CLERK = Actor(role=Role.CLERK, id=WHO[Role.CLERK])

SUSPENSION: dict[str, Any] = {
    "measure": "suspension",
    "redeployment_considered": True,
    "public_interest_requires": True,
    "iopc_consulted": True,
}
SPECIAL_CONDITIONS: dict[str, Any] = {
    "sufficient_evidence": True,
    "without_delay": True,
    "reasons": "It is on film, and trust suffers",
}
NO_CASE: dict[str, Any] = {"decision": "none", "disposal": "no_action"}
PANEL: dict[str, Any] = {"chair": "chair-1", "members": ["member-1", "member-2"], "adviser": "adviser-1"}


def sits_as(hearing: Hearing, chair: str, members: list[str], at: datetime, regime: Regime) -> dict[str, str]:
    """As what they ordinarily sit on a panel that is named at that moment."""
    amended = regime is not Regime.PCR_2012
    since_2024 = amended and (hearing.panel_since or at.astimezone(LONDON).date()) >= date(2024, 5, 7)
    first, second = ("independent_member",) * 2 if since_2024 else ("superintendent", "independent_member")
    chairs = {
        "meeting": "higher_rank",
        "accelerated_hearing": "chief_officer",
        "hearing": "chief_officer" if since_2024 else "legally_qualified_chair",
    }
    seats = [(chair, chairs[hearing.proceedings]), *zip(members, (first, second), strict=False)]
    return dict(reversed(seats))  # who is named twice sits first of all as the chair


def same_day(at: datetime) -> str:
    """The day of an act, in London."""
    return at.astimezone(LONDON).date().isoformat()


def next_day(at: datetime) -> str:
    """The same time a day later."""
    return (at + timedelta(days=1)).isoformat()


def working_day_after(at: datetime) -> str:
    """The first working day after the day of an act."""
    return CALENDAR.first_working_day_after(at.astimezone(LONDON).date()).isoformat()


def next_day_only(at: datetime) -> str:
    """The day after that of an act, in London."""
    return (at.astimezone(LONDON).date() + timedelta(days=1)).isoformat()


@dataclass(frozen=True)
class Example:
    """An act as it is ordinarily done: by whom, and with what facts beside the officers; some depend on its moment."""

    by: str
    facts: Mapping[str, Any] = field(default_factory=dict)


EXAMPLES: dict[str, Example] = {
    # referral
    "add_officer": Example(AA, {"officer": "C", "person": "person-c"}),
    "add_allegation": Example(AA, {"allegation": "2", "summary": "Did it again", "officers": ["A"]}),
    "add_party": Example(AA, {"party": "P2", "kind": "complainant"}),
    "assess_referral": Example(AA, {"kind": "mandatory", "reasons": "Serious assault"}),
    "refer_to_iopc": Example(AA),
    "record_dsi": Example(AA, {"reasons": "He died in hospital"}),
    "call_in": Example(IOPC, {"reasons": "Public confidence"}),
    "treat_as_referred": Example(IOPC, {"all_notified": True, "reasons": "A complaint was sent to us"}),
    "link_case": Example(AA, {"reference": "X-2019-0007", "open_under": "2012"}),
    "compare_case": Example(AA, {"reference": "X-2020-0008", "view": "another_matter", "reasons": "Another night"}),
    "direct_reinvestigation": Example(IOPC, {"reasons": "A witness has come forward"}),
    "direct_present_regulations": Example(IOPC, {"reasons": "So that it may be heard in public"}),
    "withdraw_allegation": Example(AA, {"allegation": "1", "reasons": "The complainant no longer makes it"}),
    "decide_mode": Example(IOPC, {"mode": "independent", "reasons": "Public confidence"}),
    # investigation
    "appoint_investigator": Example(IOPC, {"investigator": "investigator-1"}),
    "assess_severity": Example(INVESTIGATOR, {"severity": "gross_misconduct", "reasons": "Dismissal would follow"}),
    "serve_notice": Example(INVESTIGATOR, {"terms_of_reference": True}),
    "record_representations": Example(OFFICER, {"statement": "It was not me"}),
    "arrange_interview": Example(INVESTIGATOR, {"proposed_for": next_day}),
    "propose_interview_time": Example(OFFICER, {"proposed_for": next_day}),
    "record_interview": Example(INVESTIGATOR),
    "refer_to_prosecutor": Example(AA, {"reasons": "The report indicates an assault"}),
    "record_prosecution_decision": Example(AA, {"charge": False, "reasons": "The evidence is thin"}),
    "seek_views": Example(IOPC),
    "give_views": Example(AA, {"decision": "misconduct", "disposal": "meeting", "reasons": "It was a mistake"}),
    "direct_authority": Example(
        IOPC, {"decision": "gross_misconduct", "disposal": "hearing", "reasons": "It was no mistake"}
    ),
    "update_party": Example(AA, {"party": "P1"}),
    "tell_outcome": Example(AA, {"party": "P1", "review_right": True}),
    "apply_for_review": Example("local_policing_body", {"party": "P1"}),
    "decide_review": Example(IOPC, {"party": "P1", "upheld": False, "reasons": "It was reasonable"}),
    "recommend_learning": Example(IOPC, {"recommendation": "R1", "text": "Keep the camera on"}),
    "reply_to_recommendation": Example(AA, {"recommendation": "R1", "text": "It is kept on now"}),
    "report_timeliness": Example(AA, {"reason": "Many witnesses", "planned_steps": "Hear them"}),
    "stay_proceedings": Example(AA, {"reasons": "Trial pending"}),
    "resume_proceedings": Example(AA, {"because": "criminal_proceedings_concluded"}),
    "submit_report": Example(INVESTIGATOR),
    "decide_case_to_answer": Example(
        AA, {"decision": "gross_misconduct", "disposal": "hearing", "reasons": "Enough evidence"}
    ),
    # restriction
    "impose_restriction": Example(AA, {**SUSPENSION, "reasons": "Public confidence"}),
    "confirm_suspension": Example(AA),
    "record_restriction_representations": Example(OFFICER, {"statement": "Office work would do"}),
    "review_restriction": Example(AA, {"reasons": "Nothing has changed"}),
    "give_review_notice": Example(AA, {"summary_of_reasons": "Nothing has changed"}),
    "vary_restriction": Example(
        AA, {"measure": "restricted_duties", "reasons": "Office work will do", "iopc_consulted": True}
    ),
    "lift_restriction": Example(AA, {"reasons": "No longer needed", "iopc_consulted": True}),
    # hearing
    "refer_to_proceedings": Example(AA, {"hearing": "H1"}),
    "certify_special_conditions": Example(AA, SPECIAL_CONDITIONS),
    "remit_to_ordinary_track": Example(AA, {"reasons": "The evidence has to be heard"}),
    "tell_in_writing": Example(AA, {"of": "withdrawal"}),
    "join_proceedings": Example(AA, {"officer": "A", "hearing": "H1", "reasons": "The evidence is the same"}),
    "sever_proceedings": Example(AA, {"officer": "A", "hearing": "H2", "reasons": "The other is ill"}),
    "supply_documents": Example(AA),
    "name_panel": Example(AA, PANEL),
    "object_to_panel": Example(OFFICER, {"person": "member-1", "reasons": "A former partner"}),
    "decide_objection": Example(CHAIR, {"person": "member-1", "upheld": True, "reasons": "So it is"}),
    "respond_to_notice": Example(OFFICER, {"admits": False}),
    "exchange_witness_lists": Example(AA),
    "supply_chair_documents": Example(AA),
    "arrange_pre_hearing": Example(CHAIR, {"held_on": same_day}),
    "propose_alternative_date": Example(OFFICER, {"of": "pre_hearing", "proposed_for": next_day_only}),
    "direct_privacy": Example(CHAIR, {"held": "partly_private", "reasons": "A witness is a child"}),
    "hold_pre_hearing": Example(CHAIR, {"begins_on": same_day}),
    "apply_for_later_date": Example(AA, {"reasons": "A witness is abroad"}),
    "decide_later_date": Example(CHAIR, {"granted": False, "reasons": "The witness may be heard by video"}),
    "list_hearing": Example(CHAIR, {"begins_on": same_day}),
    "publish_hearing_notice": Example(AA),
    "open_hearing": Example(CHAIR),
    "adjourn_hearing": Example(CHAIR, {"reasons": "A witness is ill"}),
    "record_finding": Example(CHAIR, {"allegation": "1", "finding": "gross_misconduct"}),
    "conclude_hearing": Example(CHAIR),
    "reconsider_case_to_answer": Example(AA, {"reasons": "The witness has taken it back"}),
    "withdraw_from_proceedings": Example(AA, {"disposal": "no_action", "reasons": "No case to answer any more"}),
    # outcome
    "impose_outcome": Example(CHAIR, {"sanction": "dismissal_without_notice"}),
    "issue_report": Example(CHAIR),
    "notify_officer": Example(AA),
    "publish_outcome": Example(AA),
    "report_to_barred_list": Example(AA),
    "lodge_appeal": Example(OFFICER, {"grounds": "It was unreasonable"}),
    "decide_appeal": Example("appeals_tribunal", {"result": "dismissed", "reasons": "It was reasonable"}),
    "name_appeal_person": Example(AA, {"person": "senior-1"}),
    "object_to_appeal_person": Example(OFFICER, {"reasons": "A former partner"}),
    "decide_appeal_objection": Example(AA, {"upheld": False, "reasons": "Long ago"}),
    "determine_grounds": Example(AA, {"who": "senior-1", "arguable": True, "reasons": "They may be right"}),
    "arrange_appeal_meeting": Example(AA, {"meets_on": same_day}),
    "propose_appeal_date": Example(OFFICER, {"proposed_for": working_day_after}),
    "hold_appeal_meeting": Example(AA, {"who": "senior-1"}),
    "notify_appeal_result": Example(AA),
    "decide_late_notice": Example("appeals_tribunal", {"admitted": True, "reasons": "The officer was in hospital"}),
    "copy_appeal": Example("local_policing_body"),
    "supply_appeal_documents": Example(AA),
    "give_appeal_statement": Example(OFFICER),
    "reply_to_appeal": Example(AA),
    "list_appeal_hearing": Example("appeals_tribunal", {"begins_on": same_day}),
    "publish_appeal_notice": Example(AA),
    "give_views_on_reduction": Example(AA, {"views": "The station can spare a sergeant"}),
    "record_career_break": Example(AA, {"began_on": same_day, "ended_on": same_day}),
    "decide_publication": Example(CHAIR, {"publish": False, "reasons": "It would name the victim"}),
    "end_publication": Example(AA),
    "report_to_advisory_list": Example(AA),
    "close_case": Example(AA),
    "reopen_case": Example(AA, {"reasons": "A witness came forward"}),
    # departure
    "request_consent_to_leave": Example(OFFICER, {"departure": "resigned"}),
    "decide_consent_to_leave": Example(AA, {"consent": False, "reasons": "Nothing exceptional about it"}),
    "record_departure": Example(AA, {"departure": "resigned"}),
    "determine_condition_c": Example(IOPC, {"proceed": True, "reasons": "The public would expect it"}),
    # reflection
    "notify_reflective_review": Example(AA),
    "give_reflective_account": Example(OFFICER, {"statement": "I should have asked first"}),
    "agree_reflective_report": Example(AA, {"lessons": "Ask first"}),
    "discuss_reflective_report": Example(AA),
    # any
    "extend_deadline": Example(CHAIR, {"deadline": "officer_response/A", "reasons": "Illness", "until": "2020-09-01"}),
    "shorten_deadline": Example(
        AA,
        {
            "deadline": "officer_response/A",
            "reasons": "All are ready",
            "until": "2020-07-10",
            "agreed_by": [AA, OFFICER, CHAIR],
        },
    ),
    "set_aside_deadline": Example(AA, {"deadline": "timeliness_pcr_first", "reasons": "It would prejudice the case"}),
    "go_live": Example(AA),
    "hand_over_officer": Example(AA, {"to": "X-2020-0009", "reasons": "The same night's work"}),
    "take_over_officer": Example(AA, {"from_case": "X-2020-0002", "was": "A", "reasons": "The same night's work"}),
    "adopt_holidays": Example("clerk", {"table": CALENDAR.version, "reasons": "A new table"}),
    "correct_record": Example(AA, {"reasons": "It belongs to another case"}),
}

# What an act ordinarily rests on: the act told just before it, if it was not told yet.
ORDINARILY: dict[str, str | None] = {
    "refer_to_iopc": "assess_referral",
    "direct_reinvestigation": "submit_report",
    "direct_present_regulations": "link_case",
    "decide_mode": "refer_to_iopc",
    "appoint_investigator": "decide_mode",
    "assess_severity": "appoint_investigator",
    "serve_notice": "assess_severity",
    "record_representations": "serve_notice",
    "arrange_interview": "serve_notice",
    "propose_interview_time": "arrange_interview",
    "record_interview": "serve_notice",
    "refer_to_prosecutor": "serve_notice",
    "record_prosecution_decision": "refer_to_prosecutor",
    "seek_views": "submit_report",
    "give_views": "seek_views",
    "direct_authority": "submit_report",
    "stay_proceedings": "supply_documents",
    "resume_proceedings": "stay_proceedings",
    "submit_report": "serve_notice",
    "decide_case_to_answer": "submit_report",
    "tell_outcome": "decide_case_to_answer",
    "apply_for_review": "tell_outcome",
    "decide_review": "apply_for_review",
    "reply_to_recommendation": "recommend_learning",
    "confirm_suspension": "impose_restriction",
    "record_restriction_representations": "impose_restriction",
    "review_restriction": "impose_restriction",
    "give_review_notice": "review_restriction",
    "vary_restriction": "impose_restriction",
    "lift_restriction": "impose_restriction",
    "refer_to_proceedings": "decide_case_to_answer",
    "certify_special_conditions": "serve_notice",
    "remit_to_ordinary_track": "certify_special_conditions",
    "tell_in_writing": "withdraw_from_proceedings",
    "join_proceedings": "sever_proceedings",
    "sever_proceedings": "refer_to_proceedings",
    "supply_documents": "refer_to_proceedings",
    "name_panel": "supply_documents",
    "object_to_panel": "name_panel",
    "decide_objection": "object_to_panel",
    "respond_to_notice": "name_panel",
    "exchange_witness_lists": "respond_to_notice",
    "supply_chair_documents": "exchange_witness_lists",
    "arrange_pre_hearing": "supply_chair_documents",
    "propose_alternative_date": "arrange_pre_hearing",
    "direct_privacy": "name_panel",
    "hold_pre_hearing": "supply_chair_documents",
    "apply_for_later_date": "supply_chair_documents",
    "decide_later_date": "apply_for_later_date",
    "list_hearing": "supply_chair_documents",
    "publish_hearing_notice": "list_hearing",
    "open_hearing": "list_hearing",
    "adjourn_hearing": "open_hearing",
    "record_finding": "open_hearing",
    "conclude_hearing": "record_finding",
    "reconsider_case_to_answer": "name_panel",
    "withdraw_from_proceedings": "name_panel",
    "impose_outcome": "conclude_hearing",
    "issue_report": "impose_outcome",
    "notify_officer": "issue_report",
    "publish_outcome": "notify_officer",
    "report_to_barred_list": "impose_outcome",
    "lodge_appeal": "notify_officer",
    "decide_appeal": "lodge_appeal",
    "name_appeal_person": "lodge_appeal",
    "object_to_appeal_person": "name_appeal_person",
    "decide_appeal_objection": "object_to_appeal_person",
    "determine_grounds": "name_appeal_person",
    "arrange_appeal_meeting": "determine_grounds",
    "propose_appeal_date": "arrange_appeal_meeting",
    "hold_appeal_meeting": "arrange_appeal_meeting",
    "notify_appeal_result": "determine_grounds",
    "decide_late_notice": "lodge_appeal",
    "copy_appeal": "lodge_appeal",
    "supply_appeal_documents": "copy_appeal",
    "give_appeal_statement": "supply_appeal_documents",
    "reply_to_appeal": "give_appeal_statement",
    "list_appeal_hearing": "lodge_appeal",
    "publish_appeal_notice": "list_appeal_hearing",
    "give_views_on_reduction": "conclude_hearing",
    "record_career_break": "notify_officer",
    "decide_publication": "impose_outcome",
    "end_publication": "publish_outcome",
    "report_to_advisory_list": "record_departure",
    "close_case": "decide_appeal",
    "reopen_case": "close_case",
    "decide_consent_to_leave": "request_consent_to_leave",
    "extend_deadline": "supply_documents",
    "shorten_deadline": "name_panel",
    "correct_record": "assess_referral",
    "notify_reflective_review": "decide_case_to_answer",
    "give_reflective_account": "notify_reflective_review",
    "agree_reflective_report": "notify_reflective_review",
    "discuss_reflective_report": "agree_reflective_report",
    "adopt_holidays": "supply_documents",
}

# What is otherwise on the way to an act whose case is not the ordinary one.
BY_MEETING: dict[str, dict[str, Any]] = {
    "decide_case_to_answer": {"decision": "misconduct", "disposal": "meeting"},
    "name_panel": {"members": [], "adviser": None},
    "record_finding": {"finding": "misconduct"},
    "impose_outcome": {"sanction": "written_warning"},
}
TO_REFLECT: dict[str, dict[str, Any]] = {
    "decide_case_to_answer": {
        "decision": "misconduct",
        "disposal": "reflective_practice",
        "line_manager_consulted": True,
    },
}
DISMISSED_BY_SENIOR: dict[str, Any] = {"by": AA, "who": "senior-1", "result": "dismissed"}
OTHERWISE: dict[str, dict[str, dict[str, Any]]] = {
    "name_appeal_person": BY_MEETING,
    "object_to_appeal_person": BY_MEETING,
    "decide_appeal_objection": BY_MEETING,
    "determine_grounds": BY_MEETING,
    "arrange_appeal_meeting": BY_MEETING,
    "propose_appeal_date": BY_MEETING,
    "hold_appeal_meeting": BY_MEETING,
    "notify_appeal_result": {
        **BY_MEETING,
        "determine_grounds": {"arguable": False},
        "decide_appeal": DISMISSED_BY_SENIOR,
    },
    "record_career_break": BY_MEETING,
    "notify_reflective_review": TO_REFLECT,
    "give_reflective_account": TO_REFLECT,
    "agree_reflective_report": TO_REFLECT,
    "discuss_reflective_report": TO_REFLECT,
    "decide_late_notice": {"lodge_appeal": {"at": "2029-12-01", "late_because": "In hospital"}},
}

# What has to be done besides, in any order: a dismissal is reported and published before the case is closed.
BESIDES: dict[str, tuple[str, ...]] = {
    "close_case": ("report_to_barred_list", "publish_outcome"),
    "notify_appeal_result": ("decide_appeal",),
}


def unmarked(citation: str) -> str:
    """A citation without the marks that tell how each provision of it was verified."""
    return re.sub(r" \[(V|V-frag|V~|M [hml])(, place inferred)?]", "", citation)


def moment(when: str | datetime) -> datetime:
    """A moment; a bare day means ten in the morning of it, a time without zone is London's."""
    if isinstance(when, datetime):
        return when
    if len(when) == 10:
        return datetime.combine(date.fromisoformat(when), time(10), LONDON)
    told = datetime.fromisoformat(when)
    return told if told.tzinfo else told.replace(tzinfo=LONDON)


def referral(**facts: Any) -> Referral:
    """A referral; `officers` may be letters: "AB" is officers A and B, who face allegation 1 together."""
    officers = facts.pop("officers", "A")
    if isinstance(officers, str):
        officers = [{"officer": ref, "person": f"person-{ref.lower()}"} for ref in officers]
    parties = facts.pop("parties", ("P1",))
    told: dict[str, Any] = {
        "reference": "X-2020-0001",
        "force": "force-1",
        "clock": "recorded",
        "origin": "complaint",
        "first_known": "2020-07-04",
        "actor": {"role": "intake", "id": WHO[Role.INTAKE]},
        "officers": officers,
        "allegations": [{"allegation": "1", "summary": "Struck him", "officers": [o["officer"] for o in officers]}],
        "parties": [{"party": party, "kind": "complainant"} for party in parties],
    }
    told |= facts
    known = date.fromisoformat(str(told["first_known"]))
    told.setdefault("occurred_at", moment((known + timedelta(days=2)).isoformat()))
    return Referral.model_validate(told)


@dataclass(frozen=True)
class Given:
    """A case as it stands, and what the last act gave: its facts, or the refusal."""

    case: Case
    clock_at: datetime
    facts: tuple[Event, ...] = ()
    history: tuple[Event, ...] = ()
    record: tuple[Recorded, ...] = ()  # the history as the store holds it
    acts: tuple[str, ...] = ()
    refusal: Refused | None = None
    calendar: Calendar = CALENDAR  # that its clocks are set by, until it adopts the newest

    def when(self, name: str, *, at: str | datetime | None = None, by: str | None = None, **facts: Any) -> Self:
        """What follows when this is done: on a day, at a moment, or a minute after the act before."""
        return self.told(command_from(name, self.body(name, at, by, **facts)))

    def body(self, name: str, at: str | datetime | None = None, by: str | None = None, **facts: Any) -> dict[str, Any]:
        """The body of an act: its example, with these facts in place, for every officer unless said otherwise.

        `by` is the role that gives it and `who` the person, if not the one who usually has that role.
        """
        example = EXAMPLES[name]
        role = Role(by or example.by)
        done = moment(at) if at else max(self.clock_at + MINUTE, earliest(self.case, name))
        told = {key: value(done) if callable(value) else value for key, value in example.facts.items()}
        told |= facts
        if name == "name_panel":
            told.setdefault("sits_as", self._sits_as(told, done))
            told.setdefault("rank", self._rank())
        who = told.pop("who", WHO[role])
        if issubclass(COMMANDS[name], OfficerCommand) and not {"officer", "officers"} & set(told):
            told["officers"] = ["A"] if role is Role.OFFICER else sorted(self.case.officers)
        if name == "correct_record":
            told.setdefault("event", self.last_act())
        return {"actor": {"role": role, "id": who}, "occurred_at": done, **told}

    def _sits_as(self, told: Mapping[str, Any], at: datetime) -> dict[str, str]:
        heard = next((each for each in self.case.officers.values() if each.hearing), None)
        if heard is None or heard.hearing is None:
            return {}
        return sits_as(heard.hearing, told["chair"], told["members"], at, self.case.regime_of(heard.ref))

    def _rank(self) -> str | None:
        """What is told of the rank of those of whom the referral says none."""
        return None if all(officer.rank for officer in self.case.officers.values()) else "constable"

    def taking_over(self, other: "Given", **facts: Any) -> Self:
        """What follows when an officer's part of another case is taken over: officer A of it, unless said otherwise."""
        facts.setdefault("at", max(self.clock_at, other.clock_at) + MINUTE)
        body = self.body("take_over_officer", from_case=other.case.reference, **facts)
        return self.told(command_from("take_over_officer", body), other.record)

    def told(self, command: Command, other: Sequence[Recorded] = ()) -> Self:
        """What follows from this command; `other` is the record of the other case, where it concerns one."""
        self.check_not_refused()
        clock_at = max(self.clock_at, command.occurred_at)
        calendar = CALENDAR if isinstance(command, AdoptHolidays) else self.calendar
        try:
            events = decide(self.case, self.record, command, other, calendar)
        except Refused as refusal:
            return replace(self, clock_at=clock_at, facts=(), refusal=refusal)
        then = self._after(events, clock_at, command.name, command.actor)
        return replace(then, acts=(*self.acts, command.name), calendar=calendar)

    def last_act(self, name: str | None = None) -> int:
        """The version of the last fact (of this name) that did not only follow from another."""
        told = [n for n, fact in enumerate(self.history, 1) if not fact.derived and name in (None, fact.name)]
        return told[-1]

    def on(self, when: str | datetime) -> Self:
        """What time alone has done by then."""
        self.check_not_refused()
        return self._after(tuple(enforce(self.case, moment(when), self.calendar)), moment(when), "enforce_deadlines")

    def _after(self, facts: tuple[Event, ...], clock_at: datetime, command: str, actor: Actor = CLERK) -> Self:
        return replace(
            self,
            case=after(self.case, self.history, facts),
            clock_at=clock_at,
            facts=facts,
            history=self.history + facts,
            record=self.record + record(facts, len(self.history), command, actor),
        )

    def before(self, act: str, **changes: Mapping[str, Any]) -> Self:
        """The ordinary case just before this act; `changes` are other facts for acts on the way, by name."""
        given, changes = self, {**OTHERWISE.get(act, {}), **changes}
        for name in reversed([act, *_back_from(act, self.acts)]):
            for beside in BESIDES.get(name, ()):
                if beside not in given.acts and not (beside == "publish_outcome" and given._before_publication()):
                    given = given.when(beside, **changes.get(beside, {}))
            given = given if name == act else given.when(name, **changes.get(name, {}))
        given.check_not_refused()
        return given

    def _before_publication(self) -> bool:
        """Whether a hearing was concluded before reports were published."""
        since = moment("2015-05-01T00:00")
        concluded = (at for name, at in self.case.milestones.items() if name.startswith("hearing_concluded/"))
        return any(at < since for at in concluded)

    def up_to(self, act: str, **changes: Mapping[str, Any]) -> Self:
        """The ordinary case with this act done last."""
        changes = {**OTHERWISE.get(act, {}), **changes}
        given = self.before(act, **changes).when(act, **changes.get(act, {}))
        given.check_not_refused()
        return given

    def check_not_refused(self) -> None:
        """The last act was not refused."""
        assert self.refusal is None, f"refused as {self.refusal.code}: {self.refusal}"

    def then(self, *names: str, **fields: object) -> Self:
        """These facts followed, in this order, beside those about deadlines; the first of them has these fields."""
        self.check_not_refused()
        followed = [fact for fact in self.facts if not hasattr(fact, "deadline")]
        assert tuple(fact.name for fact in followed) == names
        assert {name: getattr(followed[0], name) for name in fields} == fields
        return self

    def refused(self, code: str, citation: str | None = None) -> Self:
        """The act was refused with this code, resting on this provision, whose mark need not be named."""
        assert self.refusal is not None, f"not refused, but followed by {[fact.name for fact in self.facts]}"
        assert type(self.refusal) is REFUSALS[code], f"refused as {self.refusal.code}: {self.refusal}"
        told = self.refusal.citation
        assert told is None or unmarked(told) != told, f"{told}: it is not told how that was verified"
        assert citation in (told, told and unmarked(told)), f"refused under {told}"
        return self

    def clock(self, ref: str, due: str | None = None, state: str | None = None) -> Self:
        """The deadline of this id falls due on this day and stands so, as far as it is asked."""
        self.check_not_refused()
        deadline = self.deadline(ref)
        assert due is None or str(deadline.due) == due, f"{ref} is due on {deadline.due}"
        assert state is None or deadline.state == state, f"{ref} is {deadline.state}"
        return self

    def no_clock(self, ref: str) -> Self:
        """There is no deadline of this id."""
        self.check_not_refused()
        assert ref not in self.case.deadlines
        return self

    def deadline(self, ref: str) -> Deadline:
        """The deadline of this id."""
        assert ref in self.case.deadlines, f"there is no {ref} among {sorted(self.case.deadlines)}"
        return self.case.deadlines[ref]

    def clocks_set(self) -> list[str]:
        """The deadlines that the last act set."""
        return [fact.deadline for fact in self.facts if isinstance(fact, DeadlineSet)]

    def officer(self, ref: str = "A") -> Officer:
        """How the case stands for this officer."""
        return self.case.officers[ref]

    def restriction(self, ref: str = "A") -> Restriction:
        """The restriction in force on this officer."""
        return present(self.officer(ref).restriction)

    def hearing(self, ref: str = "A") -> Hearing:
        """The proceedings of this officer."""
        return present(self.officer(ref).hearing)

    def outcome(self, ref: str = "A") -> Outcome:
        """The outcome for this officer."""
        return present(self.officer(ref).outcome)


def _back_from(act: str, done: tuple[str, ...]) -> Iterator[str]:
    while (earlier := ORDINARILY.get(act)) and earlier not in done:
        yield earlier
        act = earlier


def earliest(case: Case, name: str) -> datetime:
    """When an act may first be done, where a window or the time that a report stays up holds it back."""
    days = [date(2000, 1, 1)]
    if name == "publish_outcome":
        windows = (each for each in case.deadlines.values() if each.ticking and "publish" in each.rule)
        days += [each.opens_on for each in windows if each.opens_on]
    if name == "end_publication":
        published = (each.outcome.published_on for each in case.officers.values() if each.outcome)
        days += [day + timedelta(days=28) for day in published if day]
    return moment(max(days).isoformat())


def referred(*, calendar: Calendar = CALENDAR, **facts: Any) -> Given:
    """The case that a referral opens; `facts` are those in which it differs from the ordinary one."""
    matter = referral(**facts)
    events = tuple(open_case(matter, calendar, NOW))
    told = record(events, 0, "open_case", matter.actor)
    return Given(fold(events), matter.occurred_at, events, events, told, calendar=calendar)


@cache
def elsewhere(reference: str, officer: str, to: str, known: date) -> tuple[Recorded, ...]:
    """The record of another case, known from that day, in which this officer was suspended and handed over to `to`."""
    officers = [{"officer": officer, "person": "person-z", "rank": "sergeant"}]
    case = referred(reference=reference, officers=officers, first_known=known).when("impose_restriction")
    return case.when("hand_over_officer", to=to).record


def decide(
    case: Case,
    history: Sequence[Recorded],
    command: Command,
    other: Sequence[Recorded] = (),
    calendar: Calendar = CALENDAR,
) -> tuple[Event, ...]:
    """What follows from a command, as the store asks for it: of a correction, by the whole history."""
    if isinstance(command, TakeOverOfficer):
        other = other or elsewhere(command.from_case, command.was, case.reference, case.first_known - timedelta(days=7))
        return tuple(retelling.take_over(case, other, command, CALENDAR, NOW))
    if isinstance(command, CorrectRecord):
        return tuple(retelling.correct(history, command, calendar, NOW))
    return tuple(rules.decide(case, command, calendar, NOW))


def record(facts: Iterable[Event], after: int, command: str, actor: Actor) -> tuple[Recorded, ...]:
    """What a command gave as the store holds it, after this version."""
    return tuple(recorded(fact, version, command, actor) for version, fact in enumerate(facts, after + 1))


def recorded(event: Event, version: int, command: str = "any", actor: Actor = CLERK) -> Recorded:
    """An event as the store holds it, told at once."""
    return Recorded(
        stream="X-2020-0001",
        version=version,
        event_id=event_id("X-2020-0001", command, version),
        type=event.name,
        schema_version=event.schema_version,
        occurred_at=event.occurred_at,
        recorded_at=event.occurred_at,
        actor=actor,
        command=command,
        command_id=f"{command}-{version}",
        data=event.model_dump(mode="json", exclude={"occurred_at"}),
        hash="",
    )


def after(case: Case, history: Sequence[Event], facts: Sequence[Event]) -> Case:
    """The case after these facts, which a correction among them changes from the beginning."""
    if any(isinstance(fact, RecordCorrected) for fact in facts):
        return fold([*history, *facts])
    return fold(facts, case)


def ordinary(act: str, **facts: Any) -> Given:
    """The case in which an act is ordinarily done: as referred, an older one, one of two, one of who left long ago."""
    if act in ("join_proceedings", "sever_proceedings"):
        return referred(officers="AB", **facts)
    if act in ("request_consent_to_leave", "decide_consent_to_leave"):
        return referred(first_known="2016-01-04", **facts)
    if act == "adopt_holidays":
        return referred(calendar=OLDER, **{"clock": "live", **facts})
    case = referred(**facts)
    return case.when("record_departure", left_on="2018-01-02") if act == "determine_condition_c" else case


def locally(**facts: Any) -> Given:
    """A case that need not be referred: the authority investigates it itself."""
    case = referred(**facts).when("assess_referral", kind="not_required").when("decide_mode", by=AA, mode="local")
    return case.when("appoint_investigator", by=AA)


def accelerated(act: str, *, at: str = "2020-08-03", day: str = "2020-08-17", **facts: Any) -> Given:
    """A case on the accelerated track up to this act: notice given `at`, heard on `day`, the first that is lawful."""
    case = referred(**facts).up_to("certify_special_conditions")
    if act == "certify_special_conditions":
        return case
    case = case.when("refer_to_proceedings", at=at)
    return (
        case.up_to(
            act,
            name_panel={"members": []},
            list_hearing={"begins_on": day},
            open_hearing={"at": day},
        )
        if act != "refer_to_proceedings"
        else case
    )


def present(value: T | None) -> T:
    """The value, which is there."""
    assert value is not None
    return value


Story = Callable[[], Given] | str


@dataclass(frozen=True)
class Refusal:
    """After this story (the ordinary case up to an act, or one told by a function), this act is refused so."""

    so_far: Story
    act: str
    code: str
    citation: str | None
    facts: Mapping[str, Any]

    def holds(self) -> Refused:
        """Tell the story, try the act, see it refused, and give the refusal."""
        given = referred().up_to(self.so_far) if isinstance(self.so_far, str) else self.so_far()
        return present(given.when(self.act, **self.facts).refused(self.code, self.citation).refusal)


def refusal(so_far: Story, act: str, code: str, citation: str | None = None, **facts: Any) -> Refusal:
    """One line of a table of refusals: after `so_far`, `act` with these `facts` is refused with this code."""
    return Refusal(so_far, act, code, citation, facts)
