"""The decision on the report: the IOPC's in a matter that it handles, and the authority's, which complies with it."""

from domain.errors import Malformed, OutOfOrder, Unlawful, WrongStage
from domain.investigation.acts import (
    DecideCaseToAnswer,
    Decision,
    DirectAuthority,
    GiveViews,
    InvestigationAct,
    OfficerInvestigationAct,
    SeekViews,
)
from domain.investigation.facts import AuthorityDirected, CaseToAnswerDecided, ViewsGiven, ViewsSought
from domain.messages import Event, plain
from domain.order import too_early
from domain.regimes import check_disposal, disposals, time_limit
from domain.regimes.provisions import source_of
from domain.separation import apart
from domain.state import Case, Officer
from domain.vocabulary import CaseToAnswer, Disposal, Regime, Role, Severity

__all__ = ["decided", "decision", "ready_to_decide", "ready_to_decide_on"]


def ready_to_decide(case: Case, act: type[InvestigationAct]) -> None:
    """Refuse what the state of the case rules out about decisions on the report."""
    if act not in (DecideCaseToAnswer, SeekViews, GiveViews, DirectAuthority):
        return
    if not case.report_submitted:
        raise OutOfOrder("The investigation report comes first.", case.cite("PCR 2020 reg 23(1)", None))
    if act in (SeekViews, DirectAuthority) and not case.handled_by_iopc:
        raise WrongStage("The IOPC does not handle the matter.", source_of("PRA 2002 Sch 3 para 23"))


def ready_to_decide_on(act: type[InvestigationAct], officer: Officer) -> None:
    """Refuse what the officer's state rules out about decisions on the report."""
    if act is GiveViews and not officer.views_sought:
        raise OutOfOrder(f"The IOPC has not asked for views on officer {officer.ref}, or has had them.")
    if act not in (DecideCaseToAnswer, SeekViews, DirectAuthority):
        return
    if officer.hearing is not None:
        raise WrongStage(f"Officer {officer.ref} has been referred to proceedings.")
    if officer.certified_by:
        raise WrongStage(f"The case of officer {officer.ref} goes to an accelerated hearing.")


def decided(case: Case, officer: Officer, command: OfficerInvestigationAct, facts: dict[str, object]) -> Event:
    """The fact about the decision on the report that an act gives."""
    match command:
        case SeekViews():
            return ViewsSought.model_validate(facts)
        case GiveViews():
            return ViewsGiven.model_validate(facts)
        case DirectAuthority():
            check_decision(case, officer, command)
            against = officer.view not in (None, (command.decision, command.disposal))
            return AuthorityDirected.model_validate(facts | {"against_view": against})
        case DecideCaseToAnswer():
            check_decision(case, officer, command)
            return CaseToAnswerDecided.model_validate(facts | {"directed": command.directed or bool(officer.direction)})
    raise TypeError(command.name)  # its branch was forgotten


WITHOUT_PROCEEDINGS = (
    Disposal.NO_ACTION,
    Disposal.REFLECTIVE_PRACTICE,
    Disposal.PERFORMANCE,
    Disposal.MANAGEMENT_ACTION,
)


def check_decision(case: Case, officer: Officer, command: Decision) -> None:
    """Refuse a decision that the regime, or a direction, rules out."""
    if isinstance(command, DecideCaseToAnswer):
        _check_direction(case, officer, command)
        newest = case.milestones.get(f"case_to_answer_decided/{officer.ref}")
        if newest and command.occurred_at < newest:
            raise OutOfOrder(f"A later decision on officer {officer.ref} has been told already.")
    cited, lawful = case.cite("PCR 2020 reg 23", None), _lawful_disposals(case, officer, command.decision)
    if command.decision is not CaseToAnswer.NONE and not case.faced_by(officer.ref):
        raise Unlawful(f"No allegation stands against officer {officer.ref}.", cited)
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
    if command.decision is CaseToAnswer.MISCONDUCT:
        _check_misconduct(case, officer, command, lawful)
    _check_form(case, officer, command, lawful)


