"""Erasure: free text about people is made unreadable for good, or is decided to be kept; the record says so openly.

No acts of a case: they are done on every case that holds such text, also on closed ones, by whoever keeps the record.
What was decided stays decided, since no rule reads free text (docs/adr/0017, docs/adr/0020).
"""

from datetime import date
from typing import ClassVar

from domain.messages import Event, OpaqueId, plain
from domain.roles import RECORD_KEEPERS

__all__ = ["EVERYONE", "MAY_FORGET", "TextErased", "TextKept"]

MAY_FORGET = RECORD_KEEPERS
EVERYONE = "*"  # whose text it is that is about the case and no one in particular; no id of a person looks so


class TextErased(Event):
    """The keys of free text were destroyed: of one person's, or of everyone's in the case."""

    says: ClassVar[str] = "Free text about {person} was erased. {reasons}"
    person: OpaqueId | None = None
    keys: tuple[str, ...]
    reasons: str

    def tell(self) -> str:
        return super().tell().replace("about was", f"about {self.person or 'everyone'} was", 1)


class TextKept(Event):
    """It was decided to keep free text, of one person or of everyone in the case, and when to look at it again."""

    says: ClassVar[str] = "Free text about {person} is kept, to be looked at again on {until}. {reasons}"
    person: OpaqueId | None = None
    until: date
    reasons: str

    def tell(self) -> str:
        about = self.person or "everyone"
        return f"Free text about {about} is kept, to be looked at again on {plain(self.until)}. {self.reasons}"
