"""Referral: how a matter comes in, whether it must go to the IOPC, and who investigates (PRA 2002 Sch 3).

The referral is a workflow's start input; the acts here add to it, assess it, send it on and decide its mode.
"""

from domain.referral import acts, facts
from domain.referral.acts import *  # noqa: F403  every act is shown; `acts.__all__` names them
from domain.referral.facts import *  # noqa: F403  likewise every fact
from domain.referral.rules import as_added, decide, evolve, opening, ready

__all__ = ["as_added", "decide", "evolve", "opening", "ready"]
__all__ += acts.__all__
__all__ += facts.__all__
