"""The rules of hearing: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator

from domain.errors import AlreadyDone, Malformed, NotFound, NotPermitted, OutOfOrder, Unlawful
from domain.hearing.accelerated import certified, check_certification, check_window, form_of, remission, remitted
from domain.hearing.acts import (
    AdjournHearing,
    CertifySpecialConditions,
    ConcludeHearing,
    DecideObjection,
    ExchangeWitnessLists,
    HearingAct,
    HoldPreHearing,
    JoinProceedings,
    ListHearing,
    NamePanel,
    ObjectToPanel,
    OpenHearing,
    PublishHearingNotice,
    RecordFinding,
    ReferToProceedings,
    RemitToOrdinaryTrack,
    RespondToNotice,
    SeverProceedings,
    SupplyChairDocuments,
    SupplyDocuments,
    TellInWriting,
    WithdrawFromProceedings,
)
from domain.hearing.facts import (
    ChairDocumentsSupplied,
    DocumentsSupplied,
    FindingRecorded,
    HearingAdjourned,
    HearingConcluded,
    HearingListed,
    HearingNoticePublished,
    HearingOpened,
    ObjectionDecided,
    PanelNamed,
    PanelObjected,
    PreHearingHeld,
    ProceedingsJoined,
    ProceedingsSevered,
    ProceedingsWithdrawn,
    ReferredToProceedings,
    RemittedToOrdinaryTrack,
    ResponseGiven,
    SpecialConditionsCertified,
    ToldInWriting,
    WitnessListsExchanged,
)
from domain.hearing.joint import check_form, check_joint, joined
from domain.hearing.order import ready
from domain.hearing.panel import after_objection, check_new_objection, check_objection, check_panel
from domain.messages import Event, OfficerCommand, plain
from domain.regimes import check_disposal
from domain.state import Case, Hearing, Officer
from domain.vocabulary import Finding, Proceedings, Regime, Role, Telling
from domain.working_days import london_date

__all__ = ["DONE", "decide", "evolve", "ready"]


def decide(case: Case, command: HearingAct) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    officer = case.officer(command.officer)
    facts = command.model_dump(exclude={"actor", "officers"}) | {"officer": officer.ref}
    if officer.hearing is not None:
        _check_chair(officer.hearing, command)
    match command:
        case CertifySpecialConditions():
            check_certification(case, officer, command)
            yield SpecialConditionsCertified.model_validate(facts | {"certified_by": command.actor.id})
        case RemitToOrdinaryTrack():
            yield remission(case, officer, command)
        case TellInWriting():
            _check_to_be_told(officer, command)
            yield ToldInWriting.model_validate(facts)
        case ReferToProceedings():
            form = form_of(case, officer, command.occurred_at)
            check_form(case, officer, form, command.hearing)
            yield ReferredToProceedings.model_validate(facts | {"proceedings": form})
        case _ if officer.hearing is not None:
            _check(case, officer, officer.hearing, command)
            yield _fact(officer.hearing, command, facts | {"proceedings": officer.hearing.proceedings})


def _check_to_be_told(officer: Officer, command: TellInWriting) -> None:
    since = officer.to_be_told.get(command.of)
    if since is None:
        raise NotFound(f"Officer {officer.ref} does not have to be told of a {command.of}.")
    if command.occurred_at < since:
        raise OutOfOrder(f"Officer {officer.ref} cannot have been told of the {command.of} before it.")


def _check_chair(hearing: Hearing, command: HearingAct) -> None:
    if command.actor.role is Role.CHAIR and hearing.chair and command.actor.id != hearing.chair:
        raise NotPermitted("Only the chair who was named for these proceedings acts as their chair.")


def _check(case: Case, officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    check_joint(case, officer, hearing, command)
    match command:
        case NamePanel():
            check_panel(case, officer, hearing, command)
        case ObjectToPanel():
            check_new_objection(case, officer, hearing, command)
        case DecideObjection():
            check_objection(hearing, command)
        case HoldPreHearing():
            _check_listing(command)
        case ListHearing():
            _check_listing(command)
            check_window(case, officer, hearing, command)
        case OpenHearing():
            _check_opening(officer, hearing, command)
        case RecordFinding():
            _check_finding(case, officer, hearing, command)
        case WithdrawFromProceedings():
            _check_withdrawal(case, command)


def _check_listing(command: HoldPreHearing | ListHearing) -> None:
    if command.begins_on < london_date(command.occurred_at):
        raise Malformed("begins_on: a hearing is listed for a later day.")


def _check_withdrawal(case: Case, command: WithdrawFromProceedings) -> None:
    if command.disposal.to_proceedings:
        raise Malformed("disposal: a case withdrawn from proceedings does not go to proceedings.")
    check_disposal(case.regime, command.disposal, command.line_manager_consulted)


def _check_opening(officer: Officer, hearing: Hearing, command: OpenHearing) -> None:
    if hearing.begins_on and london_date(command.occurred_at) < hearing.begins_on:
        raise OutOfOrder(
            f"The {plain(hearing.proceedings)} of officer {officer.ref} is listed for {hearing.begins_on}."
        )


def _check_finding(case: Case, officer: Officer, hearing: Hearing, command: RecordFinding) -> None:
    allegation = case.allegations.get(command.allegation)
    if allegation is None or officer.ref not in allegation.officers:
        raise NotFound(f"Officer {officer.ref} does not face an allegation {command.allegation}.")
    if command.allegation in hearing.findings:
        raise AlreadyDone(f"There is a finding on allegation {command.allegation} already.")
    if hearing.proceedings is Proceedings.MEETING and command.finding is Finding.GROSS_MISCONDUCT:
        raise Unlawful("A misconduct meeting cannot find gross misconduct.")
    if hearing.proceedings is Proceedings.ACCELERATED_HEARING and command.finding is Finding.MISCONDUCT:
        raise Unlawful(
            "An accelerated hearing finds gross misconduct, or dismisses or returns the case.",
            case.cite("PCR 2020 reg 62", "PCR 2012 reg 55", officer.ref),
        )


def _fact(hearing: Hearing, command: HearingAct, facts: dict[str, object]) -> Event:
    facts |= {"was": hearing.ref}
    facts["finding"] = getattr(command, "finding", hearing.finding)
    if isinstance(command, NamePanel):
        new = {command.chair, *command.members, command.adviser} - {None, *hearing.sitting}
        facts["replaces"] = bool(hearing.stood_down and new)
    kinds: dict[type[OfficerCommand], type[Event]] = {
        JoinProceedings: ProceedingsJoined,
        SeverProceedings: ProceedingsSevered,
        SupplyDocuments: DocumentsSupplied,
        NamePanel: PanelNamed,
        ObjectToPanel: PanelObjected,
        DecideObjection: ObjectionDecided,
        RespondToNotice: ResponseGiven,
        ExchangeWitnessLists: WitnessListsExchanged,
        SupplyChairDocuments: ChairDocumentsSupplied,
        HoldPreHearing: PreHearingHeld,
        ListHearing: HearingListed,
        PublishHearingNotice: HearingNoticePublished,
        OpenHearing: HearingOpened,
        AdjournHearing: HearingAdjourned,
        RecordFinding: FindingRecorded,
        ConcludeHearing: HearingConcluded,
        WithdrawFromProceedings: ProceedingsWithdrawn,
    }
    return kinds[type(command)].model_validate(facts)


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about an officer's proceedings."""
    officer = case.officer(event.subject or "")
    return case.with_officer(officer.model_copy(update=_officer_change(case, officer, event)))


