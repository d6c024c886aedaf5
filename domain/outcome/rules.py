"""The rules of outcome: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator

from domain.errors import AlreadyDone, OutOfOrder, WrongStage
from domain.messages import Event, OfficerEvent, plain
from domain.outcome.acts import (
    CloseCase,
    DecidePublication,
    EndPublication,
    GiveViewsOnReduction,
    ImposeOutcome,
    IssueReport,
    NotifyOfficer,
    OfficerOutcomeAct,
    OutcomeAct,
    PublishOutcome,
    RecordCareerBreak,
    ReopenCase,
    ReportToAdvisoryList,
    ReportToBarredList,
)
from domain.outcome.appeal_acts import AppealAct
from domain.outcome.appeal_facts import AppealEvent
from domain.outcome.appeal_order import ready_appeal
from domain.outcome.appeals import decide_appeal, evolve_appeal
from domain.outcome.facts import (
    AdvisoryListReported,
    BarredListReported,
    CareerBreakRecorded,
    CaseClosed,
    CaseReopened,
    OfficerNotified,
    OutcomeImposed,
    OutcomePublished,
    OutcomeReportIssued,
    PublicationDecided,
    PublicationEnded,
    ViewsOnReductionGiven,
)
from domain.outcome.publication import (
    PUBLIC,
    check_decision,
    check_end,
    concluded_on,
    ready_for_advisory_list,
    ready_for_public,
)
from domain.outcome.sanctions import (
    check_sanction,
    live_until,
    paused_until,
    ready_for_views,
    ready_to_pause,
)
from domain.regimes import time_limit
from domain.regimes.provisions import since
from domain.separation import apart
from domain.state import Case, Hearing, Officer, Outcome
from domain.vocabulary import Proceedings, Regime, Role
from domain.working_days import Calendar, london_date

__all__ = ["decide", "evolve", "ready", "ready_officer"]


def ready(case: Case, act: type[OutcomeAct]) -> None:
    """Refuse an act that the state of the case rules out, whatever its facts."""
    if act is ReopenCase and case.closed_at is None:
        raise WrongStage("The case is open.")
    if act is CloseCase:
        left = [officer for officer in case.officers.values() if not officer.finished]
        if still := [f"{officer.ref} ({plain(case.stage_of(officer))})" for officer in left]:
            raise WrongStage(f"Something is left to decide about: {', '.join(still)}.")
        if asked := [ref for ref, party in case.parties.items() if party.review_applied]:
            raise WrongStage(f"A review is still to be decided for: {', '.join(asked)}.")
        open_still = [d for d in case.deadlines.values() if d.outstanding and time_limit(d.regime, d.rule).keeps_open]
        if open_still:
            raise OutOfOrder(f"Still open: {', '.join(f'{d.title.lower()} ({d.subject})' for d in open_still)}.")


def ready_officer(case: Case, act: type[OutcomeAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if act is ReportToAdvisoryList:
        return ready_for_advisory_list(officer)
    if officer.hearing is None or not officer.hearing.concluded:
        raise WrongStage(f"The proceedings of officer {officer.ref} have not been concluded.")
    if act is GiveViewsOnReduction:
        return ready_for_views(case, officer, officer.hearing)
    if act is ImposeOutcome:
        if officer.outcome is not None:
            raise AlreadyDone(f"Officer {officer.ref} has an outcome already.")
        return
    if officer.outcome is None:
        raise OutOfOrder(f"No outcome has been imposed on officer {officer.ref} yet.")
    if issubclass(act, AppealAct):
        return ready_appeal(case, act, officer, officer.outcome)
    if act is RecordCareerBreak:
        return ready_to_pause(case, officer, officer.outcome)
    _ready_after(case, act, officer, officer.hearing, officer.outcome)


def _ready_after(case: Case, act: type[OutcomeAct], officer: Officer, hearing: Hearing, outcome: Outcome) -> None:
    done: dict[type[OutcomeAct], bool] = {
        IssueReport: outcome.reported,
        NotifyOfficer: outcome.notified_on is not None,
        PublishOutcome: outcome.published,
        DecidePublication: outcome.publication is not None,
        EndPublication: outcome.publication_ended,
        ReportToBarredList: outcome.barred_list_reported,
    }
    if done.get(act):
        raise AlreadyDone(f"That was done for officer {officer.ref} already.")
    if act is NotifyOfficer and not outcome.reported:
        cited = case.cite("PCR 2020 reg 43(2)", "PCR 2012 reg 36", officer.ref)
        raise OutOfOrder("The report of the proceedings has to be submitted first.", cited)
    if act in (*PUBLIC, ReportToBarredList):
        ready_for_public(case, act, officer, hearing, outcome)


def decide(case: Case, command: OutcomeAct, calendar: Calendar) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    if isinstance(command, CloseCase):
        if any(command.occurred_at < moment for moment in case.milestones.values()):
            raise OutOfOrder("Something was done in the case after that: it cannot have been closed yet.")
        yield CaseClosed(occurred_at=command.occurred_at, illustrative=command.illustrative)
        return
    if isinstance(command, ReopenCase):
        yield _reopened(case, command)
        return
    if not isinstance(command, OfficerOutcomeAct):
        raise TypeError(command.name)  # its branch was forgotten
    officer = case.officer(command.officer)
    facts = command.model_dump(exclude={"actor", "officers"}) | {"officer": officer.ref}
    if isinstance(command, ReportToAdvisoryList):
        yield AdvisoryListReported.model_validate(facts)
    elif officer.hearing is not None:
        yield _fact(case, officer, officer.hearing, command, facts, calendar)


def _reopened(case: Case, command: ReopenCase) -> Event:
    if case.closed_at and command.occurred_at < case.closed_at:
        raise OutOfOrder("A case cannot have been reopened before it was closed.")
    return CaseReopened(occurred_at=command.occurred_at, illustrative=command.illustrative, reasons=command.reasons)


def _fact(
    case: Case,
    officer: Officer,
    hearing: Hearing,
    command: OfficerOutcomeAct,
    facts: dict[str, object],
    calendar: Calendar,
) -> Event:
    outcome = officer.outcome or Outcome()
    facts |= {"proceedings": hearing.proceedings}
    if command.actor.role is Role.CHAIR and command.actor.id != hearing.chair:
        raise apart("named_chair")
    if isinstance(command, IssueReport):
        _check_reporter(case, officer, hearing, command)
    match command:
        case ImposeOutcome():
            check_sanction(case, officer, hearing, command, calendar)
            facts |= {"finding": hearing.finding}
        case RecordCareerBreak():
            facts |= {"live_until": paused_until(outcome, command)}
        case NotifyOfficer():
            until = live_until(case, officer, outcome.sanction, outcome.months, command.occurred_at, calendar)
            facts |= {"sanction": outcome.sanction, "live_until": until}
        case DecidePublication():
            check_decision(case, officer, command)
            facts |= {"concluded_on": concluded_on(case, officer)}
        case EndPublication():
            check_end(case, officer, outcome, command, calendar)
        case AppealAct():
            return decide_appeal(case, officer, hearing, command, facts, calendar)
    return FACTS[type(command)].model_validate(facts)


def _check_reporter(case: Case, officer: Officer, hearing: Hearing, command: IssueReport) -> None:
    """The report of an accelerated hearing may be left to its adviser, who came with the Regulations of 2024."""
    if command.actor.role is not Role.LEGAL_ADVISER:
        return
    accelerated = hearing.proceedings is Proceedings.ACCELERATED_HEARING
    may = accelerated and case.regime_of(officer.ref) is not Regime.PCR_2012 and hearing.adviser == command.actor.id
    if not may or london_date(command.occurred_at) < since("PCR 2020 reg 63(1A)"):
        raise apart("adviser_reports", case, officer.ref)


FACTS: dict[type[OfficerOutcomeAct], type[OfficerEvent]] = {
    ImposeOutcome: OutcomeImposed,
    GiveViewsOnReduction: ViewsOnReductionGiven,
    RecordCareerBreak: CareerBreakRecorded,
    IssueReport: OutcomeReportIssued,
    NotifyOfficer: OfficerNotified,
    DecidePublication: PublicationDecided,
    PublishOutcome: OutcomePublished,
    EndPublication: PublicationEnded,
    ReportToBarredList: BarredListReported,
}


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about an outcome."""
    if isinstance(event, CaseClosed):
        return case.model_copy(update={"closed_at": event.occurred_at})
    if isinstance(event, CaseReopened):
        return case.model_copy(update={"closed_at": None})
    officer = case.officer(event.subject or "")
    if isinstance(event, ViewsOnReductionGiven):
        return case.with_officer(officer.model_copy(update={"reduction_views_at": event.occurred_at}))
    if isinstance(event, AdvisoryListReported):
        return case.with_officer(officer.model_copy(update={"advisory_list_reported": True}))
    outcome = officer.outcome or Outcome()
    if isinstance(event, AppealEvent):
        outcome = evolve_appeal(outcome, event)
    else:
        outcome = outcome.model_copy(update=_change(outcome, event))
    return case.with_officer(officer.model_copy(update={"outcome": outcome}))


def _change(outcome: Outcome, event: Event) -> dict[str, object]:
    match event:
        case OutcomeImposed():
            return {"sanction": event.sanction, "months": event.months, "takes_effect_on": event.takes_effect_on}
        case CareerBreakRecorded():
            breaks = (*outcome.career_breaks, (event.began_on, event.ended_on))
            return {"career_breaks": breaks, "live_until": event.live_until}
        case OutcomeReportIssued():
            return {"reported": True}
        case OfficerNotified():
            return {"notified_on": london_date(event.occurred_at), "live_until": event.live_until}
        case OutcomePublished():
            return {"published": True, "published_on": london_date(event.occurred_at)}
        case PublicationDecided():
            return {"publication": event.publish}
        case PublicationEnded():
            return {"publication_ended": True}
        case BarredListReported():
            return {"barred_list_reported": True}
    raise TypeError(event.name)  # its branch was forgotten
