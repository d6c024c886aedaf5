"""Departure: leaving the force while the case runs, or having left before, and what of the case then goes on.

Between 12 January 2015 and 14 December 2017 an officer could not leave without consent (PCR 2012 reg 10A). Since then
the regulations follow who leaves: conditions A, B and C (PCR 2020 reg 4; PCR 2012 reg 5 as amended).
"""

from domain.departure import acts, facts
from domain.departure.acts import *  # noqa: F403  every act is shown; `acts.__all__` names them
from domain.departure.facts import *  # noqa: F403  likewise every fact
from domain.departure.rules import check_proceedings, decide, evolve, ready

__all__ = ["check_proceedings", "decide", "evolve", "ready"]
__all__ += acts.__all__
__all__ += facts.__all__
