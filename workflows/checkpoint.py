"""The signing of a checkpoint, started by a schedule and done by the signer, which alone holds the key."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

__all__ = ["CHECKPOINT", "SIGN", "CheckpointWorkflow"]

CHECKPOINT = "Checkpoint"
SIGN = "sign_checkpoint"


@workflow.defn(name=CHECKPOINT)
class CheckpointWorkflow:
    """One checkpoint. It fails, with the type `contradicted`, when a case is not what was signed of it before."""

    @workflow.run
    async def run(self) -> dict[str, Any]:
        """Sign the heads of all cases, and leave the statement as result."""
        statement: dict[str, Any] = await workflow.execute_activity(
            SIGN,
            result_type=dict,
            start_to_close_timeout=timedelta(minutes=10),
            retry_policy=RetryPolicy(maximum_attempts=5),
            summary="Sign the heads of all cases",
        )
        workflow.set_current_details(
            f"Checkpoint {statement['number']}: the heads of {statement['cases']} cases, root `{statement['root']}`."
        )
        return statement
