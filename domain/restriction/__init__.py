"""Restriction: what an officer may not do while the case runs, from restricted duties to suspension (PCR reg 11).

A suspension is reviewed every four weeks until it ends; restricted duties and redeployment have no statutory review.
Any restriction ends when the case finds there is nothing to proceed with, or when the proceedings are over.
"""

from domain.restriction import acts, facts
from domain.restriction.acts import *  # noqa: F403  every act is shown; `acts.__all__` names them
from domain.restriction.facts import *  # noqa: F403  likewise every fact
from domain.restriction.rules import decide, evolve, follow, ready

__all__ = ["decide", "evolve", "follow", "ready"]
__all__ += acts.__all__
__all__ += facts.__all__
