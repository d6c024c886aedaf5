"""The accelerated track: special conditions certified, and the way back to the ordinary track (PCR 2020 Part 5).

Under 2012 it is the special case. Since 28 May 2025 it is where a former officer's case goes by itself; the officer may
opt for a hearing, and the authority may require one.
"""

from datetime import datetime

from domain.errors import AlreadyDone, OutOfOrder, Unlawful, WrongStage
from domain.hearing.acts import CertifySpecialConditions, ListHearing, RemitToOrdinaryTrack
from domain.hearing.facts import RemittedToOrdinaryTrack, SpecialConditionsCertified
from domain.messages import plain
from domain.order import too_early
from domain.regimes.provisions import since, source_of
from domain.separation import FORMER_OFFICERS, apart
from domain.state import Case, Hearing, Officer
from domain.vocabulary import CaseToAnswer, Disposal, Proceedings, Regime, Remission, Role, Severity, Telling
from domain.working_days import london_date

__all__ = [
    "certified",
    "check_certification",
    "check_window",
    "form_of",
    "ready_to_certify",
    "ready_to_remit",
    "remission",
    "remitted",
]


def ready_to_certify(case: Case, officer: Officer) -> None:
    """Before the final report; since 2025, or once a stay is over, also after it, unless the IOPC fixed the form."""
    if officer.certified_by:
        raise AlreadyDone(f"The special conditions are certified for officer {officer.ref} already.")
    if officer.finished or (officer.hearing and (officer.hearing.opened or officer.hearing.withdrawn)):
        raise WrongStage(f"It is too late for special conditions for officer {officer.ref}.")
    if not case.faced_by(officer.ref):
        raise WrongStage(f"No allegation stands against officer {officer.ref}.")
    if officer.severity is not Severity.GROSS_MISCONDUCT:
        raise OutOfOrder(
            f"The severity for officer {officer.ref} has not been assessed as gross misconduct.",
            case.cite("PCR 2020 reg 49(2)", None, officer.ref),
        )
    if officer.case_to_answer not in (None, CaseToAnswer.GROSS_MISCONDUCT):
        raise WrongStage(f"Officer {officer.ref} has no case to answer for gross misconduct.")
    if case.report_submitted and not case.stays:  # whoever waited for the criminal case determines it then
        _check_after_report(case, officer)
    if officer.directed:
        raise Unlawful("The IOPC has directed the form of the proceedings.", source_of("SI 2025/558 reg 59"))


def _check_after_report(case: Case, officer: Officer) -> None:
    """Reg 59 of 2025 amends the regulations on complaints, so it reaches a matter as a whole (reg 66).

    Which amendments of the Conduct Regulations govern an officer does not decide it; a part of an older matter that
    was brought here does: it has no day of its own.
    """
    brought = officer.regime if officer.first_known is None else None
    matter = min(case.regime, brought or case.regime)
    if matter is not Regime.PCR_2025:
        provision = "PCR 2012 reg 41" if matter is Regime.PCR_2012 else "SI 2025/558 regs 59, 66"
        raise Unlawful("Special conditions are certified before the final report.", source_of(provision))


def check_certification(case: Case, officer: Officer, command: CertifySpecialConditions) -> None:
    """Both conditions, and a senior officer behind a delegated decision."""
    if not (command.sufficient_evidence and command.without_delay):
        raise Unlawful(
            "Special conditions are sufficient written evidence of gross misconduct (`sufficient_evidence`), and the "
            "public interest that the officer leaves without delay (`without_delay`).",
            case.cite("PCR 2020 reg 49(2)", None, officer.ref),
        )
    if any(each.person == command.authorised_by for each in case.officers.values()):
        raise apart("concerned_authorises", what="certification")
    asked = command.delegated and case.regime_of(officer.ref) is not Regime.PCR_2012
    if asked and not command.authorised_by:
        raise Unlawful(
            "A delegated certification needs a senior officer's authorisation: `authorised_by` says whose.",
            source_of("PCR 2020 reg 2(4)"),
        )


def certified(event: SpecialConditionsCertified) -> dict[str, object]:
    """What certification changes for the officer: an ordinary referral, if there was one, gives way."""
    return {"certified_by": event.certified_by, "disposal": Disposal.ACCELERATED_HEARING, "hearing": None}


