"""Who sits, as a part of the page on the law: `docs/reference/time-limits.md`."""

from collections.abc import Iterable

from domain.regimes.panels import PanelRule, every_panel
from domain.regimes.ranks import RankRule, every_rank
from domain.vocabulary import Seniority
from integration.reference.markdown import table

__all__ = ["panels"]

OFFICERS = {
    Seniority.CHIEF: "a chief officer",
    Seniority.SENIOR: "another senior officer",
    Seniority.OTHER: "any other",
}


def panels() -> str:
    """Who sits, and which rank counts as what."""
    head = ("Proceedings", "Officer", "Panel appointed", "Regimes", "Chair, one of", "Members", "Source", "Mark")
    told = (
        "The day decides on which a panel is first named for those heard together. Where no row fits, nothing was "
        "read, and nothing is asked."
    )
    ranks = (
        "An officer's rank decides which row fits. Where one might and the rank was not told, or is not among these, "
        "no panel is named before it is told with `rank` of `name_panel`. *Temporary*, *acting* (also T and A), "
        "*detective*, *police*, *special* and *trainee* change nothing. DC stands for two ranks."
    )
    rows = table(head, map(_panel, every_panel()))
    known = table(("Officer", "Ranks", "Shortened to", "Source", "Mark"), map(_rank, every_rank()))
    return f"## Who sits\n\n{told}\n\n{rows}\n\n{ranks}\n\n{known}"


def _panel(row: PanelRule) -> list[str]:
    span = " ".join(f"{word} {day}" for word, day in (("from", row.since), ("to", row.until)) if day)
    members = "not read" if row.members is None else _words(row.members) or "none"
    return [
        row.proceedings.replace("_", " "),
        OFFICERS[row.seniority],
        span or "any day",
        ", ".join(row.regimes),
        _words(row.chair),
        members + (", and an adviser" if row.adviser else ""),
        row.citation + (f". *{row.note}*" if row.note else ""),
        row.mark + (" **unverified**" if row.mark.unverified else ""),
    ]


def _rank(row: RankRule) -> list[str]:
    source = f"{row.citation}. *{row.note}*" if row.note else row.citation
    return [OFFICERS[row.seniority], ", ".join(row.ranks), ", ".join(row.short), source, row.mark]


def _words(kinds: Iterable[str]) -> str:
    return ", ".join(kind.replace("_", " ") for kind in kinds)
