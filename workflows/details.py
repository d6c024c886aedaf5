"""The *Current Details* of a case, written when the Temporal UI asks for them.

The SDK keeps what `set_current_details` is told. That would be written anew after every event, and at every replay,
for nobody: so it is not told, and the answer is completed here. A query may be answered right after a replay.
"""

from typing import Any

from temporalio import workflow
from temporalio.worker import (
    HandleQueryInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from workflows.case import CaseWorkflow

__all__ = ["METADATA", "DetailsWhenAsked"]

METADATA = "__temporal_workflow_metadata"  # the query by which the UI asks for them


class DetailsWhenAsked(Interceptor):
    """Has every case answer with its details."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,
    ) -> type[WorkflowInboundInterceptor]:
        """What stands before the handlers of a workflow."""
        return _Details


class _Details(WorkflowInboundInterceptor):
    async def handle_query(self, input: HandleQueryInput) -> Any:
        answer, asked = await super().handle_query(input), workflow.instance()
        if input.query == METADATA and isinstance(asked, CaseWorkflow):
            answer.current_details = asked.details()
        return answer
