"""Reflection: the reflective practice review, where a matter goes that calls for learning and not for discipline.

Since 1 February 2020 (PCR 2020 Part 6): the participating officer is given notice, gives an account, the reviewer's
report is agreed, and it is discussed in the officer's performance and development review.
"""

from domain.reflection import acts, facts
from domain.reflection.acts import *  # noqa: F403  every act is shown; `acts.__all__` names them
from domain.reflection.facts import *  # noqa: F403  likewise every fact
from domain.reflection.rules import decide, evolve, ready

__all__ = ["decide", "evolve", "ready"]
__all__ += acts.__all__
__all__ += facts.__all__
