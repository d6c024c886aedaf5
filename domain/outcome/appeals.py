"""The rules of appeals: who determines them, in what time, and what becomes of the outcome."""

from collections.abc import Callable
from typing import Any

from domain.errors import Malformed, OutOfOrder, Unlawful
from domain.messages import Event
from domain.outcome.appeal_acts import (
    AppealAct,
    AppealResult,
    ArrangeAppealMeeting,
    CopyAppeal,
    DecideAppeal,
    DecideAppealObjection,
    DecideLateNotice,
    DetermineGrounds,
    GiveAppealStatement,
    HoldAppealMeeting,
    ListAppealHearing,
    LodgeAppeal,
    NameAppealPerson,
    NotifyAppealResult,
    ObjectToAppealPerson,
    ProposeAppealDate,
    PublishAppealNotice,
    ReplyToAppeal,
    SupplyAppealDocuments,
)
from domain.outcome.appeal_facts import (
    AppealCopied,
    AppealDateProposed,
    AppealDecided,
    AppealDocumentsSupplied,
    AppealEvent,
    AppealHearingListed,
    AppealLodged,
    AppealMeetingArranged,
    AppealMeetingHeld,
    AppealNoticePublished,
    AppealObjectionDecided,
    AppealPersonNamed,
    AppealPersonObjected,
    AppealReplied,
    AppealResultNotified,
    AppealStatementGiven,
    GroundsDetermined,
    LateNoticeDecided,
)
from domain.outcome.appeal_order import MEETING, TRIBUNAL
from domain.outcome.sanctions import DISMISSALS, check_lawful, live_until
from domain.regimes import time_limit
from domain.separation import apart
from domain.state import Appeal, Case, Deadline, DeadlineState, Hearing, Officer, Outcome
from domain.vocabulary import Proceedings, Role, Sanction
from domain.working_days import Calendar, Counting, count, london_date

__all__ = ["decide_appeal", "evolve_appeal"]


def decide_appeal(
    case: Case, officer: Officer, hearing: Hearing, command: AppealAct, facts: dict[str, object], calendar: Calendar
) -> Event:
    """The fact that an act of an appeal gives; it has passed `ready_appeal`."""
    outcome = officer.outcome or Outcome()
    appeal = outcome.appeal
    if outcome.appeal_to == MEETING and isinstance(command, DetermineGrounds | HoldAppealMeeting | DecideAppeal):
        if command.actor.role is not Role.APPROPRIATE_AUTHORITY or command.actor.id != appeal.person:
            raise apart("appeal_person")
    match command:
        case LodgeAppeal():
            return AppealLodged.model_validate(facts | _lodged(case, officer, hearing, command))
        case DecideAppeal():
            _check_result(case, outcome, command)
            if command.sanction is not None:
                check_lawful(case, officer, hearing, command.sanction)
            return _decided(case, officer, outcome, command, facts, calendar)
    _check(case, officer, appeal, command, calendar)
    return FACTS[type(command)].model_validate({"person": appeal.person, **facts})


def _check(case: Case, officer: Officer, appeal: Appeal, command: AppealAct, calendar: Calendar) -> None:
    today = london_date(command.occurred_at)
    match command:
        case NameAppealPerson():
            _check_person(case, appeal, command)
        case DecideAppealObjection() if command.actor.id == appeal.person:
            raise apart("objected_decides")
        case ArrangeAppealMeeting() if command.meets_on < today:
            raise Malformed("meets_on: an appeal meeting is arranged for a later day.")
        case ListAppealHearing() if command.begins_on < today:
            raise Malformed("begins_on: a hearing is listed for a later day.")
        case HoldAppealMeeting() if appeal.meets_on and today < appeal.meets_on:
            raise OutOfOrder(f"The appeal meeting of officer {officer.ref} is arranged for {appeal.meets_on}.")
        case ProposeAppealDate():
            _check_other_date(case, officer, appeal, command, calendar)


FACTS: dict[type[AppealAct], type[AppealEvent]] = {
    NameAppealPerson: AppealPersonNamed,
    ObjectToAppealPerson: AppealPersonObjected,
    DecideAppealObjection: AppealObjectionDecided,
    DetermineGrounds: GroundsDetermined,
    ArrangeAppealMeeting: AppealMeetingArranged,
    ProposeAppealDate: AppealDateProposed,
    HoldAppealMeeting: AppealMeetingHeld,
    NotifyAppealResult: AppealResultNotified,
    DecideLateNotice: LateNoticeDecided,
    CopyAppeal: AppealCopied,
    SupplyAppealDocuments: AppealDocumentsSupplied,
    GiveAppealStatement: AppealStatementGiven,
    ReplyToAppeal: AppealReplied,
    ListAppealHearing: AppealHearingListed,
    PublishAppealNotice: AppealNoticePublished,
}


def _lodged(case: Case, officer: Officer, hearing: Hearing, command: LodgeAppeal) -> dict[str, object]:
    """To whom it goes, and whether it is late: told late is not late."""
    tribunal = hearing.proceedings is not Proceedings.MEETING
    over = [limit for limit in _limits(case, officer) if command.occurred_at >= limit.due_at]
    if over and not (tribunal and command.late_because):
        told = f"The time to appeal ended on {over[-1].due}"
        to_whom = "; a late notice says why, and the tribunal's chair decides" if tribunal else ""
        cited = case.cite("PAT Rules 2020 r.10", None, officer.ref) if tribunal else over[-1].source
        raise Unlawful(f"{told}{to_whom}.", cited)
    return {"to": TRIBUNAL if tribunal else MEETING, "late": bool(over)}


