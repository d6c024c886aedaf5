"""Investigation: from the appointed investigator to the decision on the report, officer by officer.

Severity may be assessed again, upward or downward; the officer is told by notice. Proceedings are stayed while they
would prejudice a criminal case, and resume when it is over.
"""

from domain.investigation import acts, facts
from domain.investigation.acts import *  # noqa: F403  every act is shown; `acts.__all__` names them
from domain.investigation.facts import *  # noqa: F403  likewise every fact
from domain.investigation.rules import decide, evolve, ready, ready_officer

__all__ = ["decide", "evolve", "ready", "ready_officer"]
__all__ += acts.__all__
__all__ += facts.__all__
