"""Everything Probity says no with.

    ProbityError
    ├── Refused             an act that may not be done: code, sentence, citation
    │   ├── Malformed          the message itself is wrong
    │   ├── UnknownCase        no case has this reference
    │   ├── DuplicateReference the reference is taken, by another matter or under another key
    │   ├── NotPermitted       this role may not give this command
    │   ├── ConflictOfInterest this person may not act in this case
    │   ├── WrongStage         the case has not come this far, or has gone past it
    │   ├── OutOfOrder         something has to be done first
    │   ├── Unlawful           the regime forbids it
    │   ├── NotFound           the officer, party, deadline or hearing is not in the case
    │   ├── AlreadyDone        it was done before
    │   └── Stale              the case has moved on since the caller looked
    ├── Contradicted        what is recorded is not what was signed of it before
    │   └── RolledBack         the record lacks the last checkpoint that the witness holds
    └── Unavailable         a part of the engine cannot be reached or is not set up
        ├── Unopened           sealed text, or its key, cannot be opened
        └── Unreadable         the record holds an event that this release cannot read

Codes are stable: callers branch on `code`, people read `sentence`.
"""

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "REFUSALS",
    "AlreadyDone",
    "ConflictOfInterest",
    "Contradicted",
    "DuplicateReference",
    "Malformed",
    "NotFound",
    "NotPermitted",
    "OutOfOrder",
    "ProbityError",
    "Refused",
    "RolledBack",
    "Stale",
    "Unavailable",
    "UnknownCase",
    "Unlawful",
    "Unopened",
    "Unreadable",
    "WrongStage",
]


class ProbityError(Exception):
    """Root of all errors of this engine. `str(error)` is one sentence without personal data."""

    code: ClassVar[str] = "error"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(ProbityError):
    """An act that may not be done. Nothing was recorded. `lawful`: what may be done instead, by names of the domain."""

    def __init__(self, sentence: str, citation: str | None = None, lawful: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.citation = citation
        self.lawful = lawful

    def __str__(self) -> str:
        return f"{self.sentence} ({self.citation})" if self.citation else self.sentence


class Malformed(Refused):
    """The message itself is wrong: an unknown name, a missing or ill-typed field, a date in the future."""

    code = "malformed"


class UnknownCase(Refused):
    """No case has this reference."""

    code = "unknown_case"


class DuplicateReference(Refused):
    """The reference is taken, by another matter or under another key."""

    code = "duplicate_reference"


class NotPermitted(Refused):
    """This role may not give this command."""

    code = "not_permitted"


class ConflictOfInterest(Refused):
    """This person may not act in this case."""

    code = "conflict_of_interest"


class WrongStage(Refused):
    """The case, or the officer's part of it, has not come this far or has gone past it."""

    code = "wrong_stage"


class OutOfOrder(Refused):
    """Something has to be done, or dated, before this."""

    code = "out_of_order"


class Unlawful(Refused):
    """The regime forbids it; `citation` says where."""

    code = "unlawful"


class NotFound(Refused):
    """The officer, party, deadline or hearing is not in the case."""

    code = "not_found"


class AlreadyDone(Refused):
    """It was done before, or the command id was used for something else."""

    code = "already_done"


class Stale(Refused):
    """The case has moved on since the caller looked."""

    code = "stale"


class Contradicted(ProbityError):
    """What is recorded now is not what was signed before: somebody changed it. `faults`: one sentence a case."""

    code = "contradicted"

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


class RolledBack(Contradicted):
    """The record lacks the last checkpoint that the witness holds, or has another in its place."""

    code = "rolled_back"


class Unavailable(ProbityError):
    """A part of the engine cannot be reached or is not set up; the sentence says which and what to do."""

    code = "unavailable"


class Unopened(Unavailable):
    """Sealed text, or its key, cannot be opened: it was changed, or needs other keys. It will not pass by itself."""


class Unreadable(Unavailable):
    """The record holds an event of a later release, or of none; its chain can be verified all the same."""

    code = "unreadable"


REFUSALS: dict[str, type[Refused]] = {kind.code: kind for kind in Refused.__subclasses__()}
