"""In what order an appeal goes: what the state of it rules out, whatever an act's facts are."""

from domain.errors import AlreadyDone, OutOfOrder, Unlawful, WrongStage
from domain.outcome.appeal_acts import (
    AppealAct,
    ArrangeAppealMeeting,
    CopyAppeal,
    DecideAppeal,
    DecideAppealObjection,
    DecideLateNotice,
    DetermineGrounds,
    GiveAppealStatement,
    HoldAppealMeeting,
    ListAppealHearing,
    LodgeAppeal,
    NameAppealPerson,
    NotifyAppealResult,
    ObjectToAppealPerson,
    ProposeAppealDate,
    PublishAppealNotice,
    ReplyToAppeal,
    SupplyAppealDocuments,
)
from domain.regimes import source_of_row
from domain.regimes.ranks import seniority_of
from domain.state import Appeal, Case, Officer, Outcome
from domain.vocabulary import Proceedings, Seniority

__all__ = ["MEETING", "TRIBUNAL", "ready_appeal"]

MEETING, TRIBUNAL = "appeal_meeting", "appeals_tribunal"

TRACKS: dict[str, tuple[type[AppealAct], ...]] = {
    MEETING: (
        NameAppealPerson,
        ObjectToAppealPerson,
        DecideAppealObjection,
        DetermineGrounds,
        ArrangeAppealMeeting,
        ProposeAppealDate,
        HoldAppealMeeting,
    ),
    TRIBUNAL: (
        DecideLateNotice,
        CopyAppeal,
        SupplyAppealDocuments,
        GiveAppealStatement,
        ReplyToAppeal,
        ListAppealHearing,
        PublishAppealNotice,
    ),
}


ROWS: dict[type[AppealAct], tuple[str, ...]] = {  # where each act of an appeal stands in the law of time
    ObjectToAppealPerson: ("object_to_appeal_person",),
    DecideAppealObjection: ("object_to_appeal_person",),
    DetermineGrounds: ("object_to_appeal_person",),  # what it waits for: who determines is settled
    ArrangeAppealMeeting: ("appeal_meeting_held",),
    ProposeAppealDate: ("appeal_meeting_alternative",),
    HoldAppealMeeting: ("appeal_meeting_held",),
    DecideAppeal: ("appeal_meeting_held",),
    NotifyAppealResult: ("appeal_result_notice",),
    SupplyAppealDocuments: ("pat_respondent_docs",),
    GiveAppealStatement: ("pat_appellant_statement",),
    ReplyToAppeal: ("pat_respondent_reply",),
    PublishAppealNotice: ("pat_public_notice",),
}


def _cited(case: Case, officer: Officer, act: type[AppealAct]) -> str | None:
    return source_of_row(case.regime_of(officer.ref), ROWS.get(act, ()))


def ready_appeal(case: Case, act: type[AppealAct], officer: Officer, outcome: Outcome) -> None:
    """Refuse an act of an appeal that the officer's state rules out, whatever its facts."""
    if act is LodgeAppeal:
        return _ready_to_lodge(case, officer, outcome)
    if act is NotifyAppealResult:
        return _ready_to_tell(case, officer, outcome.appeal)
    if outcome.appeal_to is None:
        raise WrongStage(f"There is no appeal by officer {officer.ref} to decide.")
    if any(act in acts and outcome.appeal_to != track for track, acts in TRACKS.items()):
        raise WrongStage(f"The appeal of officer {officer.ref} goes to the {outcome.appeal_to.replace('_', ' ')}.")
    if act is not DecideLateNotice and not outcome.appeal.admitted:
        cited = case.cite("PAT Rules 2020 r.10", None, officer.ref)
        raise OutOfOrder("It has not been decided whether the late notice of appeal is admitted.", cited)
    _ready_in_turn(case, act, officer, outcome.appeal)
    if act is DecideAppeal and outcome.appeal_to == MEETING:
        _ready_to_determine(outcome.appeal, _cited(case, officer, act))


