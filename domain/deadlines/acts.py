"""The acts upon a deadline: extend it, shorten it, set it aside."""

from typing import ClassVar

from pydantic import Field

from domain.messages import Command, Day, Several, Text
from domain.vocabulary import Role

__all__ = ["DeadlineCommand", "ExtendDeadline", "SetAsideDeadline", "ShortenDeadline"]


class DeadlineCommand(Command):
    """An act upon one deadline."""

    deadline: str = Field(max_length=120, description="The deadline's id, as `suspension_review_first/A`.")
    reasons: Text


class ExtendDeadline(DeadlineCommand):
    """Extend a time limit to a later day, with reasons; only those whom the regulation names may."""

    given_by: ClassVar[frozenset[Role]] = frozenset(
        {
            Role.CHAIR,
            Role.APPROPRIATE_AUTHORITY,
            Role.INVESTIGATOR,
            Role.IOPC,
            Role.APPEALS_TRIBUNAL,
            Role.LOCAL_POLICING_BODY,
        }
    )
    until: Day


class ShortenDeadline(DeadlineCommand):
    """Shorten a time limit by agreement of authority, officer, chair, and the IOPC if it presents (regs 22, 48)."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.CHAIR, Role.APPROPRIATE_AUTHORITY, Role.CLERK, Role.IOPC})
    until: Day
    agreed_by: Several[Role]
    iopc_presents: bool = Field(default=False, description="The IOPC presents the case (PCR 2020 reg 24).")


class SetAsideDeadline(DeadlineCommand):
    """Record that a time limit does not apply in this case, and why: for whoever owes it, and nobody else.

    What an officer owes that keeps the case open, as an account that is not given, is for the authority.
    """

    given_by: ClassVar[frozenset[Role]] = frozenset(
        {Role.APPROPRIATE_AUTHORITY, Role.IOPC, Role.CHAIR, Role.INVESTIGATOR}
    )
