"""Register the search attributes that cases carry, and the watch that runs at intervals.

Safe to run twice: `python -m deploy.register`.
"""

from argparse import ArgumentParser

from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client

from deploy import schedules
from integration.answers import reached
from integration.client import connect_temporal
from integration.leaving import run
from integration.settings import Settings
from workflows.visibility import ATTRIBUTES

__all__ = ["missing", "register"]

PAUSED = (
    "the watch is PAUSED, and looks over no case until: "
    f"temporal schedule toggle --schedule-id {schedules.WATCH_SCHEDULE} --unpause"
)


async def missing(client: Client) -> list[str]:
    """The search attributes that the namespace lacks, or has with another type.

    A workflow that publishes an unregistered attribute is blocked, so the worker asks before it polls. Raises
    `Unavailable`.
    """
    request = ListSearchAttributesRequest(namespace=client.namespace)
    present = (await reached(client.operator_service.list_search_attributes(request))).custom_attributes
    return [name for name, kind in ATTRIBUTES.items() if present.get(name) != kind]


async def register(client: Client) -> list[str]:
    """Register what is missing and return its names."""
    lacking = await missing(client)
    if lacking:
        attributes = {name: ATTRIBUTES[name] for name in lacking}
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=attributes)
        await reached(client.operator_service.add_search_attributes(request))
    return lacking


async def main() -> None:
    """Register in the namespace that the environment names, and say what was registered."""
    settings = Settings.from_environment()
    temporal = await connect_temporal(settings)
    added = await register(temporal)
    runs = await schedules.watch(temporal, settings.task_queue)
    print(f"registered: {', '.join(added)}" if added else "every search attribute is registered")
    print("the watch looks over all cases every ten minutes" if runs else PAUSED)


if __name__ == "__main__":
    ArgumentParser(prog="python -m deploy.register", description="Register what cases need.").parse_args()
    run(main())
