"""The rules of investigation: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator

from domain.errors import (
    AlreadyDone,
    Malformed,
    NotFound,
    OutOfOrder,
    Unlawful,
    WrongStage,
)
from domain.investigation.acts import (
    AppointInvestigator,
    ArrangeInterview,
    AssessSeverity,
    DecideCaseToAnswer,
    InvestigationAct,
    OfficerAct,
    RecordInterview,
    RecordRepresentations,
    ReportTimeliness,
    ResumeProceedings,
    ServeNotice,
    StayProceedings,
    SubmitReport,
    UpdateParty,
)
from domain.investigation.facts import (
    CaseToAnswerDecided,
    InterviewArranged,
    InterviewRecorded,
    InvestigatorAppointed,
    NoticeServed,
    PartyUpdated,
    ProceedingsResumed,
    ProceedingsStayed,
    ReportSubmitted,
    RepresentationsRecorded,
    SeverityAssessed,
    TimelinessReported,
)
from domain.messages import Event
from domain.regimes import check_disposal, disposals, time_limit
from domain.separation import apart
from domain.state import Case, Officer
from domain.vocabulary import CaseToAnswer, Disposal, Mode, Role, Severity
from domain.working_days import london_date

__all__ = ["WITHOUT_PROCEEDINGS", "decide", "evolve", "ready", "ready_officer"]


def ready(case: Case, act: type[InvestigationAct]) -> None:
    """Refuse an act that the state of the case rules out, whatever its facts."""
    if act is AppointInvestigator:
        if case.mode is None:
            raise OutOfOrder("Decide the mode of investigation first.")
        if case.report_submitted:
            raise WrongStage("The investigation is over: its report has been submitted.")
    if act is StayProceedings and case.stayed:
        raise AlreadyDone("The proceedings are stayed already.")
    if act is ResumeProceedings and not case.stayed:
        raise WrongStage("The proceedings are not stayed.")
    if act in (SubmitReport, AssessSeverity, ServeNotice, RecordRepresentations, ArrangeInterview, RecordInterview):
        _ready_to_investigate(case)
    if act is SubmitReport:
        if unassessed := [ref for ref, officer in case.officers.items() if officer.severity is None]:
            raise OutOfOrder(f"The severity has not been assessed for: {', '.join(unassessed)}.")
    if act is DecideCaseToAnswer and not case.report_submitted:
        raise OutOfOrder("The investigation report comes first.", case.cite("PCR 2020 reg 23(1)", None))


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
        citation = "PCR 2020 reg 18(1)" if act is RecordRepresentations else "PCR 2020 reg 20(2)"
        raise OutOfOrder(f"Officer {officer.ref} has not been served with notice.", case.cite(citation, None))
    if act is DecideCaseToAnswer and officer.hearing is not None:
        raise WrongStage(f"Officer {officer.ref} has been referred to proceedings.")
    if act is DecideCaseToAnswer and officer.certified_by:
        raise WrongStage(f"The case of officer {officer.ref} goes to an accelerated hearing.")


def decide(case: Case, command: InvestigationAct) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    facts = command.model_dump(exclude={"actor", "officers"})
    if isinstance(command, OfficerAct):
        yield _officer_fact(case, command, facts | {"officer": command.officer})
        return
    match command:
        case AppointInvestigator():
            _check_investigator(case, command)
            yield InvestigatorAppointed.model_validate(facts)
        case UpdateParty():
            if command.party not in case.officers and command.party not in case.parties:
                raise NotFound(f"There is no such officer or party in case {case.reference}.")
            told = {"to_officer": command.party in case.officers, "investigating": not case.report_submitted}
            yield PartyUpdated.model_validate(facts | told)
        case ReportTimeliness():
            yield TimelinessReported.model_validate(facts | {"reported_by": command.actor.role})
        case StayProceedings():
            yield ProceedingsStayed.model_validate(facts)
        case ResumeProceedings():
            if case.stayed_at and command.occurred_at < case.stayed_at:
                raise OutOfOrder("The proceedings were not yet stayed at that time.")
            yield ProceedingsResumed.model_validate(facts)
        case SubmitReport():
            yield ReportSubmitted.model_validate(facts | {"mode": case.mode})


def _officer_fact(case: Case, command: OfficerAct, facts: dict[str, object]) -> Event:
    officer = case.officer(command.officer)
    match command:
        case AssessSeverity():
            _check_severity(case, officer, command)
            return SeverityAssessed.model_validate(facts | {"was": officer.severity})
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
        case DecideCaseToAnswer():
            _check_decision(case, officer, command)
            return CaseToAnswerDecided.model_validate(facts)
        case _:
            raise WrongStage("That is not an act of investigation on an officer.")


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
    if case.mode is Mode.INDEPENDENT and command.actor.role is not Role.IOPC:
        raise apart("independent_investigator")
    if command.investigator == case.investigator:
        raise AlreadyDone("That investigator is appointed already.")


def _check_severity(case: Case, officer: Officer, command: AssessSeverity) -> None:
    told = ("severity", "live_final_warning", "final_warning_until", "final_warning_extended", "reduced_in_rank")
    if all(getattr(command, name) == getattr(officer, name) for name in told):
        raise AlreadyDone(f"Officer {officer.ref} is already assessed as {command.severity.replace('_', ' ')}.")
    if (command.final_warning_until or command.final_warning_extended) and not command.live_final_warning:
        raise Malformed("live_final_warning: only a warning in force has an end, or was extended.")
    if command.final_warning_until and command.final_warning_until < london_date(command.occurred_at):
        raise Malformed("final_warning_until: a warning in force that day ends no earlier.")


WITHOUT_PROCEEDINGS = (
    Disposal.NO_ACTION,
    Disposal.REFLECTIVE_PRACTICE,
    Disposal.PERFORMANCE,
    Disposal.MANAGEMENT_ACTION,
)


def _check_decision(case: Case, officer: Officer, command: DecideCaseToAnswer) -> None:
    newest = case.milestones.get(f"case_to_answer_decided/{officer.ref}")
    if newest and command.occurred_at < newest:
        raise OutOfOrder(f"A later decision on officer {officer.ref} has been told already.")
    cited, lawful = case.cite("PCR 2020 reg 23", None), _lawful_disposals(case, officer, command.decision)
    if command.decision is CaseToAnswer.GROSS_MISCONDUCT and command.disposal is not Disposal.HEARING:
        raise Unlawful("A case to answer for gross misconduct goes to a hearing.", cited, lawful)
    if command.disposal.to_proceedings and not officer.notice_served:
        raise Unlawful(f"Officer {officer.ref} has not been served with notice.", case.cite("PCR 2020 reg 17(1)", None))
    if command.decision is CaseToAnswer.GROSS_MISCONDUCT and officer.severity is not Severity.GROSS_MISCONDUCT:
        raise Unlawful(
            f"The severity for officer {officer.ref} has not been assessed as gross misconduct.",
            case.cite("PCR 2020 reg 14", None),
        )
    _check_former(case, officer, command)
    if command.decision is CaseToAnswer.NONE and command.disposal not in WITHOUT_PROCEEDINGS:
        raise Unlawful("Without a case to answer there are no proceedings.", cited, lawful)
    if (command.decision, command.disposal) == (CaseToAnswer.MISCONDUCT, Disposal.HEARING):
        if not officer.live_final_warning:
            raise Unlawful("Misconduct goes to a hearing only with a live final warning.", cited, lawful)
    if (command.decision, command.disposal) == (CaseToAnswer.MISCONDUCT, Disposal.MEETING):
        if officer.live_final_warning:
            raise Unlawful("Misconduct with a live final warning goes to a hearing.", cited, lawful)
    _check_form(case, officer, command, lawful)


def _lawful_disposals(case: Case, officer: Officer, decision: CaseToAnswer) -> tuple[Disposal, ...]:
    """Where this decision may lead."""
    if decision is CaseToAnswer.GROSS_MISCONDUCT:
        return (Disposal.HEARING,)
    if decision is CaseToAnswer.NONE or officer.departed:
        return disposals(case.regime_of(officer.ref))
    return (
        Disposal.HEARING if officer.live_final_warning else Disposal.MEETING,
        *disposals(case.regime_of(officer.ref)),
    )


def _check_form(case: Case, officer: Officer, command: DecideCaseToAnswer, lawful: tuple[Disposal, ...]) -> None:
    if command.disposal is Disposal.ACCELERATED_HEARING:
        cited = case.cite("PCR 2020 reg 49", None)
        raise Unlawful("Only special conditions, certified, lead to an accelerated hearing.", cited, lawful)
    if command.directed and command.actor.role is not Role.APPROPRIATE_AUTHORITY:
        raise Malformed("directed: only the authority acts under the IOPC's direction.")
    check_disposal(case.regime_of(officer.ref), command.disposal, command.line_manager_consulted)


def _check_former(case: Case, officer: Officer, command: DecideCaseToAnswer) -> None:
    if officer.departed and command.disposal.to_proceedings and command.decision is not CaseToAnswer.GROSS_MISCONDUCT:
        source = time_limit(case.regime_of(officer.ref), "former_officer_window").source
        raise Unlawful(f"Officer {officer.ref} has left: proceedings are for gross misconduct only.", source)


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about the investigation."""
    match event:
        case InvestigatorAppointed():
            return case.model_copy(
                update={"investigator": event.investigator, "investigator_managed_by": event.managed_by}
            )
        case ReportSubmitted():
            return case.model_copy(update={"report_submitted": True})
        case ProceedingsStayed():
            return case.model_copy(update={"stayed": True, "stayed_at": event.occurred_at})
        case ProceedingsResumed():
            over = ((case.stayed_at, event.occurred_at),) if case.stayed_at else ()
            return case.model_copy(update={"stayed": False, "stays": (*case.stays, *over)})
        case SeverityAssessed():
            change = _assessed(case.officer(event.officer), event)
        case NoticeServed():
            change = {"notice_served": True}
        case RepresentationsRecorded():
            change = {"represented": True}
        case CaseToAnswerDecided():
            change = {"case_to_answer": event.decision, "disposal": event.disposal, "directed": event.directed}
        case _:
            return case
    return case.with_officer(case.officer(event.subject or "").model_copy(update=change))


def _assessed(officer: Officer, event: SeverityAssessed) -> dict[str, object]:
    """An assessment counts from its day: an older one, told later, does not take the place of a newer one."""
    if officer.severity_at and event.occurred_at < officer.severity_at:
        return {}
    known = ("live_final_warning", "final_warning_until", "final_warning_extended", "reduced_in_rank")
    record = {name: getattr(event, name) or getattr(officer, name) for name in known}
    return {"severity": event.severity, "severity_at": event.occurred_at, **record}
