"""Where a matter goes: whether it is referred to the IOPC, how it gets there, and who investigates (PRA 2002 Sch 3)."""

from domain.errors import AlreadyDone, OutOfOrder, Unlawful, WrongStage
from domain.messages import Event
from domain.referral.acts import (
    AssessReferral,
    CallIn,
    DecideMode,
    RecordDsi,
    ReferralAct,
    ReferToIopc,
    TreatAsReferred,
)
from domain.referral.facts import BecameDsi, CalledIn, ModeDecided, ReferralAssessed, ReferredToIopc, TreatedAsReferred
from domain.regimes import time_limit
from domain.regimes.provisions import source_of
from domain.state import Case
from domain.vocabulary import Mode, Origin, ReferralKind, Regime

__all__ = ["KIND_AT_FIRST", "ready_to_route", "route", "routed"]

CALL_IN = "PRA 2002 Sch 3 paras 4(1)(c), 13(1)(c)"
TREAT_AS_REFERRED = "PRA 2002 Sch 3 paras 4A, 13A, 14CA"
KIND_AT_FIRST = {Origin.DSI: ReferralKind.MANDATORY}  # there is nothing to assess: every such matter is referred


def ready_to_route(case: Case, act: type[ReferralAct]) -> None:
    """Refuse what the state rules out about where the matter goes, whatever the facts of the act."""
    if act in (AssessReferral, ReferToIopc, CallIn, RecordDsi, TreatAsReferred):
        _ready_to_refer(case, act)
    if act is DecideMode:
        _ready_for_mode(case)


def _ready_to_refer(case: Case, act: type[ReferralAct]) -> None:
    if case.referred:
        raise AlreadyDone("The matter has been referred to the IOPC.")
    if act is ReferToIopc:
        if case.referral_kind is None:
            raise OutOfOrder("Assess first whether the matter is to be referred.")
        if case.referral_kind is ReferralKind.NOT_REQUIRED:
            cited = time_limit(case.regime, "refer_voluntary").source
            raise OutOfOrder("The matter was assessed as not to be referred; assess it again first.", cited)
    if act in (AssessReferral, CallIn) and case.referral_kind is ReferralKind.CALLED_IN:
        raise AlreadyDone("The IOPC requires the matter to be referred.", source_of(CALL_IN))
    if act is RecordDsi and case.is_dsi:
        raise AlreadyDone("It is a death or serious injury matter already.", _dsi_cited(case))
    if act is AssessReferral and case.is_dsi and "refer_mandatory_dsi" in case.deadlines:
        cited = _dsi_cited(case)
        raise AlreadyDone("The referral of a matter of death or serious injury is mandatory, and stays so.", cited)
    if act is TreatAsReferred and case.regime is Regime.PCR_2012:
        raise Unlawful("Only since 1 February 2020 may a matter be treated as referred.", source_of(TREAT_AS_REFERRED))


def _dsi_cited(case: Case) -> str:
    return time_limit(case.regime, "refer_mandatory_dsi").source


def _ready_for_mode(case: Case) -> None:
    if case.referral_kind is None:
        raise OutOfOrder("Assess first whether the matter is to be referred.")
    if case.referral_kind in (ReferralKind.MANDATORY, ReferralKind.CALLED_IN) and not case.referred:
        raise OutOfOrder("The matter must be referred to the IOPC first.", source_of("PRA 2002 Sch 3 paras 4, 13"))
    if case.report_submitted:
        raise WrongStage("The investigation is over; its mode can no longer be decided.")
    if not case.referred and case.mode is Mode.LOCAL:
        raise AlreadyDone("The mode is local already, and no other is open to a matter that was not referred.")


def routed(case: Case, command: ReferralAct, facts: dict[str, object]) -> Event:
    """The fact about where the matter goes that an act gives."""
    match command:
        case AssessReferral():
            _check_kind(case, command)
            return ReferralAssessed.model_validate({**facts, "origin": Origin.DSI if case.is_dsi else case.origin})
        case ReferToIopc():
            return ReferredToIopc.model_validate({**facts, "kind": case.referral_kind})
        case CallIn():
            return CalledIn.model_validate(facts)
        case RecordDsi():
            return BecameDsi.model_validate(facts)
        case TreatAsReferred():
            _check_notified(case, command)
            return TreatedAsReferred.model_validate(facts)
        case DecideMode():
            _check_mode(case, command)
            return ModeDecided.model_validate(facts)
    raise TypeError(command.name)  # its branch was forgotten


def _check_kind(case: Case, command: AssessReferral) -> None:
    if command.kind is case.referral_kind and not case.is_dsi:  # one that an older release left without a clock
        raise AlreadyDone(f"The referral is assessed as {command.kind.replace('_', ' ')} already.")
    if case.is_dsi and command.kind is not ReferralKind.MANDATORY:
        raise Unlawful(
            "A matter of death or serious injury has to be referred: its referral is mandatory.",
            _dsi_cited(case),
            (ReferralKind.MANDATORY,),
        )


def _check_notified(case: Case, command: TreatAsReferred) -> None:
    if not (command.all_notified or command.would_prejudice):
        raise Unlawful(
            "The authority, the complainant and the person under investigation are told (`all_notified`), unless it "
            "would prejudice (`would_prejudice`).",
            time_limit(case.regime, "iopc_treat_as_referred").source,
        )


def _check_mode(case: Case, command: DecideMode) -> None:
    if not case.referred and command.mode is not Mode.LOCAL:
        sentence = f"A matter that was not referred cannot be {command.mode}."
        raise Unlawful(sentence, source_of("PRA 2002 Sch 3 para 15"), (Mode.LOCAL,))
    if case.regime is not Regime.PCR_2012 and command.mode in (Mode.MANAGED, Mode.SUPERVISED):
        since_2020 = (Mode.LOCAL, Mode.DIRECTED, Mode.INDEPENDENT, Mode.RETURNED)
        sentence = f"No investigation of a matter known since 1 February 2020 is {command.mode}."
        raise Unlawful(sentence, source_of("PRA 2002 Sch 3 paras 17, 18"), since_2020)
    if command.mode is case.mode:
        raise AlreadyDone(f"The mode is {command.mode} already.")


def _kind_of_dsi(case: Case) -> ReferralKind:
    """There is nothing to assess, as every such matter is referred; what the IOPC called in stays called in."""
    called_in = case.referral_kind is ReferralKind.CALLED_IN
    return ReferralKind.CALLED_IN if called_in else ReferralKind.MANDATORY


def route(case: Case, event: Event) -> Case:
    """The case after a fact about where it goes."""
    match event:
        case ReferralAssessed():
            return case.model_copy(update={"referral_kind": event.kind})
        case BecameDsi():
            return case.model_copy(update={"became_dsi": True, "referral_kind": _kind_of_dsi(case)})
        case CalledIn():
            return case.model_copy(update={"referral_kind": ReferralKind.CALLED_IN})
        case TreatedAsReferred():
            return case.model_copy(update={"referral_kind": ReferralKind.TREATED_AS_REFERRED, "referred": True})
        case ReferredToIopc():
            return case.model_copy(update={"referred": True})
        case ModeDecided():
            return case.model_copy(update={"mode": event.mode})
    raise TypeError(event.name)  # its branch was forgotten