def _ready_to_lodge(case: Case, officer: Officer, outcome: Outcome) -> None:
    if outcome.notified_on is None:
        cited = source_of_row(case.regime_of(officer.ref), ("outcome_to_officer", "outcome_2012"))
        raise OutOfOrder(f"Officer {officer.ref} has not been told the outcome yet.", cited)
    if outcome.appealed:
        raise AlreadyDone(f"That was done for officer {officer.ref} already.")
    _check_route(case, officer)


def _check_route(case: Case, officer: Officer) -> None:
    """From a meeting appeals who is no senior officer. Of whom no known rank was told, the right is not taken away."""
    meeting = officer.hearing is not None and officer.hearing.proceedings is Proceedings.MEETING
    if meeting and seniority_of(officer.rank) in (Seniority.CHIEF, Seniority.SENIOR):
        cited = source_of_row(case.regime_of(officer.ref), ("appeal_from_meeting", "appeal_from_meeting_2012"))
        sentence = (
            f"That appeal is for officers other than senior ones; which one officer {officer.ref} has was not read."
        )
        raise Unlawful(sentence, cited)


def _ready_to_tell(case: Case, officer: Officer, appeal: Appeal) -> None:
    if appeal.result_told:
        raise AlreadyDone(f"Officer {officer.ref} was told the result already.")
    if not appeal.to_be_told:
        cited = _cited(case, officer, NotifyAppealResult)
        raise WrongStage(f"There is no appeal from a meeting by officer {officer.ref} that was decided.", cited)


def _ready_in_turn(case: Case, act: type[AppealAct], officer: Officer, appeal: Appeal) -> None:
    done: dict[type[AppealAct], bool] = {
        ObjectToAppealPerson: appeal.objected,
        DetermineGrounds: appeal.arguable is not None,
        HoldAppealMeeting: appeal.held,
        DecideLateNotice: appeal.admitted,
        CopyAppeal: appeal.copied,
        SupplyAppealDocuments: appeal.documents_supplied,
        GiveAppealStatement: appeal.statement_given,
        ReplyToAppeal: appeal.replied,
        PublishAppealNotice: appeal.notice_published,
    }
    if done.get(act):
        raise AlreadyDone(f"That was done for officer {officer.ref} already.")
    if appeal.arguable is not None and act in (NameAppealPerson, ObjectToAppealPerson, DecideAppealObjection):
        raise WrongStage("The grounds of the appeal have been determined.")
    if appeal.held and act in (ArrangeAppealMeeting, ProposeAppealDate):
        raise WrongStage("The appeal meeting has been held.")
    settled = appeal.person is not None and not appeal.objected
    before: dict[type[AppealAct], tuple[bool, str]] = {
        ObjectToAppealPerson: (appeal.person is not None, "It has not been told who determines the appeal."),
        DecideAppealObjection: (appeal.objected, "There is no objection to decide."),
        DetermineGrounds: (settled, "It is not settled who determines the appeal."),
        ArrangeAppealMeeting: (appeal.arguable is True, "No arguable grounds have been found."),
        ProposeAppealDate: (appeal.meets_on is not None, "No date has been given for the appeal meeting."),
        HoldAppealMeeting: (appeal.meets_on is not None, "No date has been given for the appeal meeting."),
        SupplyAppealDocuments: (appeal.copied, "The respondent has not had the notice of appeal."),
        GiveAppealStatement: (appeal.documents_supplied, "The documents of the case have not been supplied."),
        ReplyToAppeal: (appeal.statement_given, "The appellant's statement has not been given."),
        PublishAppealNotice: (appeal.begins_on is not None, "The tribunal has not fixed the day of its hearing."),
    }
    met, sentence = before.get(act, (True, ""))
    if not met:
        raise OutOfOrder(sentence, _cited(case, officer, act))


def _ready_to_determine(appeal: Appeal, cited: str | None) -> None:
    if appeal.arguable is None:
        raise OutOfOrder("It has not been determined whether the grounds of the appeal are arguable.", cited)
    if appeal.arguable and not appeal.held:
        raise OutOfOrder("The appeal meeting has not been held.", cited)