def _lawful_disposals(case: Case, officer: Officer, decision: CaseToAnswer) -> tuple[Disposal, ...]:
    """Where this decision may lead."""
    if decision is CaseToAnswer.GROSS_MISCONDUCT:
        return (Disposal.HEARING,)
    if decision is CaseToAnswer.NONE or officer.departed:
        return disposals(case.regime_of(officer.ref), former_officer=officer.departed is not None)
    forms = [Disposal.HEARING] if _may_be_heard(case, officer) else []
    forms += [] if officer.live_final_warning else [Disposal.MEETING]
    return (*forms, *disposals(case.regime_of(officer.ref)))


def _may_be_heard(case: Case, officer: Officer) -> bool:
    """Whether misconduct alone may go to a hearing.

    After a recent reduction in rank it has to, but how recent was not read: the authority, who knows when it was,
    decides. The 2012 Regulations know no reduction.
    """
    reduced = officer.reduced_in_rank and case.regime_of(officer.ref) is not Regime.PCR_2012
    return officer.live_final_warning or reduced


def _check_direction(case: Case, officer: Officer, command: DecideCaseToAnswer) -> None:
    """The authority complies with a direction; the IOPC directs, and does not decide in its place."""
    if command.directed and command.actor.role is not Role.APPROPRIATE_AUTHORITY:
        raise Malformed("directed: only the authority acts under the IOPC's direction.")
    if officer.direction is None or officer.directed_at is None:
        return
    if command.actor.role is not Role.APPROPRIATE_AUTHORITY:
        raise apart("directed_decides")
    if command.occurred_at < officer.directed_at:
        raise too_early(officer.directed_at, "authority_directed")
    if (command.decision, command.disposal) != officer.direction:
        told = f"case to answer: {plain(officer.direction[0])}; {plain(officer.direction[1])}"
        raise Unlawful(
            f"The IOPC has directed otherwise for officer {officer.ref} ({told}), and the authority has to comply.",
            time_limit(case.regime_of(officer.ref), "comply_with_direction").source,
        )


def _check_misconduct(case: Case, officer: Officer, command: Decision, lawful: tuple[Disposal, ...]) -> None:
    cited = case.cite("PCR 2020 reg 23", None)
    if command.disposal is Disposal.HEARING and not _may_be_heard(case, officer):
        besides = "" if case.regime_of(officer.ref) is Regime.PCR_2012 else ", or after a reduction in rank"
        raise Unlawful(f"Misconduct goes to a hearing only with a live final warning{besides}.", cited, lawful)
    if command.disposal is Disposal.MEETING and officer.live_final_warning:
        raise Unlawful("Misconduct with a live final warning goes to a hearing.", cited, lawful)


def _check_form(case: Case, officer: Officer, command: Decision, lawful: tuple[Disposal, ...]) -> None:
    if command.disposal is Disposal.ACCELERATED_HEARING:
        cited = case.cite("PCR 2020 reg 49", None)
        raise Unlawful("Only special conditions, certified, lead to an accelerated hearing.", cited, lawful)
    consulted, former = command.line_manager_consulted, officer.departed is not None
    check_disposal(case.regime_of(officer.ref), command.disposal, consulted, former_officer=former)


def _check_former(case: Case, officer: Officer, command: Decision) -> None:
    if officer.departed and command.disposal.to_proceedings and command.decision is not CaseToAnswer.GROSS_MISCONDUCT:
        source = time_limit(case.regime_of(officer.ref), "former_officer_window").source
        raise Unlawful(f"Officer {officer.ref} has left: proceedings are for gross misconduct only.", source)


def decision(event: Event) -> dict[str, object]:
    """What a fact about the decision on the report changes for the officer."""
    match event:
        case ViewsSought():
            return {"views_sought": True}
        case ViewsGiven():
            return {"views_sought": False, "view": (event.decision, event.disposal)}
        case AuthorityDirected():
            told = (event.decision, event.disposal)
            return {"direction": told, "directed_at": event.occurred_at, "directed": True}
        case CaseToAnswerDecided():
            return {"case_to_answer": event.decision, "disposal": event.disposal, "directed": event.directed}
    raise TypeError(event.name)  # its branch was forgotten
