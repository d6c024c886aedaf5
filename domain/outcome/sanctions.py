"""Which sanction may lawfully follow a finding, and how long a warning lives. The rows are in `domain/regimes`."""

from datetime import date, datetime

from domain.errors import Malformed, Unlawful
from domain.outcome.acts import ImposeOutcome
from domain.regimes import lawful_sanctions, warning_life
from domain.state import Case, Hearing, Officer
from domain.vocabulary import Finding, Sanction
from domain.working_days import Calendar, Counting, count, london_date

__all__ = ["DISMISSALS", "check_lawful", "check_sanction", "live_until"]

DISMISSALS = frozenset(
    {Sanction.DISMISSAL_WITH_NOTICE, Sanction.DISMISSAL_WITHOUT_NOTICE, Sanction.WOULD_HAVE_BEEN_DISMISSED}
)


def check_sanction(case: Case, officer: Officer, hearing: Hearing, command: ImposeOutcome) -> None:
    """Refuse an outcome that may not follow the finding, or that lacks what it needs."""
    needs_reasons, citation = check_lawful(case, officer, hearing, command.sanction)
    if needs_reasons and not command.exceptional_circumstances:
        sanction = command.sanction.replace("_", " ").capitalize()
        raise Unlawful(f"{sanction} needs recorded exceptional circumstances.", citation)
    _check_months(case, command)


def check_lawful(case: Case, officer: Officer, hearing: Hearing, sanction: Sanction) -> tuple[bool, str | None]:
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
        article = "an" if form[0] == "a" else "a"
        raise Unlawful(f"{what} may not follow a finding of {said} at {article} {form}.", citation)
    return not any(sanction in row.lawful for row in rows), citation


def _check_months(case: Case, command: ImposeOutcome) -> None:
    life = warning_life(case.regime_of(command.officer), command.sanction)
    if command.months is None:
        return
    if life is None:
        raise Malformed("months: only a warning has a life in months.")
    if not life.months <= command.months <= life.at_most:
        span = f"{life.months} to {life.at_most}" if life.at_most > life.months else str(life.months)
        raise Unlawful(f"This warning lives for {span} months.", life.citation)


def live_until(
    case: Case, officer: Officer, sanction: Sanction | None, months: int | None, told: datetime, calendar: Calendar
) -> date | None:
    """The last day on which a warning of which the officer is told then is live; None for what is no warning."""
    life = warning_life(case.regime_of(officer.ref), sanction) if sanction else None
    if life is None:
        return None
    return count(calendar, Counting.MONTHS_BEGINNING_WITH, months or life.months, london_date(told)).due
