"""In what order proceedings go: what an officer's state rules out, whatever an act's facts are."""

from collections.abc import Callable
from datetime import datetime

from domain.errors import AlreadyDone, OutOfOrder, Unlawful, WrongStage
from domain.hearing.accelerated import ready_to_certify, ready_to_remit
from domain.hearing.acts import (
    AdjournHearing,
    ApplyForLaterDate,
    ArrangePreHearing,
    CertifySpecialConditions,
    ConcludeHearing,
    DecideLaterDate,
    DecideObjection,
    DirectPrivacy,
    ExchangeWitnessLists,
    HearingAct,
    HoldPreHearing,
    NamePanel,
    ObjectToPanel,
    OpenHearing,
    ProposeAlternativeDate,
    PublishHearingNotice,
    ReconsiderCaseToAnswer,
    RecordFinding,
    ReferToProceedings,
    RemitToOrdinaryTrack,
    RespondToNotice,
    SupplyChairDocuments,
    SupplyDocuments,
    TellInWriting,
    WithdrawFromProceedings,
)
from domain.hearing.dates import begins_by, held_in_public
from domain.hearing.joint import ready_to_join_or_sever
from domain.hearing.panel import incomplete
from domain.hearing.sources import cite_act, cite_beginning, cite_documents
from domain.messages import plain
from domain.regimes import source_of_row
from domain.state import Case, Hearing, Officer
from domain.vocabulary import Proceedings, Regime, Telling

__all__ = ["owed_in_writing", "ready"]

DELAY = "decision_delay_told"


