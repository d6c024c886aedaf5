"""Hearing: an officer's misconduct proceedings, from the notice of referral to the last finding.

A meeting is the form for misconduct, a hearing for gross misconduct or a live final warning. Officers heard together
share the hearing's reference; an act that names several is done for all of them or for none.
"""

from domain.hearing import acts, facts
from domain.hearing.acts import *  # noqa: F403  every act is shown; `acts.__all__` names them
from domain.hearing.facts import *  # noqa: F403  likewise every fact
from domain.hearing.rules import decide, evolve, ready

__all__ = ["decide", "evolve", "ready"]
__all__ += acts.__all__
__all__ += facts.__all__
