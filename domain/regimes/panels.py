"""Who sits, as data: `panels.toml`, by form of proceedings, seniority of the officer and day of the appointment."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache

from domain.messages import plain
from domain.regimes import provisions
from domain.regimes.provisions import Sourced
from domain.vocabulary import Proceedings, Regime, Seniority, SitsAs

__all__ = ["PanelRule", "every_panel", "panel_rule"]


class PanelRule(Sourced):
    """Who sits: a chair, or who conducts the meeting, of one of these kinds, exactly these members, and an adviser."""

    id: str
    regimes: tuple[Regime, ...]
    proceedings: Proceedings
    seniority: Seniority
    since: date | None = None
    until: date | None = None
    chair: tuple[SitsAs, ...]
    members: tuple[SitsAs, ...] | None = None
    adviser: bool = False
    note: str | None = None

    def amiss(self, chair: SitsAs, members: Iterable[SitsAs], adviser: bool) -> list[str]:
        """Which parts of such a panel are not as the rule has them; of one that may sit, none."""
        fit = {
            "chair": chair in self.chair,
            "members": self.members is None or Counter(self.members) == Counter(members),
            "adviser": adviser or not self.adviser,
        }
        return [f"the {part}" for part, fits in fit.items() if not fits]

    def told(self) -> str:
        """Who sits, in words."""
        chair = f"as chair {' or '.join(map(plain, self.chair))}"
        if self.members is None:
            return chair
        members = ", ".join(f"{count} {plain(kind)}" for kind, count in sorted(Counter(self.members).items()))
        return f"{chair}; as members {members or 'nobody'}" + ("; with an adviser" if self.adviser else "")


@cache
def every_panel() -> tuple[PanelRule, ...]:
    """Every row that says who sits."""
    return tuple(PanelRule.model_validate(row) for row in provisions.rows("panels.toml"))


def panel_rule(regime: Regime, proceedings: Proceedings, seniority: Seniority, appointed: date) -> PanelRule | None:
    """Who sits in such proceedings on a panel appointed that day; None where nothing was read of it."""
    for row in every_panel():
        in_force = (row.since or appointed) <= appointed <= (row.until or appointed)
        if regime in row.regimes and (row.proceedings, row.seniority) == (proceedings, seniority) and in_force:
            return row
    return None
