"""The report of a hearing before the public: who decides on it, and how long it stays; and the lists of the College."""

from datetime import date

from domain.errors import AlreadyDone, Malformed, NotPermitted, OutOfOrder, Unlawful, WrongStage
from domain.outcome.acts import DecidePublication, EndPublication, OutcomeAct, PublishOutcome, ReportToBarredList
from domain.outcome.sanctions import DISMISSALS
from domain.regimes import source_of_row, time_limit, time_limits
from domain.state import Case, Hearing, Officer, Outcome
from domain.vocabulary import FormerOfficerCondition, Proceedings, Regime, Role
from domain.working_days import Calendar, count, london_date

__all__ = ["PUBLIC", "check_decision", "check_end", "concluded_on", "ready_for_advisory_list", "ready_for_public"]

OF_2012 = "publish_outcome_2012"
PUBLIC = (PublishOutcome, DecidePublication, EndPublication)


def ready_for_public(case: Case, act: type[OutcomeAct], officer: Officer, hearing: Hearing, outcome: Outcome) -> None:
    """Refuse an act of publication, or for the barred list, that the outcome rules out."""
    if act is ReportToBarredList:
        if outcome.sanction not in DISMISSALS:
            cited = source_of_row(case.regime_of(officer.ref), ("barred_list_report",))
            raise WrongStage(f"Officer {officer.ref} was not dismissed.", cited)
        return
    if hearing.proceedings is Proceedings.MEETING:
        raise Unlawful("The outcome of a misconduct meeting is not published.")
    cited = source_of_row(case.regime_of(officer.ref), ("publish_outcome", OF_2012))
    if act in (PublishOutcome, DecidePublication) and not _published_then(case, officer):
        raise Unlawful("The report of a hearing that was concluded before 1 May 2015 is not published.", cited)
    if act is EndPublication and not outcome.published:
        raise OutOfOrder("The report of the hearing has not been published.", cited)
    if act is DecidePublication and outcome.published:
        raise WrongStage("The report of the hearing is published already.", cited)
    if act is PublishOutcome and outcome.notified_on is None:
        raise OutOfOrder(f"Officer {officer.ref} has not been told the outcome yet.", cited)
    if act is PublishOutcome and outcome.publication is False:
        raise WrongStage("It was decided that the report of the hearing is not published.", cited)


def _published_then(case: Case, officer: Officer) -> bool:
    """Whether reports were published yet on the day the hearing was concluded."""
    rows = time_limits(case.regime_of(officer.ref))
    return any(r.is_in_force(concluded_on(case, officer)) for r in rows if r.id in ("publish_outcome", OF_2012))


def check_decision(case: Case, officer: Officer, command: DecidePublication) -> None:
    """Since 2020 the chair may dispense with it; before, the authority chooses, and the chair may require it."""
    by_chair = command.actor.role is Role.CHAIR
    if case.regime_of(officer.ref) is not Regime.PCR_2012:
        cited = time_limit(case.regime_of(officer.ref), "publish_outcome").source
        if not by_chair:
            raise NotPermitted("Only the chair may dispense with the publication of the report.", cited)
        if command.publish:
            raise Malformed("publish: the report is published in any case; the chair can only dispense with it.")
    elif by_chair != command.publish:
        said = "require it to be published" if by_chair else "decide not to publish it; to publish it, publish it"
        cited = time_limit(Regime.PCR_2012, OF_2012).source
        raise NotPermitted(f"The {'chair' if by_chair else 'authority'} may only {said}.", cited)


def concluded_on(case: Case, officer: Officer) -> date:
    """The day on which the officer's hearing was concluded, from which the window of 2012 is counted."""
    return london_date(case.milestones[f"hearing_concluded/{officer.ref}"])


def check_end(case: Case, officer: Officer, outcome: Outcome, command: EndPublication, calendar: Calendar) -> None:
    """Refuse to take the report down before it was up for long enough."""
    row = time_limit(case.regime_of(officer.ref), "publication_kept")
    if row.count is None or row.length is None:
        raise ValueError(f"{row.id} has no length")
    if outcome.published_on is None:  # published under a release that did not remember the day
        return
    last = count(calendar, row.count, row.length, outcome.published_on).due
    if london_date(command.occurred_at) <= last:
        raise Unlawful(f"The report stays up for {row.length} days at least, so until {last}.", row.source)


def ready_for_advisory_list(officer: Officer) -> None:
    """Refuse a report for the advisory list of who has not left while the matter was, or was to be, decided."""
    if officer.advisory_list_reported:
        raise AlreadyDone(f"Officer {officer.ref} was reported for the advisory list already.")
    if officer.condition not in tuple(FormerOfficerCondition):
        raise WrongStage(f"Officer {officer.ref} has not left the force during the matter.")
