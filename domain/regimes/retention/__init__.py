"""Retention as data: under which rule a text is reviewed, from which day its period is counted, what holds it back.

The periods themselves are the force's own: the law that was read has none (`rules.toml`).
"""

from enum import StrEnum
from functools import cache
from typing import Self

from pydantic import Field, model_validator

from domain.messages import Model, Words
from domain.regimes import provisions
from domain.vocabulary import Mark

__all__ = ["NO_SOURCE", "About", "ComesTo", "CountedFrom", "Hold", "Period", "Rule", "every_hold", "every_rule"]

NO_SOURCE = "the force's own policy; the law that was read has no text on it"


class About(StrEnum):
    """Whose text a rule is about."""

    OFFICER = "officer"
    PARTY = "party"
    CASE = "case"


class ComesTo(StrEnum):
    """What a matter came to for an officer."""

    HANDED_OVER = "handed_over"
    DIED = "died"
    OUT_OF_REACH = "out_of_reach"
    SET_ASIDE = "set_aside"
    DISMISSED = "dismissed"
    WARNED = "warned"
    NOT_PROVEN = "not_proven"
    OTHER_OUTCOME = "other_outcome"
    NO_PROCEEDINGS = "no_proceedings"


class CountedFrom(StrEnum):
    """The day a period is counted from."""

    CASE_CLOSED = "case_closed"
    WARNING_ENDED = "warning_ended"
    OFFICER_LEFT = "officer_left"


class Rule(Model):
    """Under what a text becomes due for review."""

    id: str
    title: str
    about: About
    comes_to: tuple[ComesTo, ...] = ()
    counted_from: CountedFrom


class Hold(Model):
    """What holds a review back, in words, and where that stands if the law that was read says so."""

    id: str
    says: str
    citation: str | None = None
    mark: Mark | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _marked(self) -> Self:
        if (self.citation is None) != (self.mark is None):
            raise ValueError("a citation has a mark, and nothing else has")
        return self

    def tell(self, **named: object) -> str:
        """What holds back, with its source behind it."""
        source = f" ({self.mark.on(self.citation)})" if self.mark and self.citation else ""
        return f"{self.says.format(**named) if named else self.says}{source}."


class Period(Model):
    """How long a force keeps what is under a rule, and where it says so; `force`: none for every force."""

    rule: str
    force: Words | None = None
    months: int = Field(ge=1, le=1200)
    counted_from: CountedFrom | None = None
    source: Words


@cache
def every_rule() -> tuple[Rule, ...]:
    """Every rule."""
    return tuple(map(Rule.model_validate, provisions.rows("retention/rules.toml")))


@cache
def every_hold() -> dict[str, Hold]:
    """Every hold by its id."""
    return {row["id"]: Hold.model_validate(row) for row in provisions.rows("retention/holds.toml")}
