"""One plugin for client, worker and replayer, so that they cannot disagree about converter, sandbox and workflows.

Hand it to the client only: a worker takes it from there.
"""

from temporalio.plugin import SimplePlugin
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from integration.codec import PayloadKeys, data_converter
from workflows.case import CaseWorkflow
from workflows.checkpoint import CheckpointWorkflow
from workflows.details import DetailsWhenAsked
from workflows.subscription import SubscriptionWorkflow
from workflows.watch import WatchWorkflow

__all__ = ["probity_plugin"]

# Our modules are passed through the sandbox: imported anew for each run they cost four times the CPU, and a model that
# exists twice is not equal to itself. The checks this switches off are taken over by ruff's banned-api and by the tests
# that run without a workflow cache (docs/adr/0006).
PASSED_THROUGH = ("domain", "workflows", "activities", "asyncpg")


def probity_plugin(keys: PayloadKeys | None = None) -> SimplePlugin:
    """The engine's plugin. With `keys`, what Temporal stores is sealed."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SimplePlugin(
        "probity",
        data_converter=data_converter(keys),
        interceptors=[DetailsWhenAsked()],
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
        workflows=[CaseWorkflow, CheckpointWorkflow, SubscriptionWorkflow, WatchWorkflow],
    )
