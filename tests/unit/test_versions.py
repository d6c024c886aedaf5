"""Which versions workers run, by what Temporal lists: polls, and what each worker last said of itself."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.deployment.v1 import WorkerDeploymentOptions, WorkerDeploymentVersion
from temporalio.api.enums.v1 import WorkerStatus
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.worker.v1 import WorkerHeartbeat

from integration.versions import HEARD_WITHIN, running

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FAREWELL = NOW - timedelta(seconds=30)
MOMENT = timedelta(milliseconds=3)


def poll(at: datetime, identity: str = "7@one") -> PollerInfo:
    of = WorkerDeploymentOptions(deployment_name="probity", build_id="0.1.0")
    made = PollerInfo(identity=identity, deployment_options=of)
    made.last_access_time.FromDatetime(at)
    return made


def beat(at: datetime, status: WorkerStatus.ValueType, identity: str = "7@one") -> WorkerHeartbeat:
    of = WorkerDeploymentVersion(deployment_name="probity", build_id="0.1.0")
    made = WorkerHeartbeat(worker_identity=identity, deployment_version=of, status=status)
    made.heartbeat_time.FromDatetime(at)
    return made


ENDS = beat(FAREWELL, WorkerStatus.WORKER_STATUS_SHUTTING_DOWN)


@pytest.mark.parametrize("at", [FAREWELL - MOMENT, FAREWELL + MOMENT], ids=["before", "after"])
def test_who_has_said_that_it_ends_runs_no_more_though_its_last_poll_is_noted_a_moment_later(at: datetime) -> None:
    """Two clocks, and a poll that is under way: it was taken for a worker that goes on, for two minutes."""
    assert running([poll(at)], [ENDS], NOW) == frozenset()


def test_another_worker_of_the_same_version_runs_it_still() -> None:
    assert running([poll(FAREWELL + MOMENT, "8@one"), poll(FAREWELL)], [ENDS], NOW) == {"probity:0.1.0"}


def test_who_was_started_again_runs_it() -> None:
    assert running([poll(NOW)], [ENDS], NOW) == {"probity:0.1.0"}
    alive = beat(NOW, WorkerStatus.WORKER_STATUS_RUNNING)
    assert running([poll(FAREWELL + MOMENT)], [ENDS, alive], NOW) == {"probity:0.1.0"}


def test_who_was_killed_is_taken_to_run_for_two_minutes() -> None:
    assert running([poll(NOW - HEARD_WITHIN + MOMENT)], [], NOW) == {"probity:0.1.0"}
    assert running([poll(NOW - HEARD_WITHIN)], [], NOW) == frozenset()
