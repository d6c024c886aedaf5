"""Where the law of proceedings stands: for each act, the row that it meets or that asks for what it lacks."""

from domain.hearing.acts import (
    ApplyForLaterDate,
    ArrangePreHearing,
    DecideLaterDate,
    DecideObjection,
    ExchangeWitnessLists,
    HearingAct,
    HoldPreHearing,
    NamePanel,
    ObjectToPanel,
    ProposeAlternativeDate,
    PublishHearingNotice,
    RespondToNotice,
    SupplyChairDocuments,
)
from domain.regimes import source_of_row
from domain.state import Case, Hearing, Officer
from domain.vocabulary import Proceedings

__all__ = ["cite_act", "cite_beginning", "cite_documents"]

PANEL = ("object_to_chair",)  # regs 30 and 35: who sits is told, and may be objected to
ORDINARY: dict[type[HearingAct], tuple[str, ...]] = {
    NamePanel: PANEL,
    ObjectToPanel: PANEL,
    DecideObjection: PANEL,
    RespondToNotice: ("officer_response", "officer_response_2012"),
    ExchangeWitnessLists: ("witness_lists", "witness_lists_2012"),
    SupplyChairDocuments: ("documents_to_chair",),
    ApplyForLaterDate: ("hearing_no_prehearing",),
    DecideLaterDate: ("hearing_no_prehearing",),
    ArrangePreHearing: ("pre_hearing",),
    HoldPreHearing: ("pre_hearing",),
    ProposeAlternativeDate: ("pre_hearing_alternative", "proceedings_alternative_date_2012"),
    PublishHearingNotice: ("public_notice_hearing",),
}
AT_MEETING = ("proceedings_alternative_date", "proceedings_alternative_date_2012")
ACCELERATED: dict[type[HearingAct], tuple[str, ...]] = {
    NamePanel: ("amh_objection",),
    ObjectToPanel: ("amh_objection",),
    DecideObjection: ("amh_objection",),
    RespondToNotice: ("amh_response",),
    PublishHearingNotice: ("amh_public_notice",),
}
FORMS: dict[Proceedings, dict[type[HearingAct], tuple[str, ...]]] = {
    Proceedings.MEETING: {**ORDINARY, ProposeAlternativeDate: AT_MEETING},
    Proceedings.HEARING: ORDINARY,
    Proceedings.ACCELERATED_HEARING: ACCELERATED,
}
BEGINS: dict[Proceedings, tuple[str, ...]] = {
    Proceedings.MEETING: ("meeting_held", "meeting_held_2012"),
    Proceedings.HEARING: ("hearing_no_prehearing", "hearing_held_2012"),
    Proceedings.ACCELERATED_HEARING: ("amh_date", "amh_date_2012"),
}


def cite_act(case: Case, officer: Officer, hearing: Hearing, act: type[HearingAct]) -> str | None:
    """Where an act stands in the law of these proceedings; None where nothing was read of it."""
    return source_of_row(case.regime_of(officer.ref), FORMS[hearing.proceedings].get(act, ()))


def cite_beginning(case: Case, officer: Officer, hearing: Hearing) -> str | None:
    """Where it stands when these proceedings begin."""
    return source_of_row(case.regime_of(officer.ref), BEGINS[hearing.proceedings])


def cite_documents(case: Case, officer: Officer, form: Proceedings) -> str | None:
    """Where it stands that notice of the referral is given, with the documents."""
    accelerated = form is Proceedings.ACCELERATED_HEARING
    notice, notice_2012 = ("PCR 2020 reg 51(1)", None) if accelerated else ("PCR 2020 reg 30(1)", "PCR 2012 reg 21(1)")
    return case.cite(notice, notice_2012, officer.ref)
