"""A worker of a later release, for rehearsals: what a case does at its start has changed, behind `workflow.patched`.

A history of this release cannot be replayed by the one before it, nor one of that release by this code without its
guard: what a rehearsal shows to be well with it is well with any release.
"""

import asyncio
from datetime import date, datetime, timedelta
from os import environ
from typing import Any

from temporalio import workflow

import worker
from domain.summary import CaseSummary
from integration import plugin
from tests.midnight import move_midnight
from workflows.case import WORKFLOW_TYPE, CaseWorkflow

__all__ = ["LaterCase", "main", "release"]


@workflow.defn(name=WORKFLOW_TYPE)
class LaterCase(CaseWorkflow):
    """A case that takes a moment before it opens."""

    @workflow.init
    def __init__(self, start: Any = None) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None) -> CaseSummary:
        """As before, after a timer that earlier histories do not have."""
        if workflow.patched("a-moment-first"):
            await workflow.sleep(timedelta(milliseconds=10), summary="What the later release does first")
        return await super().run(start)


def release() -> None:
    """Make this process one of the later release."""
    vars(plugin).update(CaseWorkflow=LaterCase)


def main() -> None:
    """Its worker, with the midnight of `tests/midnight.py`."""
    day, _, ends = environ["PROBITY_TEST_MIDNIGHT"].partition(" ")
    move_midnight(date.fromisoformat(day), datetime.fromisoformat(ends))
    release()
    asyncio.run(worker.main())


if __name__ == "__main__":
    main()
