"""Which regulations govern: those of a linked matter that is still open, or by the IOPC's direction the present ones.

The 2020 regulations link matter by matter (PCMR 2020 reg 2(2)(b)), those of 2025 person by person (SI 2025/558 reg 64).
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from domain.errors import AlreadyDone, Malformed, OutOfOrder, Unlawful, WrongStage
from domain.messages import Event
from domain.referral.acts import DirectPresentRegulations, DirectReinvestigation, LinkCase, LinkedCase, ReferralAct
from domain.referral.facts import CaseLinked, PresentRegulationsDirected, ReinvestigationDirected
from domain.regimes import regime_for
from domain.regimes.provisions import source_of
from domain.state import Case, Officer
from domain.vocabulary import Regime
from domain.working_days import london_date

__all__ = ["governed", "governing", "own_regime", "ready_to_govern", "under_amendments"]

PRESENT = "PCMR 2020 reg 2(3); SI 2025/558 regs 64(2), 66"


def under_amendments(
    known: Regime, regime: Regime, links: Iterable[LinkedCase | LinkCase], officers: Collection[str]
) -> set[str]:
    """The officers whom the amendments of 2025 govern though the matter as a whole is kept under 2020 by its links."""
    if (known, regime) != (Regime.PCR_2025, Regime.PCR_2020):
        return set()
    kept = [link.officers or officers for link in links if link.open_under is Regime.PCR_2020]
    return set(officers) - {officer for named in kept for officer in named}


def own_regime(case: Case) -> Regime | None:
    """What governs an officer who is added now: the amendments of 2025 where the links name those whom they do not."""
    parted = case.regime is Regime.PCR_2020 and regime_for(case.first_known) is Regime.PCR_2025
    named = parted and any(officer.regime is Regime.PCR_2025 for officer in case.officers.values())
    return Regime.PCR_2025 if named else None


def ready_to_govern(case: Case, act: type[ReferralAct]) -> None:
    """Refuse what the state rules out about the regulations that govern, whatever the facts of the act."""
    governed_by = {case.regime_of(ref) for ref in (None, *case.officers)}
    if act is DirectPresentRegulations and governed_by == {Regime.PCR_2025}:
        raise AlreadyDone("The present regulations govern already.")
    if act is DirectReinvestigation:
        if not case.report_submitted:
            raise OutOfOrder(
                "The matter has not been investigated yet: its report comes first.", source_of("PRA 2002 s.13B")
            )
        if begun := [ref for ref, officer in case.officers.items() if officer.hearing or officer.certified_by]:
            raise WrongStage(f"Proceedings are under way for: {', '.join(begun)}.")


def governed(case: Case, command: ReferralAct, facts: dict[str, object]) -> Event:
    """The fact about the regulations that govern which an act gives."""
    match command:
        case LinkCase():
            return _linked(case, command, facts)
        case DirectReinvestigation():
            regime = max(case.regime, _present(command.occurred_at))
            return ReinvestigationDirected.model_validate({**facts, "regime": regime})
        case DirectPresentRegulations():
            regime = _present(command.occurred_at)
            if all(regime <= case.regime_of(ref) for ref in (None, *case.officers)):
                raise Unlawful("No newer regulations were in force that day.", source_of(PRESENT))
            return PresentRegulationsDirected.model_validate({**facts, "regime": regime})
    raise WrongStage("That is not an act of referral.")


def _present(at: datetime) -> Regime:
    """The newest regulations in force; before 1 February 2020 those of 2012, which know no such direction."""
    return regime_for(london_date(at))


def _linked(case: Case, command: LinkCase, facts: dict[str, object]) -> CaseLinked:
    if command.reference == case.reference:
        raise Malformed("reference: a case is not linked to itself.")
    if command.reference in case.linked_cases and command.open_under is None:
        raise AlreadyDone(f"The case is linked to {command.reference} already.")
    for officer in command.officers:
        case.officer(officer)
    older = command.open_under if command.open_under and not case.directed_regime else case.regime
    regime = min(case.regime, older)
    stay = under_amendments(regime_for(case.first_known), regime, [command], case.officers)
    if case.regime is Regime.PCR_2020:  # whom an earlier link keeps under 2020 stays there
        stay &= {ref for ref, officer in case.officers.items() if officer.regime is Regime.PCR_2025}
    return CaseLinked.model_validate({**facts, "regime": regime, "apart": tuple(sorted(stay))})


def governing(case: Case, event: Event) -> Case:
    """The case after a fact about the regulations that govern."""
    match event:
        case CaseLinked():
            links = tuple(dict.fromkeys((*case.linked_cases, event.reference)))
            own = {ref: _own(officer, event) for ref, officer in case.officers.items()}
            return _under(case, event.regime, own).model_copy(update={"linked_cases": links})
        case PresentRegulationsDirected() | ReinvestigationDirected():
            changed = _under(case, event.regime, {}).model_copy(update={"directed_regime": True})
            return _again(changed) if isinstance(event, ReinvestigationDirected) else changed
    return case


def _own(officer: Officer, event: CaseLinked) -> Regime | None:
    """A link parts officers by the amendments of 2025 only; what an officer brought from another case stays."""
    if officer.ref in event.apart:
        return Regime.PCR_2025
    return None if officer.regime is Regime.PCR_2025 else officer.regime


def _under(case: Case, regime: Regime, own: dict[str, Regime | None]) -> Case:
    officers = {ref: each.model_copy(update={"regime": own.get(ref)}) for ref, each in case.officers.items()}
    return case.model_copy(update={"regime": regime, "officers": officers})


def _again(case: Case) -> Case:
    officers = {ref: _undecided(officer) for ref, officer in case.officers.items()}
    return case.model_copy(update={"report_submitted": False, "investigator": None, "officers": officers})


def _undecided(officer: Officer) -> Officer:
    """The officer before the decision on the report, which another investigation leaves open again."""
    none: dict[str, object] = dict.fromkeys(("case_to_answer", "disposal", "view", "direction", "directed_at"))
    return officer.model_copy(update={**none, "directed": False, "views_sought": False})
