"""Which sanction may lawfully follow a finding, and how long a warning lives. The rows are in `domain/regimes`."""

from datetime import date, datetime, timedelta

from domain.errors import Malformed, OutOfOrder, Unlawful, WrongStage
from domain.outcome.acts import ImposeOutcome, RecordCareerBreak
from domain.regimes import SanctionRule, lawful_sanctions, time_limit, warning_life
from domain.regimes.provisions import source_of
from domain.state import Case, Hearing, Officer, Outcome
from domain.vocabulary import Finding, Regime, Sanction
from domain.working_days import Calendar, Counting, count, london_date

__all__ = [
    "DISMISSALS",
    "check_lawful",
    "check_sanction",
    "live_until",
    "paused_until",
    "ready_for_views",
    "ready_to_pause",
]

DISMISSALS = frozenset(
    {Sanction.DISMISSAL_WITH_NOTICE, Sanction.DISMISSAL_WITHOUT_NOTICE, Sanction.WOULD_HAVE_BEEN_DISMISSED}
)
REDUCTION = "PCR 2020 regs 42, 62"
REDUCED_ONCE = "PCR 2020 reg 62(7)"


def check_sanction(case: Case, officer: Officer, hearing: Hearing, command: ImposeOutcome, calendar: Calendar) -> None:
    """Refuse an outcome that may not follow the finding, or that lacks what it needs."""
    if command.unconnected_incidents and not _several(hearing):
        raise Malformed("unconnected_incidents: less than two allegations were found proven.")
    needs_reasons, citation = check_lawful(
        case, officer, hearing, command.sanction, unconnected=bool(command.unconnected_incidents)
    )
    if needs_reasons and not command.exceptional_circumstances:
        needed = "needs recorded exceptional circumstances: `exceptional_circumstances` says which"
        raise Unlawful(f"{_said(command.sanction)} {needed}.", citation)
    if command.sanction is Sanction.REDUCTION_IN_RANK:
        if officer.reduction_views_at is None or command.occurred_at < officer.reduction_views_at:
            raise Unlawful(
                "The authority's views on what a reduction would mean for its work come first.", source_of(REDUCTION)
            )
    _check_months(case, command)
    _check_notice(case, officer, command, calendar)


def _several(hearing: Hearing) -> bool:
    return sum(finding is not Finding.NOT_PROVEN for finding in hearing.findings.values()) > 1


def _said(sanction: Sanction) -> str:
    return sanction.replace("_", " ").capitalize()


def check_lawful(
    case: Case, officer: Officer, hearing: Hearing, sanction: Sanction, *, unconnected: bool = False
) -> tuple[bool, str | None]:
    """Whether it needs exceptional circumstances, and where that stands. Raises `Unlawful`, which names what may be."""
    finding = hearing.finding or Finding.NOT_PROVEN
    rows = _rows(case, officer, hearing, finding, unconnected=unconnected)
    allowing = [row for row in rows if _allows(row, sanction)]
    citation = "; ".join(dict.fromkeys(row.source for row in allowing or rows if allowing or row.lawful)) or None
    if not allowing:
        form, said = hearing.proceedings.replace("_", " "), finding.replace("_", " ")
        article = "an" if form[0] == "a" else "a"
        lawful = tuple(dict.fromkeys(each for row in rows for each in (*row.lawful, *row.unless_exceptional)))
        raise Unlawful(f"{_said(sanction)} may not follow a finding of {said} at {article} {form}.", citation, lawful)
    if sanction is Sanction.REDUCTION_IN_RANK and officer.reduced_in_rank:
        raise Unlawful(
            f"Officer {officer.ref} has been reduced in rank before; nobody is twice.", source_of(REDUCED_ONCE)
        )
    if sanction is Sanction.EXTENSION_OF_FINAL_WRITTEN_WARNING:
        _check_extension(officer, citation)
    return not any(sanction in row.lawful for row in rows), citation


def _rows(case: Case, officer: Officer, hearing: Hearing, finding: Finding, *, unconnected: bool) -> list[SanctionRule]:
    return list(
        lawful_sanctions(
            case.regime_of(officer.ref),
            hearing.proceedings,
            finding,
            live_final_warning=officer.live_final_warning,
            former_officer=officer.departed is not None,
            unconnected_incidents=unconnected,
        )
    )


