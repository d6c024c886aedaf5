"""The rules of outcome: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator
from datetime import date, datetime

from domain.errors import AlreadyDone, Malformed, NotPermitted, OutOfOrder, Unlawful, WrongStage
from domain.messages import Event
from domain.outcome.acts import (
    AppealResult,
    CloseCase,
    DecideAppeal,
    ImposeOutcome,
    IssueReport,
    LodgeAppeal,
    NotifyOfficer,
    OfficerAct,
    OutcomeAct,
    PublishOutcome,
    ReportToBarredList,
)
from domain.outcome.facts import (
    AppealDecided,
    AppealLodged,
    BarredListReported,
    CaseClosed,
    OfficerNotified,
    OutcomeImposed,
    OutcomePublished,
    OutcomeReportIssued,
)
from domain.regimes import lawful_sanctions, time_limit, warning_life
from domain.state import Case, Hearing, Officer, Outcome
from domain.vocabulary import Finding, Proceedings, Role, Sanction
from domain.working_days import Calendar, Counting, count, london_date

__all__ = ["DISMISSALS", "decide", "evolve", "ready", "ready_officer"]

DISMISSALS = frozenset(
    {Sanction.DISMISSAL_WITH_NOTICE, Sanction.DISMISSAL_WITHOUT_NOTICE, Sanction.WOULD_HAVE_BEEN_DISMISSED}
)


def ready(case: Case, act: type[OutcomeAct]) -> None:
    """Refuse an act that the state of the case rules out, whatever its facts."""
    if act is CloseCase:
        if still := [ref for ref, officer in case.officers.items() if not officer.finished]:
            raise WrongStage(f"Something is left to decide about: {', '.join(still)}.")
        open_still = [d for d in case.deadlines.values() if d.outstanding and time_limit(d.regime, d.rule).keeps_open]
        if open_still:
            raise OutOfOrder(f"Still open: {', '.join(f'{d.title.lower()} ({d.subject})' for d in open_still)}.")


def ready_officer(case: Case, act: type[OutcomeAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if officer.hearing is None or not officer.hearing.concluded:
        raise WrongStage(f"The proceedings of officer {officer.ref} have not been concluded.")
    if act is ImposeOutcome:
        if officer.outcome is not None:
            raise AlreadyDone(f"Officer {officer.ref} has an outcome already.")
        return
    if officer.outcome is None:
        raise OutOfOrder(f"No outcome has been imposed on officer {officer.ref} yet.")
    _ready_after(case, act, officer, officer.hearing, officer.outcome)


def _ready_after(case: Case, act: type[OutcomeAct], officer: Officer, hearing: Hearing, outcome: Outcome) -> None:
    done = {
        IssueReport: outcome.reported,
        NotifyOfficer: outcome.notified_on is not None,
        PublishOutcome: outcome.published,
        ReportToBarredList: outcome.barred_list_reported,
        LodgeAppeal: outcome.appealed,
    }
    if done.get(act):
        raise AlreadyDone(f"That was done for officer {officer.ref} already.")
    if act is NotifyOfficer and not outcome.reported:
        raise OutOfOrder("The report of the proceedings has to be submitted first.")
    if act in (LodgeAppeal, PublishOutcome) and outcome.notified_on is None:
        raise OutOfOrder(f"Officer {officer.ref} has not been told the outcome yet.")
    if act is PublishOutcome and hearing.proceedings is Proceedings.MEETING:
        raise Unlawful("The outcome of a misconduct meeting is not published.")
    if act is ReportToBarredList and outcome.sanction not in DISMISSALS:
        raise WrongStage(f"Officer {officer.ref} was not dismissed.")
    if act is DecideAppeal and outcome.appeal_to is None:
        raise WrongStage(f"There is no appeal by officer {officer.ref} to decide.")


def decide(case: Case, command: OutcomeAct, calendar: Calendar) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    if isinstance(command, CloseCase):
        yield CaseClosed(occurred_at=command.occurred_at, illustrative=command.illustrative)
        return
    if not isinstance(command, OfficerAct):
        raise WrongStage("That is not an act on an outcome.")
    officer = case.officer(command.officer)
    facts = command.model_dump(exclude={"actor", "officers"}) | {"officer": officer.ref}
    if officer.hearing is not None:
        yield _fact(case, officer, officer.hearing, command, facts, calendar)


def _fact(
    case: Case, officer: Officer, hearing: Hearing, command: OfficerAct, facts: dict[str, object], calendar: Calendar
) -> Event:
    outcome = officer.outcome or Outcome()
    facts |= {"proceedings": hearing.proceedings}
    if command.actor.role is Role.CHAIR and command.actor.id != hearing.chair:
        raise NotPermitted("Only the chair who was named for these proceedings acts as their chair.")
    match command:
        case ImposeOutcome():
            _check_sanction(case, officer, hearing, command)
            return OutcomeImposed.model_validate(facts | {"finding": hearing.finding})
        case IssueReport():
            return OutcomeReportIssued.model_validate(facts)
        case NotifyOfficer():
            live_until = _live_until(case, outcome.sanction, outcome.months, command.occurred_at, calendar)
            return OfficerNotified.model_validate(facts | {"sanction": outcome.sanction, "live_until": live_until})
        case PublishOutcome():
            return OutcomePublished.model_validate(facts)
        case ReportToBarredList():
            return BarredListReported.model_validate(facts)
        case LodgeAppeal():
            return AppealLodged.model_validate(facts | {"to": _appeal_to(hearing)})
        case DecideAppeal():
            _check_appeal(outcome, command)
            if command.sanction is not None:
                _check_lawful(case, officer, hearing, command.sanction)
            return _appeal_decided(case, outcome, command, facts, calendar)
        case _:
            raise WrongStage("That is not an act on the outcome of proceedings.")


def _check_sanction(case: Case, officer: Officer, hearing: Hearing, command: ImposeOutcome) -> None:
    needs_reasons, citation = _check_lawful(case, officer, hearing, command.sanction)
    if needs_reasons and not command.exceptional_circumstances:
        sanction = command.sanction.replace("_", " ").capitalize()
        raise Unlawful(f"{sanction} needs recorded exceptional circumstances.", citation)
    _check_months(case, command)


def _check_lawful(case: Case, officer: Officer, hearing: Hearing, sanction: Sanction) -> tuple[bool, str | None]:
    """Whether it needs exceptional circumstances, and where that stands. Raises `Unlawful`."""
    finding = hearing.finding or Finding.NOT_PROVEN
    former, warned = officer.departed is not None, officer.live_final_warning
    rows = list(
        lawful_sanctions(
            case.regime_of(officer.ref), hearing.proceedings, finding, live_final_warning=warned, former_officer=former
        )
    )
    citation = "; ".join(dict.fromkeys(row.citation for row in rows)) or None
    if not any(sanction in (*row.lawful, *row.unless_exceptional) for row in rows):
        what, said = sanction.replace("_", " ").capitalize(), finding.replace("_", " ")
        form = hearing.proceedings.replace("_", " ")
        raise Unlawful(
            f"{what} may not follow a finding of {said} at {'an' if form[0] == 'a' else 'a'} {form}.", citation
        )
    return not any(sanction in row.lawful for row in rows), citation


def _check_months(case: Case, command: ImposeOutcome) -> None:
    life = warning_life(case.regime, command.sanction)
    if command.months is None:
        return
    if life is None:
        raise Malformed("months: only a warning has a life in months.")
    if not life.months <= command.months <= life.at_most:
        span = f"{life.months} to {life.at_most}" if life.at_most > life.months else str(life.months)
        raise Unlawful(f"This warning lives for {span} months.", life.citation)


def _live_until(
    case: Case, sanction: Sanction | None, months: int | None, told: datetime, calendar: Calendar
) -> date | None:
    life = warning_life(case.regime, sanction) if sanction else None
    if life is None:
        return None
    return count(calendar, Counting.MONTHS_BEGINNING_WITH, months or life.months, london_date(told)).due


def _appeal_to(hearing: Hearing) -> str:
    return "appeal_meeting" if hearing.proceedings is Proceedings.MEETING else "appeals_tribunal"


def _check_appeal(outcome: Outcome, command: DecideAppeal) -> None:
    tribunal = outcome.appeal_to == "appeals_tribunal"
    if tribunal != (command.actor.role is Role.APPEALS_TRIBUNAL):
        raise NotPermitted(f"That appeal is decided by the {'tribunal' if tribunal else 'authority'}.")
    if (command.sanction is None) == (command.result is AppealResult.SUBSTITUTED):
        raise Malformed("sanction: it goes with an appeal that is substituted, and only with that.")


def _appeal_decided(
    case: Case, outcome: Outcome, command: DecideAppeal, facts: dict[str, object], calendar: Calendar
) -> Event:
    stands = command.result is AppealResult.DISMISSED or command.sanction in DISMISSALS
    reversed_dismissal = outcome.sanction in DISMISSALS and not stands
    return AppealDecided.model_validate(
        facts
        | {
            "to": outcome.appeal_to,
            "live_until": _live_until(case, command.sanction, None, command.occurred_at, calendar),
            "reinstated": reversed_dismissal,
            "off_barred_list": reversed_dismissal and outcome.barred_list_reported,
        }
    )


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about an outcome."""
    if isinstance(event, CaseClosed):
        return case.model_copy(update={"closed_at": event.occurred_at})
    officer = case.officer(event.subject or "")
    outcome = (officer.outcome or Outcome()).model_copy(update=_change(event))
    return case.with_officer(officer.model_copy(update={"outcome": outcome}))


def _change(event: Event) -> dict[str, object]:
    match event:
        case OutcomeImposed():
            return {"sanction": event.sanction, "months": event.months}
        case OutcomeReportIssued():
            return {"reported": True}
        case OfficerNotified():
            return {"notified_on": london_date(event.occurred_at), "live_until": event.live_until}
        case OutcomePublished():
            return {"published": True}
        case BarredListReported():
            return {"barred_list_reported": True}
        case AppealLodged():
            return {"appeal_to": event.to, "appealed": True}
        case AppealDecided():
            return _after_appeal(event)
    return {}


def _after_appeal(event: AppealDecided) -> dict[str, object]:
    change: dict[str, object] = {"appeal_to": None}
    if event.result is AppealResult.SET_ASIDE:
        change |= {"set_aside": True, "sanction": Sanction.NO_ACTION, "live_until": None}
    if event.result is AppealResult.SUBSTITUTED:
        change |= {"sanction": event.sanction, "live_until": event.live_until}
    return change | ({"barred_list_reported": False} if event.off_barred_list else {})
