"""Ranks: how one is told, and, as data in `ranks.toml`, what seniority goes with it."""

import re
from functools import cache
from typing import Annotated

from domain.faults import A_RANK, form
from domain.regimes import provisions
from domain.regimes.provisions import Sourced
from domain.vocabulary import Seniority

__all__ = ["Rank", "RankRule", "every_rank", "seniority_of"]

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
    words = re.findall(r"[a-z]+", (rank or "").lower())
    named = " ".join(word for word in words if word not in BESIDE)
    known = {name: row.seniority for row in every_rank() for name in (*row.ranks, *row.short)}
    return known.get(named) or known.get(RUN_TOGETHER.sub("", named))
