"""The same matter told twice: what two cases have in common that a person ought to look at.

Only a person decides that two cases are one matter; here is what makes one look. No provision asks for it, and the
spans of time are ours.
"""

from datetime import date
from enum import StrEnum

from domain.messages import Model, OfficerRef, OpaqueId, Reference, plain
from domain.vocabulary import Standard

__all__ = ["NEAR", "NEAR_IN_KIND", "Comparison", "Concerned", "Likeness", "Matter", "alike"]

NEAR = 90  # days between the days on which the two were first known
NEAR_IN_KIND = 365  # the same, where both allege a breach of the same standard


class Comparison(StrEnum):
    """What a person made of two cases that look alike."""

    SAME_MATTER = "same_matter"
    ANOTHER_MATTER = "another_matter"


class Concerned(Model):
    """An officer of a case as it is compared: the letter within the case, and the opaque id of the person."""

    officer: OfficerRef
    person: OpaqueId
    standards: frozenset[Standard] = frozenset()


class Matter(Model):
    """A case as it is compared. `compared`: the cases that a person has linked or compared it with."""

    reference: Reference
    force: OpaqueId
    first_known: date
    rehearsed: bool
    officers: tuple[Concerned, ...]
    compared: frozenset[Reference] = frozenset()


class Likeness(Model):
    """What a case has in common with another, `reference`: who is concerned in both, under the letter of each case."""

    reference: Reference
    officers: dict[OfficerRef, OfficerRef]
    days_apart: int
    standards: tuple[Standard, ...]

    def tell(self) -> str:
        """It in words."""
        who = ", ".join(f"{own} (there {its})" if own != its else own for own, its in self.officers.items())
        days = "on the same day" if not self.days_apart else f"{self.days_apart} days apart"
        kinds = f"; both allege {plain(self.standards)}" if self.standards else ""
        return f"{self.reference}: the same force, officer {who} concerned in both, first known {days}{kinds}"


def alike(one: Matter, other: Matter) -> Likeness | None:
    """What makes `one` look like `other`; None when nothing does, or a person has compared or linked the two.

    The same force and a person concerned in both, first known within `NEAR` days of each other, or `NEAR_IN_KIND`
    where both allege a breach of the same standard by that person.
    """
    if one.reference == other.reference or (one.force, one.rehearsed) != (other.force, other.rehearsed):
        return None
    if one.reference in other.compared or other.reference in one.compared:
        return None
    shared = {mine.officer: (mine, its) for mine in one.officers for its in other.officers if mine.person == its.person}
    standards = {each for mine, its in shared.values() for each in mine.standards & its.standards}
    apart = abs((one.first_known - other.first_known).days)
    if not shared or apart > (NEAR_IN_KIND if standards else NEAR):
        return None
    return Likeness(
        reference=other.reference,
        officers={letter: its.officer for letter, (_, its) in sorted(shared.items())},
        days_apart=apart,
        standards=tuple(sorted(standards)),
    )
