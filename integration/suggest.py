"""Small courtesies for people who type: the nearest known name, and `role:id` read as who acts."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from domain.messages import Command
from domain.state import Case
from domain.vocabulary import Role

__all__ = ["known", "nearest", "no_deadline", "no_field", "who"]


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be; None when nothing is near."""
    found = get_close_matches(name.replace("-", "_"), [str(each) for each in names], n=1, cutoff=0.6)
    return found[0] if found else None


def known(name: str, names: Iterable[str], kind: str = "") -> str:
    """Says that there is no such name, of that `kind` of name, with the nearest one there is."""
    near = nearest(name, names)
    return f"there is no {f'{kind} ' if kind else ''}{name[:60]!r}" + (f" (did you mean {near!r}?)" if near else "")


def no_field(kind: type[Command], name: str) -> str | None:
    """Says that a command has no such field, with the nearest that it has, or all of its own; None if it has it."""
    own = [each for each in kind.model_fields if each not in Command.model_fields]
    every = [*Command.model_fields, *own, *(["officer"] if "officers" in own else [])]
    if name in every:
        return None
    if nearest(name, every):
        return known(name, every, "field")
    listed = f"its fields are {', '.join(own)}" if own else "it has none"
    return f"{known(name, (), 'field')}; {listed}"


def no_deadline(name: str, case: Case) -> str:
    """Says that a case has no such deadline, with the nearest that it has, or how they are listed."""
    near = nearest(name, case.deadlines)
    hint = f"Did you mean {near}?" if near else f"`probity deadlines --case {case.reference}` lists those still owed."
    return f"There is no deadline {name[:120]!r} in case {case.reference}. {hint}"


def who(told: Any) -> Any:
    """`role:id` as an actor's body, with the role's name checked; anything else as it is."""
    if not isinstance(told, str):
        return told
    role, _, person = told.partition(":")
    roles = "" if role in list(Role) else f"; the roles are {', '.join(Role)}"
    if not person:
        raise ValueError(f"who acts is told as role:id, as in chair:c-1{roles}")
    if roles:
        raise ValueError(f"role: {known(role, list(Role))}{roles}")
    return {"role": role, "id": person}