def _officer_change(case: Case, officer: Officer, event: Event) -> dict[str, object]:
    match event:
        case SpecialConditionsCertified():
            return certified(event)
        case RemittedToOrdinaryTrack():
            return remitted(officer, event)
        case ToldInWriting():
            return {"to_be_told": {what: since for what, since in officer.to_be_told.items() if what != event.of}}
        case ReferredToProceedings():
            return {"hearing": Hearing(ref=event.hearing, proceedings=event.proceedings)}
    if officer.hearing is None:
        raise ValueError(f"officer {officer.ref} has no hearing for {event.name}")
    changed = (
        joined(case, officer, officer.hearing, event)
        if isinstance(event, ProceedingsJoined)
        else _change(officer.hearing, event)
    )
    change: dict[str, object] = {"hearing": officer.hearing.model_copy(update=changed)}
    if isinstance(event, ProceedingsWithdrawn):
        change["disposal"] = event.disposal
        if case.regime_of(officer.ref) is not Regime.PCR_2012:  # reg 27 was read of the 2020 Regulations only
            change["to_be_told"] = {**officer.to_be_told, Telling.WITHDRAWAL: event.occurred_at}
    return change


def _change(hearing: Hearing, event: Event) -> dict[str, object]:
    match event:
        case PanelNamed():
            sitting = {event.chair, *event.members, event.adviser}
            objections = tuple(person for person in hearing.objections if person in sitting)
            return {
                "chair": event.chair,
                "members": event.members,
                "adviser": event.adviser,
                "sits_as": event.sits_as,
                "panel_since": hearing.panel_since or london_date(event.occurred_at),
                "objections": objections,
            }
        case PanelObjected():
            return {"objections": (*hearing.objections, event.person)}
        case ObjectionDecided():
            return after_objection(hearing, event)
        case PreHearingHeld():
            kept = hearing.notice_published and hearing.begins_on == event.begins_on
            return {"pre_hearing_held": True, "begins_on": event.begins_on, "notice_published": kept}
        case HearingListed():
            return {"begins_on": event.begins_on, "notice_published": False}
        case ProceedingsSevered():
            return {"ref": event.hearing}
        case HearingOpened():
            return {"opened": True, "adjourned": False}
        case HearingAdjourned():
            return {"adjourned": True}
        case FindingRecorded():
            return {"findings": {**hearing.findings, event.allegation: event.finding}}
    return {DONE[type(event)]: True}


DONE: dict[type[Event], str] = {
    DocumentsSupplied: "documents_supplied",
    ResponseGiven: "responded",
    WitnessListsExchanged: "lists_exchanged",
    ChairDocumentsSupplied: "chair_has_documents",
    HearingNoticePublished: "notice_published",
    HearingConcluded: "concluded",
    ProceedingsWithdrawn: "withdrawn",
}
