"""The acts of reflection: what may be told, by whom, with which facts."""

from typing import ClassVar

from domain.messages import OfficerCommand, Text
from domain.roles import AUTHORITY, OFFICER_SIDE
from domain.vocabulary import Role

__all__ = [
    "AgreeReflectiveReport",
    "DiscussReflectiveReport",
    "GiveReflectiveAccount",
    "NotifyReflectiveReview",
    "ReflectionAct",
]


class ReflectionAct(OfficerCommand):
    """An act of the reflective practice review."""


class NotifyReflectiveReview(ReflectionAct):
    """Give the participating officer notice of the reflective practice review (PCR 2020 reg 67)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class GiveReflectiveAccount(ReflectionAct):
    """Give the participating officer's account to the reviewer (PCR 2020 reg 67(1)(b))."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    statement: Text


class AgreeReflectiveReport(ReflectionAct):
    """Record that the reviewer's report is agreed: what was learned and what follows (PCR 2020 reg 70)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    lessons: Text


class DiscussReflectiveReport(ReflectionAct):
    """Record that the line manager discussed the report in the officer's review (PCR 2020 reg 70(6))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
