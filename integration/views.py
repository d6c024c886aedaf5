"""The views of an operator in the Temporal UI: what each asks, for today, and the link that opens it, or a case."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any, NamedTuple
from urllib.parse import quote

from domain.working_days import LONDON, london_date
from workflows.case import WORKFLOW_TYPE, workflow_id

__all__ = ["COLUMNS", "EVERY", "OPEN", "OperatorView", "link_to", "views"]

EVERY = f'WorkflowType = "{WORKFLOW_TYPE}"'
OPEN = f'{EVERY} AND (ExecutionStatus = "Running" OR ExecutionStatus = "Paused")'


class OperatorView(NamedTuple):
    """One view: its name, what is in it, and the visibility query."""

    name: str
    about: str
    query: str

    def link(self, ui: str, namespace: str) -> str:
        """Where the Temporal UI shows it."""
        return f"{_workflows(ui, namespace)}?query={quote(self.query, safe='')}"


def link_to(reference: str, ui: str, namespace: str) -> str:
    """Where the Temporal UI shows a case: its current run, whose own address changes when the case goes on in another.

    It opens the timeline; the address of any other tab takes the id of the run.
    """
    return f"{_workflows(ui, namespace)}/{quote(workflow_id(reference), safe='')}"


def _workflows(ui: str, namespace: str) -> str:
    return f"{ui.rstrip('/')}/namespaces/{quote(namespace)}/workflows"


def views(now: datetime) -> dict[str, OperatorView]:
    """Every view by its name, its dates counted from `now`: whole days of London."""
    days = {"today": 0, "in_7_days": 7, "in_28_days": 28, "before_28_days": -28}
    dates = {name: _midnight(now, days_on).isoformat() for name, days_on in days.items()}
    return {
        name: OperatorView(name, row["about"], f"{of} AND {row['query'].format(**dates)}")
        for kind, of in (("open", OPEN), ("every", EVERY))
        for name, row in _told()[kind].items()
    }


def _midnight(now: datetime, days_on: int) -> datetime:
    return datetime.combine(london_date(now) + timedelta(days=days_on), time(), LONDON)


@cache
def _told() -> Mapping[str, Any]:
    return loads(files("integration").joinpath("views.toml").read_text("utf-8"))


COLUMNS: tuple[str, ...] = tuple(_told()["columns"])
