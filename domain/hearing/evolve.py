"""What is remembered of a fact about an officer's proceedings."""

from domain.hearing.accelerated import certified, remitted
from domain.hearing.dates import DateEvent, dated
from domain.hearing.facts import (
    CaseToAnswerFellAway,
    ChairDocumentsSupplied,
    DocumentsSupplied,
    FindingRecorded,
    HearingAdjourned,
    HearingConcluded,
    HearingNoticePublished,
    HearingOpened,
    PanelNamed,
    ProceedingsJoined,
    ProceedingsSevered,
    ProceedingsWithdrawn,
    ReferredToProceedings,
    RemittedToOrdinaryTrack,
    ResponseGiven,
    SpecialConditionsCertified,
    ToldInWriting,
    WitnessListsExchanged,
)
from domain.hearing.joint import joined
from domain.hearing.panel import PanelEvent, seated
from domain.messages import Event
from domain.regimes.ranks import seniority_of
from domain.state import Case, Hearing, Officer
from domain.vocabulary import ListsOf, Regime, Telling

__all__ = ["evolve"]


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about an officer's proceedings."""
    officer = case.officer(event.subject or "")
    return case.with_officer(officer.model_copy(update=_officer_change(case, officer, event)))


def _officer_change(case: Case, officer: Officer, event: Event) -> dict[str, object]:
    match event:
        case SpecialConditionsCertified():
            return {**certified(event), "certification_authorised_by": event.authorised_by}
        case RemittedToOrdinaryTrack():
            return remitted(officer, event)
        case ToldInWriting():
            return {"to_be_told": {what: since for what, since in officer.to_be_told.items() if what != event.of}}
        case ReferredToProceedings():
            return {"hearing": Hearing(ref=event.hearing, proceedings=event.proceedings)}
    if officer.hearing is None:
        raise ValueError(f"officer {officer.ref} has no hearing for {event.name}")
    changed = (
        joined(case, officer, officer.hearing, event)
        if isinstance(event, ProceedingsJoined)
        else _change(officer.hearing, event)
    )
    change: dict[str, object] = {"hearing": officer.hearing.model_copy(update=changed)}
    if isinstance(event, PanelNamed) and event.rank and seniority_of(officer.rank) is None:
        change["rank"] = event.rank
    if isinstance(event, ProceedingsWithdrawn):
        change["disposal"] = event.disposal
        if case.regime_of(officer.ref) is not Regime.PCR_2012:  # reg 27 was read of the 2020 Regulations only
            change["to_be_told"] = {**officer.to_be_told, Telling.WITHDRAWAL: event.occurred_at}
    return change


def _change(hearing: Hearing, event: Event) -> dict[str, object]:
    if isinstance(event, PanelEvent):
        return seated(hearing, event)
    if isinstance(event, DateEvent):
        return dated(hearing, event)
    match event:
        case WitnessListsExchanged():
            of = event.of if hearing.lists_of in (None, event.of) else ListsOf.BOTH
            return {"lists_of": of, "lists_exchanged": of is ListsOf.BOTH}
        case ProceedingsSevered():
            return {"ref": event.hearing}
        case HearingOpened():
            over = ((hearing.adjourned_at, event.occurred_at),) if hearing.adjourned_at else ()
            ended = {"adjourned_at": None, "adjournments": (*hearing.adjournments, *over)}
            return {"opened": True, "adjourned": False, **ended}
        case HearingAdjourned():
            return {"adjourned": True, "adjourned_at": event.occurred_at}
        case FindingRecorded():
            return {"findings": {**hearing.findings, event.allegation: event.finding}}
    return {DONE[type(event)]: True}


DONE: dict[type[Event], str] = {
    DocumentsSupplied: "documents_supplied",
    ResponseGiven: "responded",
    ChairDocumentsSupplied: "chair_has_documents",
    HearingNoticePublished: "notice_published",
    HearingConcluded: "concluded",
    CaseToAnswerFellAway: "no_case",
    ProceedingsWithdrawn: "withdrawn",
}
