"""The rules of departure: who may leave, whom the regulations reach afterwards, and for what."""

from collections.abc import Iterator
from datetime import date

from domain.departure.acts import (
    DecideConsentToLeave,
    DepartureAct,
    DetermineConditionC,
    RecordDeparture,
    RequestConsentToLeave,
)
from domain.departure.facts import (
    ConditionCDetermined,
    ConsentToLeaveDecided,
    ConsentToLeaveRequested,
    OfficerDeparted,
)
from domain.errors import AlreadyDone, Malformed, Unlawful, WrongStage
from domain.messages import Event
from domain.regimes import TimeLimit, time_limit, time_limits
from domain.state import Case, LeaveConsent, Officer
from domain.vocabulary import CaseToAnswer, Departure, Disposal, FormerOfficerCondition, Severity
from domain.working_days import Calendar, count, london_date

__all__ = ["check_proceedings", "decide", "evolve", "ready"]


def ready(case: Case, act: type[DepartureAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if act is RecordDeparture:
        if officer.died:
            raise AlreadyDone(f"The death of officer {officer.ref} is recorded already.")
    elif act is DetermineConditionC:
        if officer.condition is not FormerOfficerCondition.C:
            raise WrongStage(f"Officer {officer.ref} did not leave over 12 months before the matter was known.")
        if officer.condition_c_determined:
            raise AlreadyDone(f"That was determined for officer {officer.ref} already.")
    elif act is RequestConsentToLeave:
        _ready_to_ask(case, officer)
    elif officer.leave_consent is not LeaveConsent.REQUESTED:
        raise WrongStage(f"Officer {officer.ref} has no request for consent to leave to be decided.")


def _ready_to_ask(case: Case, officer: Officer) -> None:
    if _consent_rule(case, officer) is None or officer.departed or not _is_bound(officer):
        raise WrongStage(f"Officer {officer.ref} needs no consent to leave.")
    if officer.leave_consent in (LeaveConsent.REQUESTED, LeaveConsent.GIVEN):
        raise AlreadyDone(f"Consent for officer {officer.ref} to leave is {officer.leave_consent} already.")


def _consent_rule(case: Case, officer: Officer) -> TimeLimit | None:
    """The rule of consent, where the regime knows it and the matter was known while it was, or before."""
    regime = case.regime_of(officer.ref)
    known = (row for row in time_limits(regime) if row.id == "consent_to_leave_2012")
    return next((row for row in known if row.until is None or case.first_known <= row.until), None)


TO_DISMISSAL = (Disposal.HEARING, Disposal.ACCELERATED_HEARING)  # under 2012, the latter is the special case


def _is_bound(officer: Officer) -> bool:
    """Whether the matter may still lead to dismissal (reg 10A(3), (4)): until then nobody leaves without consent."""
    if officer.outcome is not None or officer.disposal not in (None, *TO_DISMISSAL):
        return False
    if officer.severity is Severity.MISCONDUCT:
        return officer.live_final_warning
    return officer.severity in (None, Severity.GROSS_MISCONDUCT)


def decide(case: Case, command: DepartureAct, calendar: Calendar) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    officer = case.officer(command.officer)
    facts = command.model_dump(exclude={"actor", "officers"}) | {"officer": officer.ref}
    match command:
        case RequestConsentToLeave():
            if command.departure is Departure.DIED:
                raise Malformed("departure: an officer asks for consent to resign or to retire.")
            if not _is_in_force(case, officer, london_date(command.occurred_at)):
                raise Unlawful(f"Officer {officer.ref} needed no consent to leave on that day.")
            yield ConsentToLeaveRequested.model_validate(facts)
        case DecideConsentToLeave():
            yield _consent(case, officer, command, facts)
        case DetermineConditionC():
            yield ConditionCDetermined.model_validate(facts)
        case RecordDeparture():
            yield _departed(case, officer, command, facts, calendar)
        case _:
            raise TypeError(command.name)  # its branch was forgotten


def _consent(case: Case, officer: Officer, command: DecideConsentToLeave, facts: dict[str, object]) -> Event:
    rule = _consent_rule(case, officer)
    if command.consent and command.ground is None:
        raise Unlawful(
            "Consent is given only to the medically unfit, or in other exceptional circumstances: `ground` says which.",
            rule.source if rule else None,
        )
    return ConsentToLeaveDecided.model_validate(facts)


def _departed(
    case: Case, officer: Officer, command: RecordDeparture, facts: dict[str, object], calendar: Calendar
) -> Event:
    if command.departure is Departure.DIED:
        return OfficerDeparted.model_validate(facts)
    if officer.departed is not None:
        raise Malformed(f"departure: officer {officer.ref} has {officer.departed} already; only death can follow.")
    today = london_date(command.occurred_at)
    left_on = command.left_on or today
    notice = command.notice_given_on or left_on
    if not notice <= left_on <= today:
        raise Malformed("left_on: an officer leaves after giving notice, and before it is recorded.")
    _check_consent(case, officer, notice)
    told = facts | {"left_on": left_on}
    if officer.outcome is not None:  # the proceedings are over: what is left of the case goes on as it is
        return OfficerDeparted.model_validate(told)
    condition = _condition(case, officer, left_on, calendar)
    return OfficerDeparted.model_validate(told | {"condition": condition, "reached": condition is not None})


def _check_consent(case: Case, officer: Officer, notice: date) -> None:
    rule = _consent_rule(case, officer)
    if rule is None or not _is_in_force(case, officer, notice) or not _is_bound(officer):
        return
    if officer.leave_consent is not LeaveConsent.GIVEN:
        raise Unlawful(f"Officer {officer.ref} may not resign or retire without the authority's consent.", rule.source)


def _is_in_force(case: Case, officer: Officer, day: date) -> bool:
    """Whether consent had to be asked on that day, in a matter that was known by then."""
    rule = _consent_rule(case, officer)
    return rule is not None and day >= case.first_known and rule.is_in_force(day)


def _condition(case: Case, officer: Officer, left_on: date, calendar: Calendar) -> FormerOfficerCondition | None:
    """By which condition the regulations reach who left on that day; None where they do not.

    A matter known before they reached former officers has them reach only who left since (SI 2017/1134 reg 2(1)): known
    to the authority, where for the conditions it is to any policing body, chief officer or the IOPC.
    """
    known = case.known_of(officer)
    window = time_limit(case.regime_of(officer.ref), "former_officer_window")
    if not window.is_in_force(max(left_on, case.first_known)):
        return None
    if left_on >= known:
        return FormerOfficerCondition.A
    if window.count is None or window.length is None:
        raise ValueError(f"{window.id} has no length")
    within = known <= count(calendar, window.count, window.length, left_on).due
    return FormerOfficerCondition.B if within else FormerOfficerCondition.C


def check_proceedings(case: Case, officer: Officer) -> None:
    """Refuse proceedings against a former officer for less than gross misconduct, or without the determination."""
    if officer.departed is None:
        return
    window = time_limit(case.regime_of(officer.ref), "former_officer_window")
    certified = officer.disposal is Disposal.ACCELERATED_HEARING  # perhaps before there was a report to decide on
    if officer.case_to_answer is not CaseToAnswer.GROSS_MISCONDUCT and not certified:
        raise Unlawful(f"Officer {officer.ref} has left: proceedings are for gross misconduct only.", window.source)
    if officer.condition is FormerOfficerCondition.C and not officer.condition_c_determined:
        raise Unlawful(
            f"The IOPC has to determine first whether proceedings against officer {officer.ref} are proportionate.",
            window.source,
        )


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about a departure."""
    officer = case.officer(event.subject or "")
    return case.with_officer(officer.model_copy(update=_change(event)))


def _change(event: Event) -> dict[str, object]:
    match event:
        case ConsentToLeaveRequested():
            return {"leave_consent": LeaveConsent.REQUESTED}
        case ConsentToLeaveDecided():
            return {"leave_consent": LeaveConsent.GIVEN if event.consent else LeaveConsent.REFUSED}
        case ConditionCDetermined():
            return {"condition_c_determined": True, "reached": event.proceed}
        case OfficerDeparted(departure=Departure.DIED):
            return {"departed": event.departure}
        case OfficerDeparted():
            same = ("left_on", "condition", "reached")
            return {"departed": event.departure, **{name: getattr(event, name) for name in same}}
    raise TypeError(event.name)  # its branch was forgotten