def _limits(case: Case, officer: Officer) -> list[Deadline]:
    """The time limits of an appeal that have run out for the officer."""
    return [
        deadline
        for deadline in case.deadlines.values()
        if deadline.subject == officer.ref
        and deadline.state is DeadlineState.LAPSED
        and any(each.event == AppealLodged.name for each in time_limit(deadline.regime, deadline.rule).met_by)
    ]


def _check_person(case: Case, appeal: Appeal, command: NameAppealPerson) -> None:
    concerned = {officer.person for officer in case.officers.values()}
    if command.person in case.deciders | concerned | set(appeal.stood_down):
        raise apart("involved_determines_appeal")


def _check_other_date(
    case: Case, officer: Officer, appeal: Appeal, command: ProposeAppealDate, calendar: Calendar
) -> None:
    if appeal.meets_on is None:
        return
    last = count(calendar, Counting.WORKING_DAYS_AFTER, 5, appeal.meets_on).due
    if not appeal.meets_on < command.proposed_for <= last:
        cited = case.cite("PCR 2020 reg 46", None, officer.ref)
        raise Unlawful(f"Another date lies within 5 working days after {appeal.meets_on}, by {last}.", cited)


def _check_result(case: Case, outcome: Outcome, command: DecideAppeal) -> None:
    if outcome.appeal_to == TRIBUNAL and command.actor.role is not Role.APPEALS_TRIBUNAL:
        raise apart("appeal_to_tribunal")
    if command.actor.id in case.sitters:
        raise apart("sitter_decides_appeal")
    if (command.sanction is None) == (command.result is AppealResult.SUBSTITUTED):
        raise Malformed("sanction: it goes with an appeal that is substituted, and only with that.")
    if outcome.appeal.arguable is False and command.result is not AppealResult.DISMISSED:
        cited = case.cite("PCR 2020 reg 46", None, command.officer)
        raise Unlawful("No arguable grounds were found: the appeal can only be dismissed.", cited)


def _decided(
    case: Case,
    officer: Officer,
    outcome: Outcome,
    command: DecideAppeal,
    facts: dict[str, object],
    calendar: Calendar,
) -> Event:
    stands = command.result is AppealResult.DISMISSED or command.sanction in DISMISSALS
    reversed_dismissal = outcome.sanction in DISMISSALS and not stands
    return AppealDecided.model_validate(
        facts
        | {
            "to": outcome.appeal_to,
            "live_until": live_until(case, officer, command.sanction, None, command.occurred_at, calendar),
            "dismissal_stands": not reversed_dismissal,
            "reinstated": reversed_dismissal and outcome.sanction is not Sanction.WOULD_HAVE_BEEN_DISMISSED,
            "off_barred_list": reversed_dismissal and outcome.barred_list_reported,
        }
    )


def evolve_appeal(outcome: Outcome, event: AppealEvent) -> Outcome:
    """The outcome after a fact about its appeal."""
    if isinstance(event, AppealLodged):
        change: dict[str, object] = {"appeal_to": event.to, "appealed": True, "appeal": Appeal(admitted=not event.late)}
    elif isinstance(event, AppealDecided):
        change = _after_appeal(outcome, event)
    else:
        change = {"appeal": _appeal_after(outcome.appeal, event)}
        if isinstance(event, LateNoticeDecided) and not event.admitted:
            change |= {"appeal_to": None}
    return outcome.model_copy(update=change)


def _appeal_after(appeal: Appeal, event: AppealEvent) -> Appeal:
    if isinstance(event, AppealObjectionDecided):
        stood_down = {"person": None, "stood_down": (*appeal.stood_down, event.person)} if event.upheld else {}
        return appeal.model_copy(update={"objected": False, **stood_down})
    return appeal.model_copy(update=_CHANGE[type(event)](event))


_CHANGE: dict[type[AppealEvent], Callable[[Any], dict[str, object]]] = {
    AppealPersonNamed: lambda event: {"person": event.person, "objected": False},
    AppealPersonObjected: lambda event: {"objected": True},
    GroundsDetermined: lambda event: {"arguable": event.arguable},
    AppealMeetingArranged: lambda event: {"meets_on": event.meets_on},
    AppealDateProposed: lambda event: {},
    AppealMeetingHeld: lambda event: {"held": True},
    AppealResultNotified: lambda event: {"result_told": True, "to_be_told": False},
    LateNoticeDecided: lambda event: {"admitted": event.admitted},
    AppealCopied: lambda event: {"copied": True},
    AppealDocumentsSupplied: lambda event: {"documents_supplied": True},
    AppealStatementGiven: lambda event: {"statement_given": True},
    AppealReplied: lambda event: {"replied": True},
    AppealHearingListed: lambda event: {"begins_on": event.begins_on, "notice_published": False},
    AppealNoticePublished: lambda event: {"notice_published": True},
}


def _after_appeal(outcome: Outcome, event: AppealDecided) -> dict[str, object]:
    appeal = outcome.appeal.model_copy(update={"to_be_told": event.to == MEETING})
    change: dict[str, object] = {"appeal_to": None, "appeal": appeal, "reinstated": event.reinstated}
    if event.result is AppealResult.SET_ASIDE:
        change |= {"set_aside": True, "sanction": Sanction.NO_ACTION, "live_until": None}
    if event.result is AppealResult.SUBSTITUTED:
        change |= {"sanction": event.sanction, "live_until": event.live_until}
    return change | ({"barred_list_reported": False} if event.off_barred_list else {})
