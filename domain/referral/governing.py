"""Which regulations govern: those of a linked matter that is still open, or by the IOPC's direction the present ones.

The 2020 regulations link matter by matter (PCMR 2020 reg 2(2)(b)), those of 2025 person by person (SI 2025/558 reg 64):
who was drawn into an older matter since is under the amendments. A matter is dated by when its authority knew of it,
an allegation against an officer by when a policing body, a chief officer or the IOPC first did.
"""

from datetime import date, datetime

from domain.errors import AlreadyDone, Malformed, OutOfOrder, Unlawful, WrongStage
from domain.messages import Event
from domain.referral.acts import DirectPresentRegulations, DirectReinvestigation, LinkCase, LinkedCase, ReferralAct
from domain.referral.facts import CaseLinked, PresentRegulationsDirected, ReinvestigationDirected
from domain.regimes import conduct_regime, regime_for
from domain.regimes.provisions import source_of
from domain.state import Case, Officer
from domain.vocabulary import Regime
from domain.working_days import london_date

__all__ = ["governed", "governing", "keeps", "own_regime", "parted", "ready_to_govern"]

PRESENT = "PCMR 2020 reg 2(3); SI 2025/558 regs 64(2), 66"


def keeps(link: LinkedCase | LinkCase, officer: str) -> bool:
    """Whether the link keeps an officer of the case, at its time, under the 2020 regulations as they were."""
    return link.open_under is Regime.PCR_2020 and officer in (link.officers or (officer,))


def parted(matter: Regime, first_known: date, kept: bool) -> Regime | None:
    """What governs an officer where it is not what governs the matter; only the amendments of 2025 part the two."""
    own = Regime.PCR_2020 if kept else conduct_regime(first_known)
    return None if matter in (Regime.PCR_2012, own) else own


def own_regime(case: Case, first_known: date | None) -> Regime | None:
    """What governs an officer who is added now, if not what governs the matter: by their own day, else the case's.

    Without a day of their own a link keeps them, unless it names those whom it keeps.
    """
    if case.directed_regime and case.regime is Regime.PCR_2025:  # the IOPC's direction is on the matter (reg 64(2))
        return None
    known = case.first_known_to_any or case.first_known
    by_link = [each for each in case.officers.values() if each.first_known in (None, case.first_known_to_any)]
    named = any(officer.regime is Regime.PCR_2025 for officer in by_link)
    kept = first_known is None and case.regime is Regime.PCR_2020 and not named
    return parted(case.regime, first_known or known, kept)


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
    raise TypeError(command.name)  # its branch was forgotten


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
    amended = [ref for ref in case.officers if case.regime_of(ref) is Regime.PCR_2025]
    stay = [ref for ref in amended if regime is Regime.PCR_2020 and not keeps(command, ref)]
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
    raise TypeError(event.name)  # its branch was forgotten


def _own(officer: Officer, event: CaseLinked) -> Regime | None:
    """A link parts officers by the amendments of 2025 only; what an officer brought from another case stays."""
    if officer.ref in event.apart:
        return Regime.PCR_2025
    by_day = officer.first_known is not None  # which decides nothing in a matter of 2012
    amended = officer.regime is Regime.PCR_2025
    return None if amended or (by_day and event.regime is Regime.PCR_2012) else officer.regime


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
