"""What acts upon a deadline do: extend it, shorten it, set it aside."""

from collections.abc import Iterator
from datetime import date

from domain.deadlines.acts import DeadlineCommand, ExtendDeadline, SetAsideDeadline, ShortenDeadline
from domain.deadlines.facts import DeadlineEvent, DeadlineExtended, DeadlineSetAside, DeadlineShortened, about
from domain.errors import AlreadyDone, Malformed, OutOfOrder, Unlawful
from domain.messages import Event, plain
from domain.regimes import TimeLimit, time_limit
from domain.regimes.provisions import source_of
from domain.separation import apart
from domain.state import Case, Deadline, Hearing
from domain.vocabulary import Proceedings, Regime, Role
from domain.working_days import london_date

__all__ = ["decide", "open_to", "set_aside_by"]


def decide(case: Case, command: DeadlineCommand) -> Iterator[Event]:
    """What an act upon a deadline gives, or why it may not be done."""
    deadline = case.deadline(command.deadline)
    if command.occurred_at < deadline.set_at:
        raise OutOfOrder(f"{deadline.title!r} had not begun to run at that time.")
    if isinstance(command, ExtendDeadline) and deadline.ran_out:
        _check_granted_in_time(deadline, command)
    elif not deadline.outstanding:
        raise AlreadyDone(f"The deadline {deadline.id} is {deadline.state}; it can no longer be changed.")
    match command:
        case ExtendDeadline():
            yield _extend(deadline, command)
        case ShortenDeadline():
            yield _shorten(case, deadline, command)
        case SetAsideDeadline():
            _check_may_be_set_aside(deadline, command)
            yield about(DeadlineSetAside, deadline, command.occurred_at, reasons=command.reasons)


def open_to(case: Case, act: type[DeadlineCommand]) -> list[Deadline]:
    """The deadlines that an act of this kind may change as they stand."""
    found = list(case.deadlines.values())
    if act is ExtendDeadline:
        return [each for each in found if each.due and (each.outstanding or each.ran_out) and _rule(each).may_extend]
    if act is ShortenDeadline:
        return [each for each in found if each.due and each.outstanding and _may_be_shortened(case, each)]
    return [each for each in found if each.outstanding and not _rule(each).stands and _can_speak(case, each)]


def set_aside_by(deadline: Deadline) -> Role:
    """Who may say that a time limit does not apply: whoever owes it.

    Of what keeps the case open and is owed by who may not say so, as an officer, it is the authority, which closes the
    case: missed, it would keep it open for ever. Not of a right, which lapses by itself.
    """
    unspoken = _rule(deadline).keeps_open and not deadline.right and deadline.duty not in SetAsideDeadline.given_by
    return Role.APPROPRIATE_AUTHORITY if unspoken else deadline.duty


def _can_speak(case: Case, deadline: Deadline) -> bool:
    """Whether somebody may say that it does not apply, and there is somebody whose role it is."""
    by = set_aside_by(deadline)
    return by in SetAsideDeadline.given_by and not (by is Role.INVESTIGATOR and case.investigator is None)


def _may_be_shortened(case: Case, deadline: Deadline) -> bool:
    """By someone alone, or by agreement once a chair is named who could agree."""
    hearing = case.officers[deadline.subject].hearing if deadline.subject in case.officers else None
    agreed = _by_agreement(deadline) and hearing is not None and hearing.chair is not None
    return bool(_rule(deadline).shortened_by) or agreed


def _rule(deadline: Deadline) -> TimeLimit:
    return time_limit(deadline.regime, deadline.rule)


def _by_agreement(deadline: Deadline) -> bool:
    return _rule(deadline).may_shorten and deadline.regime is not Regime.PCR_2012  # which knew no agreement


def _check_granted_in_time(deadline: Deadline, command: ExtendDeadline) -> None:
    """An extension granted in time may be told after the limit was missed or lapsed, whatever was done since."""
    if not deadline.outstanding and command.occurred_at >= deadline.due_at:
        raise Unlawful(f"{deadline.title!r} had ended by then; it can no longer be extended.", deadline.source)


def _check_may_be_set_aside(deadline: Deadline, command: SetAsideDeadline) -> None:
    if (rule := _rule(deadline)).stands:
        ends = plain([each.event for each in (*rule.met_by, *rule.ends_with)])
        raise Unlawful(
            f"{deadline.title!r} may not be set aside: it ends with one of these ({ends}), "
            "or when the act that it follows from is corrected (`correct_record`).",
            deadline.source,
        )
    if command.actor.role is not (by := set_aside_by(deadline)):
        whose = plain(by).removeprefix("the ")
        raise apart("others_deadline", title=deadline.title, whose=whose, source=deadline.source)


def _extend(deadline: Deadline, command: ExtendDeadline) -> Event:
    rule = _rule(deadline)
    if deadline.due is None or not rule.may_extend:
        raise Unlawful(f"No one may extend {deadline.title!r}.", rule.source)
    if command.actor.role not in rule.may_extend:
        allowed = " or ".join(role.replace("_", " ") for role in rule.may_extend)
        raise apart("who_extends", who=allowed, title=deadline.title, source=rule.source)
    if command.until < london_date(command.occurred_at):
        raise Malformed(f"until: {command.until} has passed.")
    if command.until <= deadline.due:
        raise Malformed(f"until: {command.until} is not after the due day {deadline.due}.")
    return _changed(DeadlineExtended, deadline, command, command.until)


def _shorten(case: Case, deadline: Deadline, command: ShortenDeadline) -> Event:
    rule = _rule(deadline)
    alone = command.actor.role in rule.shortened_by
    if deadline.due is None or not (alone or _by_agreement(deadline)):
        raise Unlawful(f"{deadline.title!r} may not be shortened by agreement.", rule.source)
    if not alone:
        hearing = case.officer(deadline.subject).hearing if deadline.subject else None
        _check_agreed(command, hearing)
        named = case.milestones.get(f"panel_named/{deadline.subject}")
        if named is not None and command.occurred_at < named:
            raise OutOfOrder("Nobody was named by then who could agree as the chair.", _agreement(hearing))
    if not london_date(command.occurred_at) <= command.until < deadline.due:
        raise Malformed(f"until: {command.until} is not between that day and the due day {deadline.due}.")
    return _changed(DeadlineShortened, deadline, command, command.until, agreed_by=command.agreed_by)


def _check_agreed(command: ShortenDeadline, hearing: Hearing | None) -> None:
    """Everyone whose agreement is needed has given it; a chair who is not named yet cannot have."""
    cited = _agreement(hearing)
    needed = [Role.APPROPRIATE_AUTHORITY, Role.OFFICER, Role.CHAIR, *([Role.IOPC] if command.iopc_presents else [])]
    if missing := [role for role in needed if role not in command.agreed_by]:
        raise Unlawful(f"Shortening needs the agreement of {plain(missing)} too.", cited)
    if hearing is None or hearing.chair is None:
        raise OutOfOrder("Nobody is named yet who could agree as the chair: the panel has to be named first.", cited)


def _agreement(hearing: Hearing | None) -> str:
    accelerated = hearing is not None and hearing.proceedings is Proceedings.ACCELERATED_HEARING
    return source_of("PCR 2020 reg 48" if accelerated else "PCR 2020 reg 22")


def _changed(
    kind: type[DeadlineEvent], deadline: Deadline, command: DeadlineCommand, due: date, **facts: object
) -> Event:
    told = {"was_due": deadline.due, "reasons": command.reasons, "illustrative": command.illustrative}
    return about(kind, deadline, command.occurred_at, due=due, **told, **facts)
