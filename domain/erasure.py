"""Erasure: free text about a person is made unreadable for good, and the record says so in the open.

No act of a case: it is done on every case that holds such text, also on closed ones, by whoever keeps the record.
What was decided stays decided, since no rule reads free text (docs/adr/0017).
"""

from typing import ClassVar

from domain.messages import Event, OpaqueId
from domain.roles import RECORD_KEEPERS

__all__ = ["MAY_FORGET", "TextErased"]

MAY_FORGET = RECORD_KEEPERS


class TextErased(Event):
    """The keys of free text were destroyed: of one person's, or of everyone's in the case."""

    says: ClassVar[str] = "Free text about {person} was erased. {reasons}"
    person: OpaqueId | None = None
    keys: tuple[str, ...]
    reasons: str

    def tell(self) -> str:
        return super().tell().replace("about was", f"about {self.person or 'everyone'} was", 1)
