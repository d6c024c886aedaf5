"""What the state of a case rules out, whatever an act's facts are, and so what may lawfully be done next."""

from domain import deadlines, departure, handover, hearing, investigation, outcome, referral, reflection, restriction
from domain.errors import AlreadyDone, NotPermitted, Refused, Unlawful, WrongStage
from domain.live import GoLive
from domain.messages import COMMANDS, Command, Model, OfficerCommand
from domain.order import rests_since
from domain.permission import acts_for, holds_role, roles_now
from domain.state import Case, Officer
from domain.vocabulary import Clock, Role
from domain.working_days import Calendar

__all__ = ["Possible", "check_not_stayed", "check_ready", "lawful_for", "lawful_next", "possible"]


class Possible(Model):
    """An act that may be done next: its command, who may give it, and for which officers if it concerns any."""

    command: str
    given_by: tuple[Role, ...]
    officers: tuple[str, ...] = ()


def check_ready(case: Case, act: type[Command], officer: Officer | None, calendar: Calendar) -> None:
    """Refuse what the state rules out whatever the act's facts are; `lawful_next` asks the same question."""
    if case.closed_at is not None and act is not outcome.ReopenCase:
        raise WrongStage("The case is closed.")
    if act is GoLive and case.clock is not Clock.RECORDED:
        raise WrongStage(f"The case is {case.clock} already.")
    if act is deadlines.AdoptHolidays:
        _check_moves(case, calendar)
    if issubclass(act, referral.ReferralAct):
        referral.ready(case, act)
    if issubclass(act, investigation.InvestigationAct):
        investigation.ready(case, act)
    if issubclass(act, outcome.OutcomeAct):
        outcome.ready(case, act)
    if officer is not None:
        _check_officer_ready(case, act, officer)


def _check_moves(case: Case, calendar: Calendar) -> None:
    if case.clock is Clock.RECORDED:
        raise WrongStage("An imported case is counted by the table in use when it goes live.")
    if not any(deadlines.moves(case, calendar)):
        raise AlreadyDone("No time limit of the case falls on another day by the table of holidays in use.")


_PROCEEDING = (
    hearing.HoldPreHearing,
    hearing.OpenHearing,
    hearing.RecordFinding,
    hearing.ConcludeHearing,
    outcome.ImposeOutcome,
)


def _check_officer_ready(case: Case, act: type[Command], officer: Officer) -> None:
    _check_still_here(case, act, officer)
    if issubclass(act, investigation.InvestigationAct):
        investigation.ready_officer(case, act, officer)
    if issubclass(act, restriction.RestrictionAct):
        restriction.ready(case, act, officer)
    if issubclass(act, hearing.HearingAct):
        hearing.ready(case, act, officer)
    if act in (hearing.ReferToProceedings, hearing.OpenHearing):
        departure.check_proceedings(case, officer)
    if issubclass(act, departure.DepartureAct):
        departure.ready(case, act, officer)
    if issubclass(act, reflection.ReflectionAct):
        reflection.ready(act, officer)
    if issubclass(act, outcome.OutcomeAct):
        outcome.ready_officer(case, act, officer)


def check_not_stayed(case: Case, act: Command) -> None:
    """Refuse proceedings dated within a stay; what was held before it may be told after it began."""
    if not isinstance(act, _PROCEEDING):
        return
    now = case.stayed and (case.stayed_at is None or act.occurred_at >= case.stayed_at)
    if now or any(since <= act.occurred_at < until for since, until in case.stays):
        cited = case.cite("PCR 2020 reg 10", "PCR 2012 reg 9")
        raise Unlawful("No misconduct proceedings may take place while they are stayed.", cited)


def _check_still_here(case: Case, act: type[Command], officer: Officer) -> None:
    if officer.handed_to:
        raise WrongStage(f"What concerns officer {officer.ref} goes on in case {officer.handed_to}.")
    if (officer.died or not officer.reached) and act is not departure.RecordDeparture:
        gone = "has died" if officer.died else "has left, beyond the reach of the regulations"
        raise WrongStage(f"Officer {officer.ref} {gone}; nothing more is decided about the officer.")
    if act is handover.HandOverOfficer:
        handover.ready(case, officer)


def lawful_next(case: Case, calendar: Calendar) -> list[Possible]:
    """Every act that the state of the case allows next. Its facts may still be refused when it is given.

    First what rests on what was done last. Then what rests on nothing, by how few may give it: what many may give at
    any time, as to add a party, is about the file and comes last.
    """
    found = (possible(case, kind, calendar) for kind in COMMANDS.values())
    return sorted((act for act in found if act is not None), key=lambda act: _place(case, act))


def _place(case: Case, act: Possible) -> tuple[bool, float]:
    since = rests_since(case, act.command)
    return since is None, -since.timestamp() if since else len(act.given_by)


def possible(case: Case, kind: type[Command], calendar: Calendar) -> Possible | None:
    """For whom this act is allowed next and who may give it; None when the state of the case rules it out."""
    given_by = tuple(sorted(roles_now(case, kind)))
    if not issubclass(kind, OfficerCommand):
        without = issubclass(kind, deadlines.DeadlineCommand) and not deadlines.open_to(case, kind)
        allowed = _is_ready(case, kind, None, calendar) and not without
        return Possible(command=kind.name, given_by=given_by) if allowed else None
    officers = tuple(officer.ref for officer in case.officers.values() if _is_ready(case, kind, officer, calendar))
    return Possible(command=kind.name, given_by=given_by, officers=officers) if officers else None


def _is_ready(case: Case, kind: type[Command], officer: Officer | None, calendar: Calendar) -> bool:
    if case.stayed and issubclass(kind, _PROCEEDING):
        return False
    try:
        check_ready(case, kind, officer, calendar)
    except Refused:
        return False
    return True


def lawful_for(case: Case, command: Command, calendar: Calendar, refused: Refused) -> tuple[str, ...]:
    """The acts that this actor may do now: for one of the officers whom the command names, if it names any.

    What was refused because of who they are is not among them.
    """
    if not holds_role(case, command.actor):
        return ()
    named = set(command.officers) if isinstance(command, OfficerCommand) else set(case.officers)
    named &= acts_for(case, command.actor)
    without = command.name if isinstance(refused, NotPermitted) else None
    return tuple(
        act.command
        for act in lawful_next(case, calendar)
        if command.actor.role in act.given_by and (not act.officers or named & set(act.officers))
        if act.command != without
    )
