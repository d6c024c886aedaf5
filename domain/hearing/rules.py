"""The rules of hearing: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator

from domain.errors import AlreadyDone, Malformed, NotFound, OutOfOrder, Unlawful
from domain.hearing.accelerated import check_certification, form_of, remission
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
    JoinProceedings,
    ListHearing,
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
    SeverProceedings,
    SupplyChairDocuments,
    SupplyDocuments,
    TellInWriting,
    WithdrawFromProceedings,
)
from domain.hearing.dates import check_dates
from domain.hearing.evolve import evolve
from domain.hearing.facts import (
    AlternativeDateProposed,
    CaseToAnswerFellAway,
    ChairDocumentsSupplied,
    DocumentsSupplied,
    FindingRecorded,
    HearingAdjourned,
    HearingConcluded,
    HearingListed,
    HearingNoticePublished,
    HearingOpened,
    LaterDateAsked,
    LaterDateDecided,
    ObjectionDecided,
    PanelNamed,
    PanelObjected,
    PreHearingArranged,
    PreHearingHeld,
    PrivacyDirected,
    ProceedingsJoined,
    ProceedingsSevered,
    ProceedingsWithdrawn,
    ReferredToProceedings,
    ResponseGiven,
    SpecialConditionsCertified,
    ToldInWriting,
    WitnessListsExchanged,
)
from domain.hearing.joint import check_form, check_joint
from domain.hearing.order import owed_in_writing, ready
from domain.hearing.panel import check_panel
from domain.messages import Event, OfficerCommand, plain
from domain.regimes import check_disposal
from domain.regimes.provisions import source_of
from domain.separation import apart
from domain.state import Case, Hearing, Officer
from domain.vocabulary import Finding, Proceedings, Role, Telling
from domain.working_days import london_date

__all__ = ["decide", "evolve", "ready"]

DIRECTED = "PCR 2020 reg 27, of what the IOPC directed"


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
            _check_to_be_told(case, officer, command)
            yield ToldInWriting.model_validate(facts)
        case ReferToProceedings():
            form = form_of(case, officer, command.occurred_at)
            check_form(case, officer, form, command.hearing)
            yield ReferredToProceedings.model_validate(facts | {"proceedings": form})
        case _ if officer.hearing is not None:
            _check(case, officer, officer.hearing, command)
            yield _fact(officer.hearing, command, facts | {"proceedings": officer.hearing.proceedings})


def _check_to_be_told(case: Case, officer: Officer, command: TellInWriting) -> None:
    since = owed_in_writing(case, officer).get(command.of)
    if since is None:
        raise NotFound(f"Officer {officer.ref} does not have to be told of a {plain(command.of)}.")
    if command.occurred_at < since:
        raise OutOfOrder(f"Officer {officer.ref} cannot have been told of the {plain(command.of)} before it.")
    if command.of is not Telling.SEVERITY_CHANGE and command.actor.role is not Role.APPROPRIATE_AUTHORITY:
        raise apart("told_by_authority", of=plain(command.of))


def _check_chair(hearing: Hearing, command: HearingAct) -> None:
    if command.actor.role is Role.CHAIR and hearing.chair and command.actor.id != hearing.chair:
        raise apart("named_chair")


def _check(case: Case, officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    check_joint(case, officer, hearing, command)
    check_panel(case, officer, hearing, command)
    check_dates(case, officer, hearing, command)
    _check_in_session(officer, hearing, command)
    match command:
        case ExchangeWitnessLists() if command.of is hearing.lists_of:
            raise AlreadyDone(f"The {command.of}'s list for officer {officer.ref} was supplied already.")
        case OpenHearing():
            _check_opening(officer, hearing, command)
        case RecordFinding():
            _check_finding(case, officer, hearing, command)
        case WithdrawFromProceedings():
            _check_withdrawal(case, officer, command)
        case ReconsiderCaseToAnswer():
            _check_not_directed(officer)


def _check_not_directed(officer: Officer) -> None:
    if officer.directed:
        raise Unlawful("Proceedings that the IOPC directed are not withdrawn.", source_of(DIRECTED))


def _check_withdrawal(case: Case, officer: Officer, command: WithdrawFromProceedings) -> None:
    _check_not_directed(officer)
    if command.disposal.to_proceedings:
        raise Malformed("disposal: a case withdrawn from proceedings does not go to proceedings.")
    consulted, former = command.line_manager_consulted, officer.departed is not None
    check_disposal(case.regime_of(officer.ref), command.disposal, consulted, former_officer=former)


def _check_in_session(officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    """Nothing is found, concluded or adjourned while it stands adjourned, nor is it resumed before it was adjourned."""
    at = command.occurred_at
    sits = isinstance(command, RecordFinding | ConcludeHearing | AdjournHearing)
    if sits and any(since <= at < until for since, until in hearing.adjournments):
        raise OutOfOrder(f"The {plain(hearing.proceedings)} of officer {officer.ref} stood adjourned at that time.")
    if isinstance(command, OpenHearing) and hearing.adjourned_at and at < hearing.adjourned_at:
        raise OutOfOrder(f"The {plain(hearing.proceedings)} of officer {officer.ref} had not been adjourned by then.")


def _check_opening(officer: Officer, hearing: Hearing, command: OpenHearing) -> None:
    if hearing.begins_on and london_date(command.occurred_at) < hearing.begins_on:
        raise OutOfOrder(
            f"The {plain(hearing.proceedings)} of officer {officer.ref} is listed for {hearing.begins_on}."
        )


def _check_finding(case: Case, officer: Officer, hearing: Hearing, command: RecordFinding) -> None:
    if command.allegation not in case.faced_by(officer.ref):
        raise NotFound(f"Officer {officer.ref} does not face an allegation {command.allegation}.")
    if command.allegation in hearing.findings:
        raise AlreadyDone(f"There is a finding on allegation {command.allegation} already.")
    if hearing.proceedings is Proceedings.MEETING and command.finding is Finding.GROSS_MISCONDUCT:
        lawful = (Finding.NOT_PROVEN, Finding.MISCONDUCT)
        raise Unlawful("A misconduct meeting cannot find gross misconduct.", lawful=lawful)
    if hearing.proceedings is Proceedings.ACCELERATED_HEARING and command.finding is Finding.MISCONDUCT:
        raise Unlawful(
            "An accelerated hearing finds gross misconduct, or dismisses or returns the case.",
            case.cite("PCR 2020 reg 62", "PCR 2012 reg 55", officer.ref),
            (Finding.NOT_PROVEN, Finding.GROSS_MISCONDUCT),
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
        ArrangePreHearing: PreHearingArranged,
        ProposeAlternativeDate: AlternativeDateProposed,
        DirectPrivacy: PrivacyDirected,
        HoldPreHearing: PreHearingHeld,
        ListHearing: HearingListed,
        ApplyForLaterDate: LaterDateAsked,
        DecideLaterDate: LaterDateDecided,
        PublishHearingNotice: HearingNoticePublished,
        OpenHearing: HearingOpened,
        AdjournHearing: HearingAdjourned,
        RecordFinding: FindingRecorded,
        ConcludeHearing: HearingConcluded,
        ReconsiderCaseToAnswer: CaseToAnswerFellAway,
        WithdrawFromProceedings: ProceedingsWithdrawn,
    }
    return kinds[type(command)].model_validate(facts)