def _allows(row: SanctionRule, sanction: Sanction) -> bool:
    return sanction in (*row.lawful, *row.unless_exceptional)


def _check_extension(officer: Officer, citation: str | None) -> None:
    if officer.final_warning_extended:
        raise Unlawful("A final written warning may be extended on one occasion only.", citation)
    if officer.final_warning_until is None:
        raise Malformed("sanction: with the severity it has to be told until when the final warning lives.")


def _check_months(case: Case, command: ImposeOutcome) -> None:
    life = warning_life(case.regime_of(command.officer), command.sanction)
    if command.months is None:
        return
    if life is None:
        raise Malformed("months: only a warning has a life in months.")
    if not life.months <= command.months <= life.at_most:
        span = f"{life.months} to {life.at_most}" if life.at_most > life.months else str(life.months)
        raise Unlawful(f"This warning lives for {span} months.", life.source)


def _check_notice(case: Case, officer: Officer, command: ImposeOutcome, calendar: Calendar) -> None:
    if (command.sanction is Sanction.DISMISSAL_WITH_NOTICE) != (command.takes_effect_on is not None):
        raise Malformed("takes_effect_on: it goes with a dismissal with notice, and only with that.")
    if command.takes_effect_on is None:
        return
    row = time_limit(case.regime_of(officer.ref), "dismissal_notice_period")
    if row.count is None or row.length is None:
        raise ValueError(f"{row.id} has no length")
    first = count(calendar, row.count, row.length, london_date(command.occurred_at)).due
    if command.takes_effect_on < first:
        raise Unlawful(f"A dismissal takes effect after {row.length} days' notice: not before {first}.", row.source)


def live_until(
    case: Case, officer: Officer, sanction: Sanction | None, months: int | None, told: datetime, calendar: Calendar
) -> date | None:
    """The last day on which a warning of which the officer is told then is live; None for what is no warning."""
    life = warning_life(case.regime_of(officer.ref), sanction) if sanction else None
    if life is None:
        return None
    if life.extends and officer.final_warning_until:
        return count(calendar, Counting.MONTHS_AFTER, life.months, officer.final_warning_until).due
    return count(calendar, Counting.MONTHS_BEGINNING_WITH, months or life.months, london_date(told)).due


def ready_for_views(case: Case, officer: Officer, hearing: Hearing) -> None:
    """Refuse views on a reduction in rank where there can be none."""
    if officer.outcome is not None:
        raise WrongStage(f"Officer {officer.ref} has an outcome already.")
    if case.regime_of(officer.ref) is Regime.PCR_2012:
        raise Unlawful("The 2012 Regulations know no reduction in rank.", source_of("PCR 2012 reg 35(3)"))
    rows = (
        row
        for several in (False, True)
        for row in _rows(case, officer, hearing, hearing.finding or Finding.NOT_PROVEN, unconnected=several)
    )
    if not any(_allows(row, Sanction.REDUCTION_IN_RANK) for row in rows):
        raise WrongStage(f"A reduction in rank may not follow what was found against officer {officer.ref}.")


def ready_to_pause(case: Case, officer: Officer, outcome: Outcome) -> None:
    """Refuse a career break that stops no warning."""
    life = warning_life(case.regime_of(officer.ref), outcome.sanction) if outcome.sanction else None
    if life is None or outcome.live_until is None or not life.stops_in_career_break:
        raise WrongStage(f"Officer {officer.ref} has no warning whose life a career break stops.")


def paused_until(outcome: Outcome, command: RecordCareerBreak) -> date:
    """The last day of a warning's life, with the days of this career break added."""
    if outcome.live_until is None or outcome.notified_on is None:
        raise OutOfOrder("The officer has not been told of a warning.")
    if not command.began_on <= command.ended_on <= london_date(command.occurred_at):
        raise Malformed("ended_on: a career break is recorded when it is over.")
    if not outcome.notified_on <= command.began_on <= outcome.live_until:
        raise Malformed("began_on: the warning was not live on that day.")
    if any(began <= command.ended_on and command.began_on <= ended for began, ended in outcome.career_breaks):
        raise Malformed("began_on: a career break on these days is recorded already.")
    return outcome.live_until + timedelta(days=(command.ended_on - command.began_on).days + 1)
