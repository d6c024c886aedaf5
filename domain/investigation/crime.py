"""The criminal side of a matter: the file to the prosecutor, and misconduct proceedings stayed for criminal ones."""

from domain.errors import AlreadyDone, OutOfOrder, WrongStage
from domain.investigation.acts import (
    InvestigationAct,
    RecordProsecutionDecision,
    ReferToProsecutor,
    ResumeProceedings,
    StayProceedings,
)
from domain.investigation.facts import (
    ProceedingsResumed,
    ProceedingsStayed,
    ProsecutionDecided,
    ReferredToProsecutor,
)
from domain.messages import Event
from domain.state import Case

__all__ = ["criminal", "criminal_fact", "ready_for_crime"]


def ready_for_crime(case: Case, act: type[InvestigationAct]) -> None:
    """Refuse what the state rules out about prosecutors and stays, whatever the facts of the act."""
    if act is StayProceedings and case.stayed:
        raise AlreadyDone("The proceedings are stayed already.")
    if act is ResumeProceedings and not case.stayed:
        raise WrongStage("The proceedings are not stayed.")
    if act is ReferToProsecutor:
        if case.investigator is None:
            raise WrongStage("No investigator has been appointed yet.")
        if case.at_prosecutor:
            raise AlreadyDone("A file is with the prosecutor, who has not decided yet.")
    if act is RecordProsecutionDecision and not case.at_prosecutor:
        raise OutOfOrder("No file is with the prosecutor.")


def criminal_fact(case: Case, command: InvestigationAct, facts: dict[str, object]) -> Event:
    """The fact on the criminal side that an act gives."""
    match command:
        case StayProceedings():
            return ProceedingsStayed.model_validate(facts)
        case ResumeProceedings():
            if case.stayed_at and command.occurred_at < case.stayed_at:
                raise OutOfOrder("The proceedings were not yet stayed at that time.")
            return ProceedingsResumed.model_validate(facts)
        case ReferToProsecutor():
            return ReferredToProsecutor.model_validate(facts)
        case RecordProsecutionDecision():
            if case.at_prosecutor and command.occurred_at < case.at_prosecutor:
                raise OutOfOrder("The file was not yet with the prosecutor at that time.")
            return ProsecutionDecided.model_validate(facts | {"decision": "charge" if command.charge else "no charge"})
    raise TypeError(command.name)  # its branch was forgotten


def criminal(case: Case, event: Event) -> dict[str, object]:
    """What a fact on the criminal side changes in the case."""
    match event:
        case ProceedingsStayed():
            return {"stayed": True, "stayed_at": event.occurred_at}
        case ProceedingsResumed():
            over = ((case.stayed_at, event.occurred_at),) if case.stayed_at else ()
            return {"stayed": False, "stays": (*case.stays, *over)}
        case ReferredToProsecutor():
            return {"at_prosecutor": event.occurred_at}
        case ProsecutionDecided():
            return {"at_prosecutor": None}
    raise TypeError(event.name)  # its branch was forgotten
