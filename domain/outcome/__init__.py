"""Outcome: what follows a finding, how it is told and published, appeals, and the end of the case.

Which sanctions are lawful stands in `domain/regimes/sanctions.toml`, how long warnings live in `warnings.toml`.
"""

from domain.outcome import acts, appeal_acts, appeal_facts, facts
from domain.outcome.acts import *  # noqa: F403  every act is shown; `acts.__all__` names them
from domain.outcome.appeal_acts import *  # noqa: F403  those of appeals too
from domain.outcome.appeal_facts import *  # noqa: F403  likewise every fact
from domain.outcome.facts import *  # noqa: F403
from domain.outcome.rules import decide, evolve, ready, ready_officer

__all__ = ["decide", "evolve", "ready", "ready_officer"]
__all__ += acts.__all__ + appeal_acts.__all__
__all__ += facts.__all__ + appeal_facts.__all__
