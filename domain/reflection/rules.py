"""The rules of reflection: notice, account, report, discussion, each once and in this order."""

from collections.abc import Iterator

from domain.errors import AlreadyDone, OutOfOrder, WrongStage
from domain.messages import Event
from domain.reflection.acts import (
    AgreeReflectiveReport,
    DiscussReflectiveReport,
    GiveReflectiveAccount,
    NotifyReflectiveReview,
    ReflectionAct,
)
from domain.reflection.facts import (
    ReflectiveAccountGiven,
    ReflectiveReportAgreed,
    ReflectiveReportDiscussed,
    ReflectiveReviewNotified,
)
from domain.regimes.provisions import source_of
from domain.state import Case, Officer, Reflection

__all__ = ["decide", "evolve", "ready"]

GIVES: dict[type[ReflectionAct], type[Event]] = {
    NotifyReflectiveReview: ReflectiveReviewNotified,
    GiveReflectiveAccount: ReflectiveAccountGiven,
    AgreeReflectiveReport: ReflectiveReportAgreed,
    DiscussReflectiveReport: ReflectiveReportDiscussed,
}
DONE: dict[type[Event], str] = {
    ReflectiveReviewNotified: "notified",
    ReflectiveAccountGiven: "account_given",
    ReflectiveReportAgreed: "report_agreed",
    ReflectiveReportDiscussed: "discussed",
}


def ready(act: type[ReflectionAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if not officer.to_reflect:
        raise WrongStage(f"Officer {officer.ref} has not been sent to a reflective practice review.")
    so_far = officer.reflection
    if getattr(so_far, DONE[GIVES[act]]):
        raise AlreadyDone(f"That was done in the reflective practice review of officer {officer.ref} already.")
    if act is not NotifyReflectiveReview and not so_far.notified:
        raise OutOfOrder(
            f"Officer {officer.ref} has had no notice of the reflective practice review.", source_of("PCR 2020 reg 67")
        )
    if act is GiveReflectiveAccount and so_far.report_agreed:
        raise WrongStage(f"The report of officer {officer.ref}'s reflective practice review is agreed.")
    if act is DiscussReflectiveReport and not so_far.report_agreed:
        raise OutOfOrder(
            f"There is no agreed report on officer {officer.ref} to discuss.", source_of("PCR 2020 reg 70(6)")
        )


def decide(_: Case, command: ReflectionAct) -> Iterator[Event]:
    """The fact that an act gives; it has passed `ready`."""
    facts = command.model_dump(exclude={"actor", "officers"}) | {"officer": command.officer}
    yield GIVES[type(command)].model_validate(facts)


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact of reflection."""
    officer = case.officer(event.subject or "")
    done = Reflection.model_validate({**officer.reflection.model_dump(), DONE[type(event)]: True})
    return case.with_officer(officer.model_copy(update={"reflection": done}))
