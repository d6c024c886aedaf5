"""When it is held and before whom it is open: listing, the officer's alternative date, privacy, adjournment."""

from datetime import date

from domain.errors import Malformed, NotFound, OutOfOrder, Unlawful
from domain.hearing.accelerated import check_window
from domain.hearing.acts import (
    AdjournHearing,
    ArrangePreHearing,
    DecideLaterDate,
    DirectPrivacy,
    HearingAct,
    HoldPreHearing,
    ListHearing,
    ProposeAlternativeDate,
)
from domain.hearing.facts import (
    AlternativeDateProposed,
    HearingListed,
    LaterDateAsked,
    LaterDateDecided,
    PreHearingArranged,
    PreHearingHeld,
    PrivacyDirected,
)
from domain.messages import plain
from domain.regimes import source_of_row, time_limit
from domain.regimes.provisions import source_of
from domain.separation import apart
from domain.state import Case, Deadline, Hearing, Officer
from domain.vocabulary import Openness, Proceedings, Regime, Role, SessionKind
from domain.working_days import london_date

__all__ = ["DateEvent", "begins_by", "check_dates", "dated", "held_in_public"]

SPECIFIED_BY = {SessionKind.PRE_HEARING: "pre_hearing_arranged", SessionKind.PROCEEDINGS: "hearing_listed"}


DateEvent = (
    AlternativeDateProposed
    | HearingListed
    | LaterDateAsked
    | LaterDateDecided
    | PreHearingArranged
    | PreHearingHeld
    | PrivacyDirected
)


