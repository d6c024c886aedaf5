"""Where it stands: each row of the law, and each provision that refusals cite besides, with its mark."""

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from domain.messages import Model
from domain.vocabulary import Mark

__all__ = ["Provision", "Sourced", "every_provision", "rows", "since", "source_of"]


@cache
def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a table of the law, as they are written."""
    table = tomllib.loads(resources.files("domain.regimes").joinpath(name).read_text("utf-8"))
    (found,) = table.values()
    return list(found)


class Sourced(Model):
    """What the law says at one place, and how that was verified."""

    citation: str
    mark: Mark
    place_inferred: bool = False

    @property
    def unverified(self) -> bool:
        """Whether it must be shown as unverified: it is from memory, or its place in the text is inferred."""
        return self.mark.unverified or self.place_inferred

    @property
    def source(self) -> str:
        """Where it stands and how that was verified, as a refusal cites it."""
        return self.mark.on(self.citation, place_inferred=self.place_inferred)


class Provision(Sourced):
    """A provision that no other table holds, and how it was established for what the refusals say of it."""

    since: date | None = None
    note: str | None = None


@cache
def every_provision() -> dict[str, Provision]:
    """Every provision of the table, by its citation."""
    return {row["citation"]: Provision.model_validate(row) for row in rows("provisions.toml")}


def source_of(citation: str) -> str:
    """The provision with its mark, as a refusal cites it. Raises KeyError for one that the table does not hold."""
    return every_provision()[citation].source


def since(citation: str) -> date:
    """The day on which the provision came into force. Raises KeyError where the table does not say it."""
    day = every_provision()[citation].since
    if day is None:
        raise KeyError(citation)
    return day
