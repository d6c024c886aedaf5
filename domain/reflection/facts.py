"""The facts of reflection: what happened, as it is remembered and told."""

from typing import ClassVar

from domain.messages import OfficerEvent
from domain.prose import Prose

__all__ = [
    "ReflectiveAccountGiven",
    "ReflectiveReportAgreed",
    "ReflectiveReportDiscussed",
    "ReflectiveReviewNotified",
]


class ReflectiveReviewNotified(OfficerEvent):
    """The officer was given notice of the reflective practice review."""

    says: ClassVar[str] = "Officer {officer}: notice of the reflective practice review given"


class ReflectiveAccountGiven(OfficerEvent):
    """The officer gave an account."""

    says: ClassVar[str] = "Officer {officer}: account given for the reflective practice review"
    statement: Prose


class ReflectiveReportAgreed(OfficerEvent):
    """The reviewer's report was agreed."""

    says: ClassVar[str] = "Officer {officer}: report of the reflective practice review agreed. {lessons}"
    lessons: Prose


class ReflectiveReportDiscussed(OfficerEvent):
    """The report was discussed in the officer's performance and development review."""

    says: ClassVar[str] = "Officer {officer}: report of the reflective practice review discussed with the line manager"
