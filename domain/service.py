"""Service of documents: when one was sent is kept beside when it was served, and every time runs from its service.

Whoever tells the act says when it was served. The engine does not reckon that from the sending: how a document may be
served stands in the regulations, and what they say of deemed days of service since 28 May 2025 was not read.
"""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from domain.messages import Day, OfficerCommand, OfficerEvent, plain
from domain.working_days import london_date

__all__ = ["Served", "Service"]


class Service(OfficerCommand):
    """An act that is done when the officer is served with a document: `occurred_at` is its service."""

    sent_on: Day | None = Field(
        default=None,
        description="The day the document was sent, where it was not handed over. Times run from its service, which is "
        "`occurred_at`.",
    )

    @model_validator(mode="after")
    def _sent_before(self) -> Self:
        if self.sent_on and self.sent_on > london_date(self.occurred_at):
            raise ValueError("sent_on: a document is sent before it is served, which is `occurred_at`")
        return self


class Served(OfficerEvent):
    """A fact that is of the day on which the officer was served."""

    sent_on: date | None = None

    def tell(self) -> str:
        """The fact, and when the document was sent."""
        return super().tell() + (f", sent on {plain(self.sent_on)}" if self.sent_on else "")
