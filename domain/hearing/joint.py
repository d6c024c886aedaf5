"""Joint proceedings: who is heard together, before one chair and from one day on (PCR 2020 regs 25, 33(4)).

Officers are heard together who share the reference of their proceedings. Each keeps their own findings and outcome.
"""

from domain.errors import AlreadyDone, NotFound, Unlawful, WrongStage
from domain.hearing.acts import (
    DecideLaterDate,
    HearingAct,
    HoldPreHearing,
    JoinProceedings,
    ListHearing,
    NamePanel,
    OpenHearing,
    SeverProceedings,
)
from domain.hearing.facts import ProceedingsJoined
from domain.messages import plain
from domain.state import Case, Hearing, Officer
from domain.vocabulary import Proceedings

__all__ = ["check_form", "check_joint", "joined", "ready_to_join_or_sever"]


def _heard_with(case: Case, officer: Officer, reference: str) -> dict[str, Hearing]:
    """The pending proceedings of the other officers under that reference."""
    others = (other for other in case.officers.values() if other.ref != officer.ref and not other.died)
    hearings = {other.ref: other.hearing for other in others if other.hearing}
    return {ref: hearing for ref, hearing in hearings.items() if hearing.ref == reference and hearing.pending}


def check_form(case: Case, officer: Officer, form: Proceedings, reference: str) -> None:
    """Those heard together face the same form of proceedings."""
    for ref, other in _heard_with(case, officer, reference).items():
        if other.proceedings is not form:
            said = plain(other.proceedings)
            raise Unlawful(f"Under that reference officer {ref} is referred to other proceedings: {said}.")


def ready_to_join_or_sever(case: Case, act: type[HearingAct], officer: Officer, hearing: Hearing) -> None:
    """To be joined, there are other proceedings of the same form that have not begun; to be severed, someone else's."""
    if act is SeverProceedings and not _heard_with(case, officer, hearing.ref):
        raise WrongStage(f"Officer {officer.ref} is not heard with anyone.")
    if act is JoinProceedings:
        others = [other.hearing for other in case.officers.values() if other.hearing and not other.died]
        if not any(_may_join(hearing, other) for other in others):
            raise WrongStage(f"There are no other proceedings that those of officer {officer.ref} may be joined to.")


def _may_join(hearing: Hearing, other: Hearing) -> bool:
    same_form = other.proceedings is hearing.proceedings
    return same_form and other.ref != hearing.ref and other.pending and not other.opened


def check_joint(case: Case, officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    """Joining and severing, and what is done for all who are heard together or for none."""
    match command:
        case JoinProceedings():
            _check_join(case, officer, hearing, command)
        case SeverProceedings():
            _check_sever(case, command)
        case _:
            _check_together(case, officer, hearing, command)


def _check_join(case: Case, officer: Officer, hearing: Hearing, command: JoinProceedings) -> None:
    """There are proceedings of the same form to join, and they have not begun."""
    if hearing.ref == command.hearing:
        raise AlreadyDone(f"Officer {officer.ref} is heard in those proceedings already.")
    others = _heard_with(case, officer, command.hearing)
    if not others:
        raise NotFound("There are no pending proceedings of that reference to join.")
    if begun := [ref for ref, other in others.items() if other.opened]:
        raise WrongStage(f"Those proceedings have begun for: {', '.join(begun)}.")
    check_form(case, officer, hearing.proceedings, command.hearing)


def _check_sever(case: Case, command: SeverProceedings) -> None:
    """They are heard under a reference of their own from now on."""
    if any(each.hearing and each.hearing.ref == command.hearing for each in case.officers.values()):
        raise AlreadyDone("That reference is taken: severed proceedings have one of their own.")


def joined(case: Case, officer: Officer, hearing: Hearing, event: ProceedingsJoined) -> dict[str, object]:
    """Whoever joins is told anew who sits and when it begins, unless it is the same: there is one chair and one day."""
    others = list(_heard_with(case, officer, event.hearing).values())
    change: dict[str, object] = {"ref": event.hearing}
    if any(other.sitting != hearing.sitting for other in others):
        change |= {"chair": None, "members": (), "adviser": None, "sits_as": {}, "objections": ()}
    if any(other.begins_on != hearing.begins_on for other in others):
        change |= {"begins_on": None, "notice_published": False}
    return change


def _check_together(case: Case, officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    """What concerns all who are heard together is done for all of them in one act."""
    left_out = {
        ref: other for ref, other in _heard_with(case, officer, hearing.ref).items() if ref not in command.named
    }
    if isinstance(command, NamePanel) and any(_sits_otherwise(other, command) for other in left_out.values()):
        raise Unlawful(f"Those heard together have one panel: name who sits for {_all(left_out)} too.", _cited(case))
    granted = isinstance(command, DecideLaterDate) and command.granted
    if granted or isinstance(command, HoldPreHearing | ListHearing):
        day = getattr(command, "begins_on", None)
        if any(other.begins_on != day for other in left_out.values()):
            cited = case.cite("PCR 2020 reg 33(4)", None)
            raise Unlawful(f"It begins on one day for all heard together: fix it for {_all(left_out)} too.", cited)
    if isinstance(command, OpenHearing):
        if waiting := [ref for ref, other in left_out.items() if not other.opened]:
            raise Unlawful(f"Open it for {', '.join(waiting)} too, or sever the proceedings.", _cited(case))


def _sits_otherwise(other: Hearing, command: NamePanel) -> bool:
    named = {command.chair, *command.members, command.adviser} - {None}
    return bool(other.sitting) and set(other.sitting) != named


def _all(hearings: dict[str, Hearing]) -> str:
    return ", ".join(hearings)


def _cited(case: Case) -> str | None:
    return case.cite("PCR 2020 reg 25", None)
