"""Ranks: how one is told, and, as data in `ranks.toml`, what seniority goes with it."""

import re
from functools import cache
from typing import Annotated

from domain.faults import A_RANK, form
from domain.regimes import provisions
from domain.regimes.provisions import Sourced
from domain.vocabulary import Seniority

__all__ = ["Rank", "RankRule", "every_rank", "same_rank", "seniority_of"]

Rank = Annotated[str, form(r"^[A-Za-z][A-Za-z '()-]{0,39}$", A_RANK)]  # it is not sealed: no room for a sentence

# What stands beside a rank and changes no seniority. Who acts in a rank, or holds it for a time, is heard as of it.
BESIDE = frozenset(
    {"a", "acting", "det", "detective", "police", "special", "t", "temp", "temporary", "trainee", "woman"}
)
RUN_TOGETHER = re.compile(r"^[ta](?=(?:acc|dcc|cc|dac|ac|cmdr|pc|ps|sgt|ds|insp|di|ci|dci|supt|dcs)$)")


class RankRule(Sourced):
    """The ranks that one seniority goes with, by their names and what they are usually shortened to."""

    id: str
    seniority: Seniority
    ranks: tuple[str, ...]
    short: tuple[str, ...] = ()
    note: str | None = None


@cache
def every_rank() -> tuple[RankRule, ...]:
    """Every row that says which seniority goes with a rank."""
    return tuple(RankRule.model_validate(row) for row in provisions.rows("ranks.toml"))


def seniority_of(rank: str | None) -> Seniority | None:
    """The seniority that goes with a rank; None where none was told, or none that a row names."""
    known, named = _by_name(), _named(rank or "")
    return known.get(named) or known.get(_written_apart(named))


@cache
def _by_name() -> dict[str, Seniority]:
    return {name: row.seniority for row in every_rank() for name in (*row.ranks, *row.short)}


def same_rank(one: str, other: str) -> bool:
    """Whether two words tell one rank, but for what stands beside it. A rank and what it is shortened to are two."""
    return _written_apart(_named(one)) == _written_apart(_named(other))


def _named(rank: str) -> str:
    return " ".join(word for word in re.findall(r"[a-z]+", rank.lower()) if word not in BESIDE)


def _written_apart(named: str) -> str:
    return RUN_TOGETHER.sub("", named)