def ready(case: Case, act: type[HearingAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if officer.hearing and officer.hearing.no_case and act in (CertifySpecialConditions, RemitToOrdinaryTrack):
        raise _without_case(case, officer)
    if act in BEFORE_REFERRAL:
        return BEFORE_REFERRAL[act](case, officer)
    hearing = officer.hearing
    if hearing is None or hearing.withdrawn:
        raise WrongStage(f"Officer {officer.ref} has not been referred to proceedings.")
    if hearing.concluded:
        raise WrongStage(f"The {plain(hearing.proceedings)} of officer {officer.ref} is over.")
    if act in (AdjournHearing, RecordFinding, ConcludeHearing):
        return _ready_in_session(case, act, officer, hearing)
    if act is DirectPrivacy:
        return _ready_to_direct(case, officer, hearing)
    if act is OpenHearing:
        return _ready_to_open(case, officer, hearing)
    if hearing.opened:
        cited = case.cite("PCR 2020 reg 27(1)", None, officer.ref) if act is WithdrawFromProceedings else None
        raise WrongStage(f"The {plain(hearing.proceedings)} of officer {officer.ref} has begun.", cited)
    _ready_to_prepare(case, act, officer, hearing)


def _without_case(case: Case, officer: Officer) -> OutOfOrder:
    cited = case.cite("PCR 2020 reg 27(1)(a)", None, officer.ref)
    return OutOfOrder(f"There is no case to answer any more: withdraw the proceedings of {officer.ref}.", cited)


def _ready_to_refer(officer: Officer) -> None:
    if officer.disposal is None or not officer.disposal.to_proceedings:
        raise WrongStage(f"It has not been decided that officer {officer.ref} goes to proceedings.")
    if officer.hearing is not None:
        raise AlreadyDone(f"Officer {officer.ref} has been referred to proceedings.")


def _ready_to_direct(case: Case, officer: Officer, hearing: Hearing) -> None:
    if not hearing.chair:
        raise OutOfOrder("It has not been told who will sit.", cite_act(case, officer, hearing, NamePanel))
    _check_public(case, officer, hearing)


def _check_public(case: Case, officer: Officer, hearing: Hearing) -> None:
    if hearing.begins_on and not held_in_public(hearing.begins_on):
        cited = source_of_row(case.regime_of(officer.ref), ("public_notice_hearing",))
        raise Unlawful("A hearing that begins before 1 May 2015 is not public.", cited)


def _ready_in_session(case: Case, act: type[HearingAct], officer: Officer, hearing: Hearing) -> None:
    if not hearing.opened or hearing.adjourned:
        raise WrongStage(f"The {plain(hearing.proceedings)} of officer {officer.ref} is not in session.")
    if act is RecordFinding and not _without_finding(case, officer, hearing):
        raise AlreadyDone(f"Every allegation against officer {officer.ref} has its finding.")
    if act is ConcludeHearing and not hearing.findings:
        raise OutOfOrder(f"There is no finding on officer {officer.ref} yet.")
    if act is ConcludeHearing and (without := _without_finding(case, officer, hearing)):
        raise OutOfOrder(f"Officer {officer.ref} has no finding yet on: {', '.join(without)}.")


def _without_finding(case: Case, officer: Officer, hearing: Hearing) -> list[str]:
    return [ref for ref in case.faced_by(officer.ref) if ref not in hearing.findings]


def _ready_to_open(case: Case, officer: Officer, hearing: Hearing) -> None:
    if hearing.opened and not hearing.adjourned:
        raise AlreadyDone(f"The {plain(hearing.proceedings)} of officer {officer.ref} is in session.")
    if hearing.no_case:
        raise _without_case(case, officer)
    if not hearing.documents_supplied:
        cited = cite_documents(case, officer, hearing.proceedings)
        raise OutOfOrder(f"Officer {officer.ref} has not been supplied with the documents.", cited)
    cited = cite_act(case, officer, hearing, NamePanel)
    if not hearing.chair:
        raise OutOfOrder(f"Officer {officer.ref} has not been told who will sit.", cited)
    if missing := incomplete(case, officer, hearing):
        raise OutOfOrder(f"The panel is not complete for officer {officer.ref}: it lacks {missing[0]}.", missing[1])
    if hearing.objections:
        raise OutOfOrder(f"An objection by officer {officer.ref} has not been decided.", cited)
    if hearing.begins_on is None:
        cited = cite_beginning(case, officer, hearing)
        raise OutOfOrder(f"The {plain(hearing.proceedings)} of officer {officer.ref} has not been listed.", cited)


def _ready_to_prepare(case: Case, act: type[HearingAct], officer: Officer, hearing: Hearing) -> None:
    done = {
        SupplyDocuments: hearing.documents_supplied,
        RespondToNotice: hearing.responded,
        ExchangeWitnessLists: hearing.lists_exchanged,
        SupplyChairDocuments: hearing.chair_has_documents,
        ArrangePreHearing: hearing.pre_hearing_held,
        HoldPreHearing: hearing.pre_hearing_held,
        PublishHearingNotice: hearing.notice_published,
        ReconsiderCaseToAnswer: hearing.no_case,
        ApplyForLaterDate: hearing.later_asked,
    }
    if done.get(act):
        raise AlreadyDone(f"That was done for officer {officer.ref} already.")
    before = {
        RespondToNotice: (hearing.documents_supplied, "The documents have to be supplied first."),
        ExchangeWitnessLists: (hearing.responded, "The officer has not responded to the notice yet."),
        SupplyChairDocuments: _ready_for_chair(hearing),
        ArrangePreHearing: (hearing.chair_has_documents, "The chair has not been supplied with the documents."),
        ProposeAlternativeDate: (bool(hearing.pre_hearing_on or hearing.begins_on), "No day has been specified."),
        HoldPreHearing: (hearing.chair_has_documents, "The chair has not been supplied with the documents."),
        PublishHearingNotice: (hearing.begins_on is not None, "The hearing has not been listed."),
        ObjectToPanel: (hearing.chair is not None, "It has not been told who will sit."),
        ApplyForLaterDate: (begins_by(case, officer) is not None, "No time limit for the hearing is to be exceeded."),
        DecideLaterDate: (hearing.later_asked, "No party has applied for a later hearing."),
        DecideObjection: (bool(hearing.objections), "There is no objection to decide."),
    }
    met, sentence = before.get(act, (True, ""))
    if not met:
        raise OutOfOrder(sentence, cite_act(case, officer, hearing, act))
    ready_to_join_or_sever(case, act, officer, hearing)
    _form_knows(case, act, officer, hearing)


def _ready_for_chair(hearing: Hearing) -> tuple[bool, str]:
    if hearing.documents_supplied and hearing.chair is None:
        return False, "Nobody is named as the chair, to be supplied with the documents."
    return hearing.documents_supplied, "The documents have to be supplied to the officer first."


PRE_HEARING = (ArrangePreHearing, HoldPreHearing)


def _form_knows(case: Case, act: type[HearingAct], officer: Officer, hearing: Hearing) -> None:
    """Not every regime and form of proceedings knows a pre-hearing and a public notice."""
    if act is PublishHearingNotice and hearing.notice_withheld:
        raise Unlawful("The chair directed that no notice is given.", case.cite("PCR 2020 reg 36", None, officer.ref))
    if act is PublishHearingNotice:
        _check_public(case, officer, hearing)
    if act in PRE_HEARING and case.regime_of(officer.ref) is Regime.PCR_2012:
        raise Unlawful("The 2012 Regulations know no pre-hearing.")
    if hearing.proceedings is Proceedings.MEETING and act in (*PRE_HEARING, PublishHearingNotice):
        cited = case.cite("PCR 2020 reg 39", None, officer.ref)
        raise Unlawful("A misconduct meeting is private and has no pre-hearing.", cited)
    if hearing.proceedings is Proceedings.ACCELERATED_HEARING and act in PRE_HEARING:
        raise Unlawful("An accelerated hearing has no pre-hearing.", case.cite("PCR 2020 Part 5", None, officer.ref))


def owed_in_writing(case: Case, officer: Officer) -> dict[Telling, datetime]:
    """What the officer has to be told in writing, and since when; that a decision is delayed its clock says."""
    clocks = (each for each in case.deadlines.values() if (each.rule, each.subject) == (DELAY, officer.ref))
    since = next((each.set_at for each in clocks if each.outstanding), None)
    return officer.to_be_told | ({Telling.DELAY_OF_DECISION: since} if since else {})


def _ready_to_tell(case: Case, officer: Officer) -> None:
    if not owed_in_writing(case, officer):
        raise WrongStage(f"There is nothing that officer {officer.ref} has to be told in writing.")


BEFORE_REFERRAL: dict[type[HearingAct], Callable[[Case, Officer], None]] = {
    CertifySpecialConditions: ready_to_certify,
    ReferToProceedings: lambda _, officer: _ready_to_refer(officer),
    RemitToOrdinaryTrack: ready_to_remit,
    TellInWriting: _ready_to_tell,
}
