"""The rules of hearing: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator

from domain.errors import (
    AlreadyDone,
    ConflictOfInterest,
    Malformed,
    NotFound,
    NotPermitted,
    OutOfOrder,
    Unlawful,
    WrongStage,
)
from domain.hearing.acts import (
    AdjournHearing,
    ConcludeHearing,
    DecideObjection,
    ExchangeWitnessLists,
    HearingAct,
    HoldPreHearing,
    ListHearing,
    NamePanel,
    ObjectToPanel,
    OpenHearing,
    PublishHearingNotice,
    RecordFinding,
    ReferToProceedings,
    RespondToNotice,
    SupplyChairDocuments,
    SupplyDocuments,
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
    ProceedingsWithdrawn,
    ReferredToProceedings,
    ResponseGiven,
    WitnessListsExchanged,
)
from domain.messages import Event, OfficerCommand
from domain.regimes import check_disposal
from domain.state import Case, Hearing, Officer
from domain.vocabulary import Disposal, Finding, Proceedings, Regime, Role
from domain.working_days import london_date

__all__ = ["DONE", "decide", "evolve", "ready"]


def ready(case: Case, act: type[HearingAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if act is ReferToProceedings:
        return _ready_to_refer(officer)
    hearing = officer.hearing
    if hearing is None or hearing.withdrawn:
        raise WrongStage(f"Officer {officer.ref} has not been referred to proceedings.")
    if hearing.concluded:
        raise WrongStage(f"The {hearing.proceedings} of officer {officer.ref} is over.")
    if act in (AdjournHearing, RecordFinding, ConcludeHearing):
        return _ready_in_session(case, act, officer, hearing)
    if act is OpenHearing:
        return _ready_to_open(case, officer, hearing)
    if hearing.opened:
        raise WrongStage(f"The {hearing.proceedings} of officer {officer.ref} has begun.")
    _ready_to_prepare(case, act, officer, hearing)


def _ready_to_refer(officer: Officer) -> None:
    if officer.disposal not in (Disposal.MEETING, Disposal.HEARING):
        raise WrongStage(f"It has not been decided that officer {officer.ref} goes to proceedings.")
    if officer.hearing is not None:
        raise AlreadyDone(f"Officer {officer.ref} has been referred to proceedings.")


def _ready_in_session(case: Case, act: type[HearingAct], officer: Officer, hearing: Hearing) -> None:
    if not hearing.opened or hearing.adjourned:
        raise WrongStage(f"The {hearing.proceedings} of officer {officer.ref} is not in session.")
    if act is RecordFinding and not _without_finding(case, officer, hearing):
        raise AlreadyDone(f"Every allegation against officer {officer.ref} has its finding.")
    if act is ConcludeHearing and not hearing.findings:
        raise OutOfOrder(f"There is no finding on officer {officer.ref} yet.")
    if act is ConcludeHearing and (without := _without_finding(case, officer, hearing)):
        raise OutOfOrder(f"Officer {officer.ref} has no finding yet on: {', '.join(without)}.")


def _without_finding(case: Case, officer: Officer, hearing: Hearing) -> list[str]:
    faced = [ref for ref, allegation in case.allegations.items() if officer.ref in allegation.officers]
    return [ref for ref in faced if ref not in hearing.findings]


def _ready_to_open(case: Case, officer: Officer, hearing: Hearing) -> None:
    if hearing.opened and not hearing.adjourned:
        raise AlreadyDone(f"The {hearing.proceedings} of officer {officer.ref} is in session.")
    if not hearing.documents_supplied:
        raise OutOfOrder(f"Officer {officer.ref} has not been supplied with the documents.")
    if not hearing.chair:
        raise OutOfOrder(f"Officer {officer.ref} has not been told who will sit.")
    if hearing.objections:
        raise OutOfOrder(f"An objection by officer {officer.ref} has not been decided.")
    if hearing.begins_on is None:
        raise OutOfOrder(f"The {hearing.proceedings} of officer {officer.ref} has not been listed.")


def _ready_to_prepare(case: Case, act: type[HearingAct], officer: Officer, hearing: Hearing) -> None:
    done = {
        SupplyDocuments: hearing.documents_supplied,
        RespondToNotice: hearing.responded,
        ExchangeWitnessLists: hearing.lists_exchanged,
        SupplyChairDocuments: hearing.chair_has_documents,
        HoldPreHearing: hearing.pre_hearing_held,
        PublishHearingNotice: hearing.notice_published,
    }
    if done.get(act):
        raise AlreadyDone(f"That was done for officer {officer.ref} already.")
    before = {
        RespondToNotice: (hearing.documents_supplied, "The documents have to be supplied first."),
        ExchangeWitnessLists: (hearing.responded, "The officer has not responded to the notice yet."),
        SupplyChairDocuments: (hearing.documents_supplied, "The documents have to be supplied to the officer first."),
        HoldPreHearing: (hearing.chair_has_documents, "The chair has not been supplied with the documents."),
        PublishHearingNotice: (hearing.begins_on is not None, "The hearing has not been listed."),
        ObjectToPanel: (hearing.chair is not None, "It has not been told who will sit."),
        DecideObjection: (bool(hearing.objections), "There is no objection to decide."),
    }
    met, sentence = before.get(act, (True, ""))
    if not met:
        raise OutOfOrder(sentence)
    if act is HoldPreHearing and case.regime is Regime.PCR_2012:
        raise Unlawful("The 2012 Regulations know no pre-hearing.")
    if hearing.proceedings is Proceedings.MEETING and act in (HoldPreHearing, PublishHearingNotice):
        cited = case.cite("PCR 2020 reg 39", None)
        raise Unlawful("A misconduct meeting is private and has no pre-hearing.", cited)


def decide(case: Case, command: HearingAct) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    officer = case.officer(command.officer)
    facts = command.model_dump(exclude={"actor", "officers"}) | {"officer": officer.ref}
    if isinstance(command, ReferToProceedings):
        _check_heard_together(case, officer, command)
        yield ReferredToProceedings.model_validate(facts | {"proceedings": officer.disposal})
    elif officer.hearing is not None:
        _check_chair(officer.hearing, command)
        _check(case, officer, officer.hearing, command)
        yield _fact(officer.hearing, command, facts | {"proceedings": officer.hearing.proceedings})


def _check_heard_together(case: Case, officer: Officer, command: ReferToProceedings) -> None:
    for other in case.officers.values():
        if (
            other.hearing
            and other.hearing.ref == command.hearing
            and other.hearing.proceedings.value != officer.disposal
        ):
            raise Unlawful(f"Under that reference officer {other.ref} is referred to a {other.hearing.proceedings}.")


def _check_chair(hearing: Hearing, command: HearingAct) -> None:
    if command.actor.role is Role.CHAIR and hearing.chair and command.actor.id != hearing.chair:
        raise NotPermitted("Only the chair who was named for these proceedings acts as their chair.")


def _check(case: Case, officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    match command:
        case NamePanel():
            _check_panel(case, hearing, command)
        case ObjectToPanel():
            _check_new_objection(hearing, command)
        case DecideObjection():
            _check_objection(hearing, command)
        case HoldPreHearing() | ListHearing():
            _check_listing(command)
        case OpenHearing():
            _check_opening(officer, hearing, command)
        case RecordFinding():
            _check_finding(case, officer, hearing, command)
        case WithdrawFromProceedings():
            _check_withdrawal(case, command)


def _check_new_objection(hearing: Hearing, command: ObjectToPanel) -> None:
    if command.person not in hearing.sitting:
        raise NotFound("That person is not to sit.")
    if command.person in hearing.objections:
        raise AlreadyDone("That objection has been made already.")


def _check_listing(command: HoldPreHearing | ListHearing) -> None:
    if command.begins_on < london_date(command.occurred_at):
        raise Malformed("begins_on: a hearing is listed for a later day.")


def _check_withdrawal(case: Case, command: WithdrawFromProceedings) -> None:
    if command.disposal in (Disposal.MEETING, Disposal.HEARING):
        raise Malformed("disposal: a case withdrawn from proceedings does not go to proceedings.")
    check_disposal(case.regime, command.disposal, command.line_manager_consulted)


def _check_panel(case: Case, hearing: Hearing, command: NamePanel) -> None:
    sitting = [command.chair, *command.members, *([command.adviser] if command.adviser else [])]
    if len(set(sitting)) < len(sitting):
        raise Malformed("members: someone is named twice.")
    barred = {officer.person for officer in case.officers.values()} | {case.investigator}
    if barred & set(sitting):
        raise ConflictOfInterest("An officer concerned, or the investigator, cannot sit.")
    if set(hearing.stood_down) & set(sitting):
        raise ConflictOfInterest("Someone who had to stand down cannot sit after all.")
    if hearing.proceedings is Proceedings.MEETING and command.members:
        raise Unlawful("A misconduct meeting is conducted by one person.", case.cite("PCR 2020 reg 28(3)", None))


def _check_objection(hearing: Hearing, command: DecideObjection) -> None:
    if command.person not in hearing.objections:
        raise NotFound("There is no objection to that person.")
    by_chair = command.person in hearing.members
    if by_chair != (command.actor.role is Role.CHAIR):
        decider = "the chair" if by_chair else "the authority or the local policing body"
        raise NotPermitted(f"That objection is decided by {decider}.", "PCR 2020 reg 35(5)" if by_chair else None)


def _check_opening(officer: Officer, hearing: Hearing, command: OpenHearing) -> None:
    if hearing.begins_on and london_date(command.occurred_at) < hearing.begins_on:
        raise OutOfOrder(f"The {hearing.proceedings} of officer {officer.ref} is listed for {hearing.begins_on}.")


def _check_finding(case: Case, officer: Officer, hearing: Hearing, command: RecordFinding) -> None:
    allegation = case.allegations.get(command.allegation)
    if allegation is None or officer.ref not in allegation.officers:
        raise NotFound(f"Officer {officer.ref} does not face an allegation {command.allegation}.")
    if command.allegation in hearing.findings:
        raise AlreadyDone(f"There is a finding on allegation {command.allegation} already.")
    if hearing.proceedings is Proceedings.MEETING and command.finding is Finding.GROSS_MISCONDUCT:
        raise Unlawful("A misconduct meeting cannot find gross misconduct.")


def _fact(hearing: Hearing, command: HearingAct, facts: dict[str, object]) -> Event:
    facts["finding"] = getattr(command, "finding", hearing.finding)
    kinds: dict[type[OfficerCommand], type[Event]] = {
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
    if isinstance(event, ReferredToProceedings):
        hearing = Hearing(ref=event.hearing, proceedings=event.proceedings)
    elif officer.hearing is None:
        raise ValueError(f"officer {officer.ref} has no hearing for {event.name}")
    else:
        hearing = officer.hearing.model_copy(update=_change(officer.hearing, event))
    change: dict[str, object] = {"hearing": hearing}
    if isinstance(event, ProceedingsWithdrawn):
        change["disposal"] = event.disposal
    return case.with_officer(officer.model_copy(update=change))


def _change(hearing: Hearing, event: Event) -> dict[str, object]:
    match event:
        case PanelNamed():
            sitting = {event.chair, *event.members, event.adviser}
            objections = tuple(person for person in hearing.objections if person in sitting)
            return {
                "chair": event.chair,
                "members": event.members,
                "adviser": event.adviser,
                "objections": objections,
            }
        case PanelObjected():
            return {"objections": (*hearing.objections, event.person)}
        case ObjectionDecided():
            return _after_objection(hearing, event)
        case PreHearingHeld():
            kept = hearing.notice_published and hearing.begins_on == event.begins_on
            return {"pre_hearing_held": True, "begins_on": event.begins_on, "notice_published": kept}
        case HearingListed():
            return {"begins_on": event.begins_on, "notice_published": False}
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


def _after_objection(hearing: Hearing, event: ObjectionDecided) -> dict[str, object]:
    left = tuple(person for person in hearing.objections if person != event.person)
    if not event.upheld:
        return {"objections": left}
    return {
        "objections": left,
        "stood_down": (*hearing.stood_down, event.person),
        "chair": None if hearing.chair == event.person else hearing.chair,
        "members": tuple(person for person in hearing.members if person != event.person),
        "adviser": None if hearing.adviser == event.person else hearing.adviser,
    }