def check_dates(case: Case, officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    """Refuse a day on which it may not be held, and a privacy or an adjournment that may not be."""
    match command:
        case ArrangePreHearing() | HoldPreHearing():
            _check_day(command)
            _check_arranged(officer, hearing, command)
        case ListHearing():
            _check_day(command)
            _check_fixed(case, officer, hearing, command)
            check_window(case, officer, hearing, command)
        case DecideLaterDate():
            _check_later(case, officer, command)
        case ProposeAlternativeDate():
            _check_alternative(case, officer, hearing, command)
        case DirectPrivacy():
            _check_privacy(case, officer, hearing, command)
        case AdjournHearing():
            _check_adjournment(case, officer, command)


def dated(hearing: Hearing, event: DateEvent) -> dict[str, object]:
    """When it is held, and how openly, after such a fact. A notice of another day has to be published again."""
    match event:
        case PreHearingArranged():
            return {"pre_hearing_on": event.held_on}
        case PreHearingHeld():
            kept = hearing.notice_published and hearing.begins_on == event.begins_on
            return {"pre_hearing_held": True, "begins_on": event.begins_on, "notice_published": kept}
        case AlternativeDateProposed() if event.of is SessionKind.PRE_HEARING:
            return {"pre_hearing_on": event.proposed_for}
        case AlternativeDateProposed():
            return {"begins_on": event.proposed_for, "notice_published": False, **_open(hearing, event.proposed_for)}
        case HearingListed():
            return {"begins_on": event.begins_on, "notice_published": False, **_open(hearing, event.begins_on)}
        case LaterDateAsked():
            return {"later_asked": True}
        case LaterDateDecided():
            later = {"begins_on": event.begins_on, "notice_published": False} if event.granted else {}
            return {"later_asked": False, **later}
        case PrivacyDirected():
            return event.model_dump(include={"held", "reporting_restricted", "notice_withheld"})


def held_in_public(day: date) -> bool:
    """Whether hearings were held in public on that day: since 1 May 2015."""
    return time_limit(Regime.PCR_2012, "public_notice_hearing").is_in_force(day)


def _open(hearing: Hearing, begins_on: date) -> dict[str, object]:
    """How openly it is held on another day, where that lies on the other side of 1 May 2015."""
    before = hearing.begins_on is None or held_in_public(hearing.begins_on)
    if before == held_in_public(begins_on):
        return {}
    return {"held": Openness.PRIVATE if before else Openness.PUBLIC}


def _check_day(command: ArrangePreHearing | HoldPreHearing | ListHearing) -> None:
    """A day is fixed ahead."""
    field = "held_on" if isinstance(command, ArrangePreHearing) else "begins_on"
    if getattr(command, field) < london_date(command.occurred_at):
        raise Malformed(f"{field}: it is fixed for a later day.")


def _check_fixed(case: Case, officer: Officer, hearing: Hearing, command: ListHearing) -> None:
    """What the chair fixed at the pre-hearing, after consulting the parties, is not for one of them to change."""
    if hearing.pre_hearing_held and command.actor.role is not Role.CHAIR:
        raise apart(
            "chair_fixes_day", source=source_of_row(case.regime_of(officer.ref), ("hearing_date_at_prehearing",))
        )


def _check_later(case: Case, officer: Officer, command: DecideLaterDate) -> None:
    """A later day goes with a grant, and is later than the time limit provides."""
    if command.granted != (command.begins_on is not None):
        raise Malformed("begins_on: it goes with an application that is granted, and only with that.")
    limit = begins_by(case, officer)
    if command.begins_on and limit and limit.due and command.begins_on <= limit.due:
        raise Malformed(f"begins_on: the limit allows for it already; it ends with {plain(limit.due)}.")


def begins_by(case: Case, officer: Officer) -> Deadline | None:
    """The time limit for the beginning that a party may apply to exceed, while it is owed."""
    movable = (each for each in case.deadlines.values() if each.subject == officer.ref and each.outstanding)
    return next((each for each in movable if time_limit(each.regime, each.rule).moved_by), None)


def _check_arranged(officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    held_on, today = hearing.pre_hearing_on, london_date(command.occurred_at)
    if isinstance(command, HoldPreHearing) and held_on and today < held_on:
        raise OutOfOrder(f"The pre-hearing of officer {officer.ref} is arranged for {plain(held_on)}.")


def _check_alternative(case: Case, officer: Officer, hearing: Hearing, command: ProposeAlternativeDate) -> None:
    """The officer proposes a later day within five working days of the one specified, unless several are heard."""
    specified = hearing.pre_hearing_on if command.of is SessionKind.PRE_HEARING else hearing.begins_on
    if specified is None:
        raise NotFound(f"No day has been specified for the {plain(command.of)}.")
    if any(_heard_together(hearing, other) for other in case.officers.values() if other.ref != officer.ref):
        cited = case.cite("PCR 2020 regs 33(4), 34(8)", None, officer.ref)
        raise Unlawful("Where several are heard together, the chair consults all of them and fixes the day.", cited)
    right = _right(case, officer, command)
    if right is None or right.due is None:
        raise Unlawful(f"There is no right to propose another day for that {plain(hearing.proceedings)}.")
    if command.occurred_at < right.set_at:
        raise OutOfOrder(f"No day had been specified by then for the {plain(command.of)}.", right.source)
    if not specified < command.proposed_for <= right.due:
        raise Unlawful(
            f"Another day has to be after {plain(specified)} and by {plain(right.due)}.",
            right.source,
        )


def _heard_together(hearing: Hearing, other: Officer) -> bool:
    return other.hearing is not None and other.hearing.ref == hearing.ref and other.hearing.pending and not other.died


def _right(case: Case, officer: Officer, command: ProposeAlternativeDate) -> Deadline | None:
    """The right to propose another day that runs, or may be used; it is used once for each day that is specified."""
    rights = (
        deadline
        for deadline in case.deadlines.values()
        if deadline.right and (deadline.triggered_by, deadline.subject) == (SPECIFIED_BY[command.of], officer.ref)
    )
    return next((right for right in rights if right.outstanding), None)


def _check_privacy(case: Case, officer: Officer, hearing: Hearing, command: DirectPrivacy) -> None:
    """A hearing is public unless its chair directs otherwise; a meeting is private in any case."""
    if hearing.proceedings is Proceedings.MEETING:
        raise Unlawful("A misconduct meeting is private.", case.cite("PCR 2020 reg 39", None, officer.ref))
    if command.notice_withheld and not command.representations_considered:
        cited = case.cite("PCR 2020 reg 36(3), (5)", None, officer.ref)
        raise Unlawful(
            "A notice is withheld only after representations were considered: `representations_considered` says so.",
            cited,
        )
    if command.notice_required:
        return _check_requirement(case, officer, hearing, command)
    if command.held is Openness.PUBLIC and not (command.reporting_restricted or command.notice_withheld):
        if hearing.held is Openness.PUBLIC and not (hearing.reporting_restricted or hearing.notice_withheld):
            raise Malformed("held: it is public already, and nothing is restricted.")


def _check_requirement(case: Case, officer: Officer, hearing: Hearing, command: DirectPrivacy) -> None:
    """The notice of an accelerated hearing is for its chair to require; that of an ordinary one is owed by itself."""
    accelerated = hearing.proceedings is Proceedings.ACCELERATED_HEARING
    if not accelerated or case.regime_of(officer.ref) is Regime.PCR_2012:
        raise Malformed("notice_required: it is for the accelerated hearing of the 2020 Regulations.")
    if command.notice_withheld:
        raise Malformed("notice_required: the same notice is withheld.")


def _check_adjournment(case: Case, officer: Officer, command: AdjournHearing) -> None:
    """Not solely for a complainant or witness to attend, unless in exceptional circumstances (reg 41(4))."""
    if command.until and command.until < london_date(command.occurred_at):
        raise Malformed("until: a hearing is adjourned to a later day.")
    asked = command.solely_for_attendance and case.regime_of(officer.ref) is not Regime.PCR_2012
    if asked and not command.exceptional_circumstances:
        raise Unlawful(
            "An adjournment solely for a complainant or witness to attend needs recorded exceptional circumstances: "
            "`exceptional_circumstances` says which.",
            source_of("PCR 2020 reg 41(3), (4)"),
        )