def form_of(case: Case, officer: Officer, at: datetime) -> Proceedings:
    """To which form of proceedings a notice given at that moment refers the officer."""
    if officer.disposal is None:
        raise ValueError(f"nothing has been decided about officer {officer.ref}")
    certified_at = case.milestones.get(f"special_conditions_certified/{officer.ref}")
    if officer.certified_by and certified_at and at < certified_at:
        raise too_early(certified_at, "special_conditions_certified")
    if _by_default(case, officer) and london_date(at) >= since(FORMER_OFFICERS):
        return Proceedings.ACCELERATED_HEARING
    return Proceedings(officer.disposal.value)


def _by_default(case: Case, officer: Officer) -> bool:
    """A former officer with a case to answer for gross misconduct; the day of the notice decides, not the allegation's.

    The 2012 Regulations, which reach former officers by another instrument, were not amended.
    """
    former = officer.departed is not None and case.regime_of(officer.ref) is not Regime.PCR_2012
    gross = officer.case_to_answer is CaseToAnswer.GROSS_MISCONDUCT and officer.disposal is Disposal.HEARING
    return former and gross and not officer.ordinary_track


def ready_to_remit(case: Case, officer: Officer) -> None:
    """On the accelerated track: referred to it and not yet heard to the end, certified, or there by default."""
    hearing = officer.hearing
    if hearing is None:
        on_track = bool(officer.certified_by) or _by_default(case, officer)
    else:
        on_track = hearing.proceedings is Proceedings.ACCELERATED_HEARING and hearing.pending
    if not on_track:
        raise WrongStage(f"Officer {officer.ref} is not on the accelerated track.")


def remission(case: Case, officer: Officer, command: RemitToOrdinaryTrack) -> RemittedToOrdinaryTrack:
    """The case goes back, for the reason that goes with who sends it."""
    opened = officer.hearing is not None and officer.hearing.opened
    if opened != (command.actor.role is Role.CHAIR):
        raise apart("returned_by_chair" if opened else "remitted_by_authority", case, officer.ref)
    because = _because(case, officer, command)
    return RemittedToOrdinaryTrack(
        occurred_at=command.occurred_at,
        illustrative=command.illustrative,
        officer=officer.ref,
        because=because,
        disposal=Disposal.HEARING if officer.case_to_answer is CaseToAnswer.GROSS_MISCONDUCT else None,
        reasons=command.reasons,
    )


def _because(case: Case, officer: Officer, command: RemitToOrdinaryTrack) -> Remission:
    role = command.actor.role
    if role is Role.CHAIR:
        return Remission.RETURNED_BY_CHAIR
    if officer.certified_by and role is Role.APPROPRIATE_AUTHORITY:
        return Remission.DIRECTION
    former = officer.departed is not None and case.regime_of(officer.ref) is not Regime.PCR_2012
    if not former:
        raise apart("former_officer_opts", case, officer=officer.ref)
    if london_date(command.occurred_at) < (by_default := since(FORMER_OFFICERS)):
        raise Unlawful(f"Before {plain(by_default)} no former officer is there by default.", source_of(FORMER_OFFICERS))
    return Remission.AUTHORITY_REQUIRED if role is Role.APPROPRIATE_AUTHORITY else Remission.OFFICER_OPTED


def remitted(officer: Officer, event: RemittedToOrdinaryTrack) -> dict[str, object]:
    """What remission changes: the case stands where the investigation had brought it."""
    told = {Telling.REMISSION: event.occurred_at} if event.because is Remission.DIRECTION else {}
    return {
        "certified_by": None,
        "ordinary_track": True,
        "hearing": None,
        "disposal": event.disposal,
        "to_be_told": {**officer.to_be_told, **told},
    }


def check_window(case: Case, officer: Officer, hearing: Hearing, command: ListHearing) -> None:
    """An accelerated hearing is listed within its window (reg 52(1): 10th to 15th working day after the notice)."""
    if hearing.proceedings is not Proceedings.ACCELERATED_HEARING:
        return
    for window in case.deadlines.values():
        opens, due = window.opens_on, window.due
        if window.subject != officer.ref or not window.ticking or opens is None or due is None:
            continue
        if not opens <= command.begins_on <= due:
            raise Unlawful(f"That accelerated hearing has to be held from {opens} to {due}.", window.source)
