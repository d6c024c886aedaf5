"""What the law asks for before a decision on a suspension; it asks for nothing before a lesser restriction."""

from domain.errors import Malformed, OutOfOrder, Unlawful
from domain.regimes import TimeLimit, time_limits
from domain.restriction.acts import (
    ImposeRestriction,
    LiftRestriction,
    RestrictionDecision,
    ReviewRestriction,
    VaryRestriction,
)
from domain.separation import apart
from domain.state import Case, Officer
from domain.vocabulary import Measure

__all__ = ["check_decision"]


def check_decision(case: Case, officer: Officer, command: RestrictionDecision) -> None:
    """Refuse a decision that lacks what the law asks for before it."""
    was = officer.restriction.measure_at(command.occurred_at) if officer.restriction else None
    becomes = _becomes(command, was)
    if isinstance(command, ImposeRestriction | VaryRestriction):
        _check_measure(case, command)
    if isinstance(command, ReviewRestriction) and not command.conditions_met:
        _check_end(officer, command, was)
    _check_authorised(case, officer, command, Measure.SUSPENSION in (was, becomes))
    if (was is Measure.SUSPENSION) != (becomes is Measure.SUSPENSION):
        _check_consulted(case, officer, command)


def _becomes(command: RestrictionDecision, was: Measure | None) -> Measure | None:
    match command:
        case ImposeRestriction() | VaryRestriction():
            return command.measure
        case LiftRestriction() | ReviewRestriction(conditions_met=False):
            return None
    return was


def _check_measure(case: Case, command: ImposeRestriction | VaryRestriction) -> None:
    if command.measure is not Measure.SUSPENSION:
        if command.oral:
            raise Malformed("oral: only a suspension is imposed by word of mouth.")
        return
    if not command.redeployment_considered:
        raise Unlawful(
            "Redeployment has to be considered before suspension: `redeployment_considered` says so.",
            case.cite("PCR 2020 reg 11(4)(a)", "PCR 2012 reg 10"),
        )
    if not (command.may_prejudice_investigation or command.public_interest_requires):
        raise Unlawful(
            "Neither condition for suspension is met: `may_prejudice_investigation` or `public_interest_requires`.",
            case.cite("PCR 2020 reg 11(4)(b)", "PCR 2012 reg 10"),
        )


def _check_end(officer: Officer, review: ReviewRestriction, was: Measure | None) -> None:
    if was is not Measure.SUSPENSION:
        raise Malformed("conditions_met: only a suspension has conditions; lift another restriction to end it.")
    if officer.restriction and review.occurred_at < officer.restriction.imposed_at:
        raise OutOfOrder(
            f"The restriction on officer {officer.ref} was varied after that review: it cannot have ended."
        )


def _check_authorised(case: Case, officer: Officer, command: RestrictionDecision, suspension: bool) -> None:
    """A delegated decision to suspend, or to continue or end a suspension, is a senior officer's to authorise."""
    if any(each.person == command.authorised_by for each in case.officers.values()):
        raise apart("concerned_authorises", what="restriction")
    row = _condition(case, officer, "suspension_authority")
    if row and suspension and command.delegated and not command.authorised_by:
        raise Unlawful(
            "A delegated decision on a suspension needs a senior officer's authorisation: `authorised_by` says whose.",
            row.source,
        )


def _check_consulted(case: Case, officer: Officer, command: RestrictionDecision) -> None:
    """Before an officer is suspended, or a suspension ended, in a matter that the IOPC handles, it is consulted."""
    decided_at = case.milestones.get("mode_decided/None")
    handled = case.handled_by_iopc and not (decided_at and command.occurred_at < decided_at)
    row = _condition(case, officer, "suspension_consult_dg")
    if row and handled and not command.iopc_consulted:
        raise Unlawful(
            "The IOPC has to be consulted before an officer is suspended or a suspension ends: "
            "`iopc_consulted` says so.",
            row.source,
        )


def _condition(case: Case, officer: Officer, rule: str) -> TimeLimit | None:
    """The row of this condition; None where the officer's regime does not know it."""
    return next((row for row in time_limits(case.regime_of(officer.ref)) if row.id == rule), None)
