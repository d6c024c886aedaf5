"""Telling people the outcome, the right to a review, what is to be learnt (PCMR 2020 regs 29, 34; Sch 3 para 28A)."""

from collections.abc import Iterator

from domain.errors import AlreadyDone, NotFound, OutOfOrder, Unlawful, WrongStage
from domain.investigation.acts import (
    ApplyForReview,
    DecideReview,
    InvestigationAct,
    RecommendLearning,
    ReplyToRecommendation,
    TellOutcome,
    UpdateParty,
)
from domain.investigation.facts import (
    LearningRecommended,
    OutcomeTold,
    RecommendationAnswered,
    ReviewApplied,
    ReviewDecided,
)
from domain.messages import Event, plain
from domain.regimes.provisions import source_of
from domain.state import Case, DeadlineState, Party
from domain.vocabulary import PartyKind
from domain.working_days import london_date

__all__ = ["party_by_then", "ready_to_tell", "told", "told_facts"]

APPLICATION = ("complainant_review_application", "complainant_appeal_2012")  # the rows of the time for it


def ready_to_tell(case: Case, act: type[InvestigationAct]) -> None:
    """Refuse what the state rules out about telling people, whatever the facts of the act."""
    if act is TellOutcome and not case.parties:
        raise WrongStage("There is nobody to be told: no party was added to the case.")
    if act is ApplyForReview and not any(_may_apply(party) for party in case.parties.values()):
        raise OutOfOrder("No complainant has been told of a right to a review that is still open.")
    if act is DecideReview and not any(party.review_applied for party in case.parties.values()):
        raise OutOfOrder("No complainant has applied for a review that is still to be decided.")
    if act is ReplyToRecommendation and not case.recommended:
        raise OutOfOrder("No recommendation of the IOPC is without a reply.")


def _may_apply(party: Party) -> bool:
    return party.right_told is not None and party.review_applied is None


def told_facts(case: Case, command: InvestigationAct, facts: dict[str, object]) -> Iterator[Event]:
    """The facts that an act of telling gives."""
    match command:
        case TellOutcome():
            _check_right(party_by_then(case, command), command)
            dated = command.letter_dated or london_date(command.occurred_at)
            yield OutcomeTold.model_validate(facts | {"letter_dated": dated})
        case ApplyForReview():
            _check_application(case, _party(case, command.party), command)
            yield ReviewApplied.model_validate(facts)
        case DecideReview():
            applied = _party(case, command.party).review_applied
            if applied is None or command.occurred_at < applied:
                raise OutOfOrder(f"{command.party} had not applied for a review.")
            yield ReviewDecided.model_validate(facts)
        case RecommendLearning():
            if command.recommendation in case.recommended:
                raise AlreadyDone(f"There is a recommendation {command.recommendation} already.")
            yield LearningRecommended.model_validate(facts)
        case ReplyToRecommendation():
            made = case.recommended.get(command.recommendation)
            if made is None or command.occurred_at < made:
                raise OutOfOrder(f"No recommendation {command.recommendation} was without a reply.")
            yield RecommendationAnswered.model_validate(facts)
        case _:
            raise TypeError(command.name)  # its branch was forgotten


def _party(case: Case, ref: str) -> Party:
    if ref not in case.parties:
        raise NotFound(f"There is no such officer or party in case {case.reference}.")
    return case.parties[ref]


def party_by_then(case: Case, command: TellOutcome | UpdateParty) -> Party:
    """Who is told something: a party of the case when it was done."""
    party = _party(case, command.party)
    if party.added_at is not None and command.occurred_at < party.added_at:
        raise OutOfOrder(f"{party.ref} was not a party of the case yet.")
    return party


def _check_right(party: Party, command: TellOutcome) -> None:
    if command.review_right and party.kind is not PartyKind.COMPLAINANT:
        raise Unlawful("Only a complainant has a right to a review.", source_of("PCMR 2020 reg 29"))
    if command.letter_dated and command.letter_dated > london_date(command.occurred_at):
        raise OutOfOrder("A letter dated later has not been given yet.")


def _check_application(case: Case, party: Party, command: ApplyForReview) -> None:
    if party.right_told is None or not _may_apply(party) or command.occurred_at < party.right_told:
        raise OutOfOrder(f"{party.ref} has not been told of a right to a review that is still open.")
    times = [each for each in case.deadlines.values() if each.rule in APPLICATION and each.subject == party.ref]
    if times and times[-1].state is DeadlineState.LAPSED and command.occurred_at >= times[-1].due_at:
        raise Unlawful(f"The time for it ended on {plain(times[-1].due)}.", times[-1].source)


def told(case: Case, event: Event) -> Case:
    """The case after a fact about telling people."""
    change: dict[str, object]
    match event:
        case RecommendationAnswered():
            left = {ref: made for ref, made in case.recommended.items() if ref != event.recommendation}
            return case.model_copy(update={"recommended": left})
        case LearningRecommended():
            return case.model_copy(
                update={"recommended": {**case.recommended, event.recommendation: event.occurred_at}}
            )
        case OutcomeTold(review_right=True):
            change = {"right_told": event.occurred_at}
        case ReviewApplied():
            change = {"review_applied": event.occurred_at}
        case ReviewDecided():
            change = {"right_told": None, "review_applied": None}
        case OutcomeTold():
            return case
        case _:
            raise TypeError(event.name)  # its branch was forgotten
    return case.with_party(case.parties[event.subject or ""].model_copy(update=change))
