"""Who may give a command: the role, no conflict of interest, the chair and the investigator who were named."""

from collections.abc import Callable

from domain.deadlines import DeadlineCommand
from domain.errors import NotPermitted, WrongStage
from domain.messages import Actor, Command, OfficerCommand
from domain.separation import apart
from domain.state import Case
from domain.vocabulary import Mode, Role

__all__ = ["acts_for", "check_permitted", "check_role", "holds_role", "roles_now"]


def check_permitted(case: Case, command: Command) -> None:
    """Refuse a command that this actor may not give in this case.

    Raises `NotPermitted`, `ConflictOfInterest`, and `WrongStage` while there is nobody whose role it is.
    """
    _check_actor(case, command)
    _check_appointed(case, command.actor)
    _check_chair(case, command)


def check_role(actor: Actor, given_by: frozenset[Role], act: str) -> None:
    """Refuse a role that may not do that. Raises `NotPermitted`."""
    if actor.role not in given_by:
        allowed = ", ".join(sorted(role.replace("_", " ") for role in given_by))
        raise NotPermitted(f"{_said(actor.role)} may not {act}; it is for: {allowed}.")


# Where the case is the IOPC's: of those who may give the command, only the IOPC; and the rule that says so.
_FOR_THE_IOPC: dict[str, tuple[str, Callable[[Case], bool]]] = {
    "decide_mode": ("mode_of_referred", lambda case: case.referred),
    "appoint_investigator": ("independent_investigator", lambda case: case.mode is Mode.INDEPENDENT),
}


def roles_now(case: Case, act: type[Command]) -> frozenset[Role]:
    """Which of the roles that may give an act may give it as the case stands."""
    _, holds = _FOR_THE_IOPC.get(act.name, ("", lambda _: False))
    return act.given_by & {Role.IOPC} if holds(case) else act.given_by


def _said(role: Role) -> str:
    return f"The {role.replace('_', ' ')}" if role is not Role.IOPC else "The IOPC"


def _check_actor(case: Case, command: Command) -> None:
    check_role(command.actor, command.given_by, command.name.replace("_", " "))
    if command.actor.role not in roles_now(case, type(command)):
        raise apart(_FOR_THE_IOPC[command.name][0])
    concerned = {officer.person for officer in case.officers.values()}
    if command.actor.role is Role.OFFICER:
        for ref in command.officers if isinstance(command, OfficerCommand) else ():
            if case.officer(ref).person != command.actor.id:
                raise apart("own_officer", officer=ref)
    elif command.actor.id in concerned:
        raise apart("concerned_acts", role=command.actor.role.replace("_", " "))
    elif command.actor.role is Role.POLICE_FRIEND and command.actor.id in {*case.deciders, *case.parties}:
        raise apart("involved_friend", case)
    elif command.actor.role is Role.CHAIR and command.actor.id in {case.investigator, *case.parties}:
        raise apart("involved_chairs")


def _check_chair(case: Case, command: Command) -> None:
    """Upon a deadline acts as chair only the chair of the officer's own proceedings."""
    if command.actor.role is not Role.CHAIR or not isinstance(command, DeadlineCommand):
        return
    officer = case.officers.get(case.deadline(command.deadline).subject or "")
    chair = officer.hearing.chair if officer and officer.hearing else None
    if chair not in (None, command.actor.id):
        raise apart("named_chair")


def _check_appointed(case: Case, actor: Actor) -> None:
    if holds_role(case, actor):
        return
    if case.investigator is None:
        raise WrongStage("No investigator has been appointed yet.")
    raise apart("appointed_investigator")


def holds_role(case: Case, actor: Actor) -> bool:
    """Whether the role is theirs to act in: there is one investigator, who was appointed."""
    return actor.role is not Role.INVESTIGATOR or actor.id == case.investigator


def acts_for(case: Case, actor: Actor) -> set[str]:
    """About whom someone in this role may act: as the officer about themselves, as the chair where they sit, as the
    legal adviser where they were named."""
    every = case.officers.values()
    if actor.role is Role.OFFICER:
        return {each.ref for each in every if each.person == actor.id}
    if actor.role is Role.CHAIR:
        return {each.ref for each in every if each.hearing is None or each.hearing.chair in (None, actor.id)}
    if actor.role is Role.LEGAL_ADVISER:
        return {each.ref for each in every if each.hearing and each.hearing.adviser == actor.id}
    return set(case.officers)
