"""One plugin for client, worker and replayer, so that they cannot disagree about converter, runner and workflows.

Hand it to the client only: a worker takes it from there.
"""

from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner

from activities.faults import Faults
from integration.codec import PayloadKeys, data_converter
from workflows.case import CaseWorkflow
from workflows.checkpoint import CheckpointWorkflow
from workflows.details import DetailsWhenAsked
from workflows.subscription import SubscriptionWorkflow
from workflows.watch import WatchWorkflow

__all__ = ["probity_plugin"]


def probity_plugin(keys: PayloadKeys | None = None) -> SimplePlugin:
    """The engine's plugin. With `keys`, what Temporal stores is sealed."""
    return SimplePlugin(
        "probity",
        data_converter=data_converter(keys),
        interceptors=[DetailsWhenAsked(), Faults()],
        workflow_runner=UnsandboxedWorkflowRunner(),  # our rules instead: docs/adr/0027
        workflows=[CaseWorkflow, CheckpointWorkflow, SubscriptionWorkflow, WatchWorkflow],
    )
