"""The rules of investigation: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator

from domain.errors import (
    AlreadyDone,
    Malformed,
    OutOfOrder,
    Unlawful,
    WrongStage,
)
from domain.investigation.acts import (
    AppointInvestigator,
    ArrangeInterview,
    AssessSeverity,
    InvestigationAct,
    OfficerInvestigationAct,
    ProposeInterviewTime,
    RecordInterview,
    RecordProsecutionDecision,
    RecordRepresentations,
    ReferToProsecutor,
    ReportTimeliness,
    ResumeProceedings,
    ServeNotice,
    StayProceedings,
    SubmitReport,
    UpdateParty,
)
from domain.investigation.crime import criminal, criminal_fact, ready_for_crime
from domain.investigation.decision import (
    decided,
    decision,
    ready_to_decide,
    ready_to_decide_on,
)
from domain.investigation.facts import (
    InterviewArranged,
    InterviewPostponed,
    InterviewRecorded,
    InvestigatorAppointed,
    NoticeServed,
    PartyUpdated,
    ProceedingsResumed,
    ProceedingsStayed,
    ProsecutionDecided,
    ReferredToProsecutor,
    ReportSubmitted,
    RepresentationsRecorded,
    SeverityAssessed,
    TimelinessReported,
)
from domain.investigation.telling import party_by_then, ready_to_tell, told, told_facts
from domain.messages import Event, OfficerEvent, plain
from domain.regimes import time_limit, whole
from domain.regimes.provisions import source_of
from domain.separation import apart
from domain.state import Case, DeadlineState, Officer
from domain.vocabulary import Regime, Severity, Telling
from domain.working_days import london_date

__all__ = ["decide", "evolve", "ready", "ready_officer"]


def ready(case: Case, act: type[InvestigationAct]) -> None:
    """Refuse an act that the state of the case rules out, whatever its facts."""
    if act is AppointInvestigator:
        if case.mode is None:
            raise OutOfOrder("Decide the mode of investigation first.")
        if case.report_submitted:
            raise WrongStage("The investigation is over: its report has been submitted.")
    ready_to_tell(case, act)
    ready_for_crime(case, act)
    if act in INVESTIGATING:
        _ready_to_investigate(case)
    if act is SubmitReport:
        if unassessed := [ref for ref, officer in case.officers.items() if officer.severity is None]:
            raise OutOfOrder(f"The severity has not been assessed for: {', '.join(unassessed)}.")
    ready_to_decide(case, act)


INVESTIGATING = (
    SubmitReport,
    AssessSeverity,
    ServeNotice,
    RecordRepresentations,
    ArrangeInterview,
    ProposeInterviewTime,
    RecordInterview,
)


def _ready_to_investigate(case: Case) -> None:
    if case.investigator is None:
        raise WrongStage("No investigator has been appointed yet.")
    if case.report_submitted:
        raise WrongStage("The investigation is over: its report has been submitted.")


def ready_officer(case: Case, act: type[InvestigationAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if act is ServeNotice and officer.severity is None:
        raise OutOfOrder(f"Assess the severity for officer {officer.ref} first.")
    if act in (RecordRepresentations, ArrangeInterview, RecordInterview) and not officer.notice_served:
        raise OutOfOrder(f"Officer {officer.ref} has not been served with notice.", _notice_cited(case, act, officer))
    if act is ProposeInterviewTime and officer.interview_at is None:
        raise OutOfOrder(f"No interview is arranged for officer {officer.ref}.")
    ready_to_decide_on(act, officer)


def _notice_cited(case: Case, act: type[InvestigationAct], officer: Officer) -> str | None:
    if case.regime_of(officer.ref) is Regime.PCR_2012:
        return None
    row = "reps_to_investigator" if act is RecordRepresentations else "interview_needs_tor"
    return time_limit(case.regime_of(officer.ref), row).source


def decide(case: Case, command: InvestigationAct) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    facts = command.model_dump(exclude={"actor", "officers"})
    if isinstance(command, OfficerInvestigationAct):
        yield _officer_fact(case, command, facts | {"officer": command.officer})
        return
    match command:
        case AppointInvestigator():
            _check_investigator(case, command)
            yield InvestigatorAppointed.model_validate(facts)
        case UpdateParty():
            if command.party not in case.officers:
                party_by_then(case, command)
            told = {"to_officer": command.party in case.officers, "investigating": not case.report_submitted}
            yield PartyUpdated.model_validate(facts | told)
        case ReportTimeliness():
            yield TimelinessReported.model_validate(facts | {"reported_by": command.actor.role})
        case SubmitReport():
            yield ReportSubmitted.model_validate(facts | {"mode": case.mode})
        case StayProceedings() | ResumeProceedings() | ReferToProsecutor() | RecordProsecutionDecision():
            yield criminal_fact(case, command, facts)
        case _:
            yield from told_facts(case, command, facts)


def _officer_fact(case: Case, command: OfficerInvestigationAct, facts: dict[str, object]) -> Event:
    officer = case.officer(command.officer)
    match command:
        case AssessSeverity():
            _check_severity(case, officer, command)
            return SeverityAssessed.model_validate(
                facts | {"was": officer.severity, "revised": _revised(officer, command)}
            )
        case ServeNotice():
            return NoticeServed.model_validate(facts | {"severity": officer.severity})
        case RecordRepresentations():
            return RepresentationsRecorded.model_validate(facts)
        case ArrangeInterview():
            if command.proposed_for <= command.occurred_at:
                raise Malformed("proposed_for: an interview is proposed for a later time.")
            return InterviewArranged.model_validate(facts)
        case RecordInterview():
            return InterviewRecorded.model_validate(facts)
        case ProposeInterviewTime():
            _check_other_time(case, officer, command)
            return InterviewPostponed.model_validate(facts | {"was": officer.interview_at})
        case _:
            return decided(case, officer, command, facts)


def _check_investigator(case: Case, command: AppointInvestigator) -> None:
    concerned = {officer.person for officer in case.officers.values()}
    if command.investigator in concerned:
        raise apart("concerned_investigates", case)
    if command.investigator in case.parties:
        raise apart("party_investigates", case)
    if concerned & set(command.managed_by):
        raise apart("managed_investigates", case)
    if command.investigator in case.sitters:
        raise apart("sitter_investigates")
    if command.investigator == case.investigator:
        raise AlreadyDone("That investigator is appointed already.")


def _revised(officer: Officer, command: AssessSeverity) -> bool:
    newer = officer.severity_at is None or command.occurred_at >= officer.severity_at
    return officer.notice_served and newer and command.severity is not officer.severity


def _check_other_time(case: Case, officer: Officer, command: ProposeInterviewTime) -> None:
    if command.proposed_for <= command.occurred_at:
        raise Malformed("proposed_for: an interview is proposed for a later time.")
    own = (d for d in case.deadlines.values() if d.subject == officer.ref)
    limits = [d for d in own if whole(d.rule) == "interview_alternative"]
    last = limits[-1] if limits else None
    lapsed = last is not None and last.state is DeadlineState.LAPSED and command.occurred_at < last.due_at
    if last is None or last.due is None or not (last.ticking or lapsed):
        raise Unlawful("The time to propose another has ended, or it was used.", last.source if last else None)
    specified = officer.interview_at
    if london_date(command.proposed_for) > last.due or (specified and command.proposed_for <= specified):
        within = f"after {plain(specified)} and within five working days, by {plain(last.due)}"
        raise Unlawful(f"Another time, to which the interview is postponed, has to lie {within}.", last.source)


KEPT = (  # what an assessment tells besides, and a later one that does not tell it leaves as it is
    "live_final_warning",
    "final_warning_until",
    "final_warning_extended",
    "reduced_in_rank",
    "indictable_only_conviction",
)


def _check_severity(case: Case, officer: Officer, command: AssessSeverity) -> None:
    told = ("severity", *KEPT)
    if all(getattr(command, name) == getattr(officer, name) for name in told):
        raise AlreadyDone(f"Officer {officer.ref} is already assessed as {command.severity.replace('_', ' ')}.")
    if (command.final_warning_until or command.final_warning_extended) and not command.live_final_warning:
        raise Malformed("live_final_warning: only a warning in force has an end, or was extended.")
    if command.final_warning_until and command.final_warning_until < london_date(command.occurred_at):
        raise Malformed("final_warning_until: a warning in force that day ends no earlier.")
    _check_conviction(case, officer, command)


def _check_conviction(case: Case, officer: Officer, command: AssessSeverity) -> None:
    """What a conviction makes of the conduct is not for an assessment; one before it, told later, knew none."""
    later = officer.severity_at is None or command.occurred_at >= officer.severity_at
    convicted = command.indictable_only_conviction or (later and officer.indictable_only_conviction)
    amended = case.regime_of(officer.ref) is Regime.PCR_2025
    if convicted and amended and command.severity is not Severity.GROSS_MISCONDUCT:
        raise Unlawful(
            "Conduct that has resulted in conviction of an indictable-only offence is taken to be gross misconduct.",
            source_of("PCR 2020 reg 2(1), (2A) as amended by SI 2025/558 reg 6"),
            (Severity.GROSS_MISCONDUCT,),
        )


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about the investigation."""
    match event:
        case InvestigatorAppointed():
            return case.model_copy(
                update={"investigator": event.investigator, "investigator_managed_by": event.managed_by}
            )
        case ReportSubmitted():
            return case.model_copy(update={"report_submitted": True})
        case OfficerEvent():
            officer = case.officer(event.officer)
            return case.with_officer(officer.model_copy(update=_of_officer(officer, event)))
        case ProceedingsStayed() | ProceedingsResumed() | ReferredToProsecutor() | ProsecutionDecided():
            return case.model_copy(update=criminal(case, event))
        case PartyUpdated() | TimelinessReported():
            return case
    return told(case, event)


def _of_officer(officer: Officer, event: OfficerEvent) -> dict[str, object]:
    match event:
        case SeverityAssessed():
            return _assessed(officer, event)
        case NoticeServed():
            left = {of: since for of, since in officer.to_be_told.items() if of is not Telling.SEVERITY_CHANGE}
            return {"notice_served": True, "to_be_told": left}
        case RepresentationsRecorded():
            return {"represented": True}
        case InterviewArranged() | InterviewPostponed():
            return {"interview_at": event.proposed_for}
        case InterviewRecorded():
            return {"interview_at": None}
    return decision(event)


def _assessed(officer: Officer, event: SeverityAssessed) -> dict[str, object]:
    """An assessment counts from its day: an older one, told later, does not take the place of a newer one."""
    if officer.severity_at and event.occurred_at < officer.severity_at:
        return {}
    change = {name: getattr(event, name) or getattr(officer, name) for name in KEPT}
    if event.revised:
        change["to_be_told"] = {**officer.to_be_told, Telling.SEVERITY_CHANGE: event.occurred_at}
    return {"severity": event.severity, "severity_at": event.occurred_at, **change}
