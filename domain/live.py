"""Going live: an imported case goes on with its deadlines enforced."""

from typing import ClassVar

from domain.messages import Command, Event
from domain.vocabulary import Role

__all__ = ["CaseWentLive", "GoLive"]


class GoLive(Command):
    """Let an imported case go on live: its deadlines are enforced from now on."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.APPROPRIATE_AUTHORITY, Role.CLERK})


class CaseWentLive(Event):
    """An imported case went live."""

    says: ClassVar[str] = "The case, recorded so far, goes on live"
