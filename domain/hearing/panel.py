"""Who sits: the panel that is named, objections to it, and what an objection that is upheld leaves of it."""

from domain.errors import AlreadyDone, ConflictOfInterest, Malformed, NotFound, NotPermitted, Unlawful
from domain.hearing.acts import DecideObjection, NamePanel, ObjectToPanel
from domain.hearing.facts import ObjectionDecided
from domain.state import Case, Hearing, Officer
from domain.vocabulary import Proceedings, Role

__all__ = ["after_objection", "check_new_objection", "check_objection", "check_panel"]


def check_new_objection(hearing: Hearing, command: ObjectToPanel) -> None:
    """An objection is to someone who sits, and is made once."""
    if command.person not in hearing.sitting:
        raise NotFound("That person is not to sit.")
    if command.person in hearing.objections:
        raise AlreadyDone("That objection has been made already.")


def check_panel(case: Case, officer: Officer, hearing: Hearing, command: NamePanel) -> None:
    """No conflict of interest, and no more people than the form of the proceedings knows."""
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
    if hearing.proceedings is Proceedings.ACCELERATED_HEARING:
        _check_accelerated(case, officer, command)


def _check_accelerated(case: Case, officer: Officer, command: NamePanel) -> None:
    if command.members:
        cited = case.cite("PCR 2020 reg 55(1), place inferred", None, officer.ref)
        raise Unlawful("An accelerated hearing is conducted by one person: the chief officer or a delegate.", cited)
    if command.chair == officer.certified_by:
        cited = case.cite("PCR 2020 reg 2(4C)", None, officer.ref)
        raise ConflictOfInterest("Whoever certified the special conditions cannot conduct the hearing.", cited)


def check_objection(hearing: Hearing, command: DecideObjection) -> None:
    """The chair decides on a member, the authority or policing body on the chair or an adviser."""
    if command.person not in hearing.objections:
        raise NotFound("There is no objection to that person.")
    by_chair = command.person in hearing.members
    if by_chair != (command.actor.role is Role.CHAIR):
        decider = "the chair" if by_chair else "the authority or the local policing body"
        raise NotPermitted(f"That objection is decided by {decider}.", "PCR 2020 reg 35(5)" if by_chair else None)


def after_objection(hearing: Hearing, event: ObjectionDecided) -> dict[str, object]:
    """Whoever was objected to with success stands down, and does not come back."""
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
