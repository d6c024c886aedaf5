"""What a worker tells of itself: logs that quote nobody, and metrics that the docs name as the code does."""

import json
import logging
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from domain.errors import Unavailable
from integration.observability.logs import JsonLines, kept_as_json
from workflows.watch import WatchReport

CHECKOUT = Path(__file__).parents[2]


def line(message: str = "recorded", error: BaseException | None = None, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord("any", logging.WARNING, __file__, 1, message, None, None)
    if error is not None:
        try:
            raise error
        except BaseException:
            record.exc_info = sys.exc_info()
    record.__dict__.update(extra)
    told = json.loads(JsonLines().format(record))
    assert isinstance(told, dict)
    return told


def test_a_line_names_case_command_and_moment() -> None:
    told = line(case="X-1", command="open_hearing", command_id="c-1", version=3, other="no")
    assert (told["case"], told["command"], told["command_id"], told["version"]) == ("X-1", "open_hearing", "c-1", 3)
    assert told["at"].endswith("+00:00")
    assert "other" not in told


def test_the_case_is_known_by_the_workflow_that_logs() -> None:
    told = line(temporal_workflow={"workflow_id": "case/X-1", "run_id": "r", "args": "Jane Roe"})
    assert (told["case"], told["run_id"]) == ("X-1", "r")
    assert "Jane Roe" not in str(told)


@pytest.mark.parametrize("error", [ValueError("about Jane Roe"), KeyError("Jane Roe")])
def test_an_exception_is_told_by_its_type_and_place_alone(error: Exception) -> None:
    told = line("Task exception was never retrieved\nfuture: Jane Roe", error)
    assert "Jane Roe" not in json.dumps(told)
    assert type(error).__name__ in told["error"]
    assert "line:" in told["error"]


def test_our_own_errors_are_told_in_full() -> None:
    assert line(error=Unavailable("Postgres did not answer."))["error"] == "unavailable: Postgres did not answer."


def test_our_own_error_is_told_in_full_where_the_sdk_wrapped_it() -> None:
    """As it does with what a payload cannot be opened for: its own text alone names no key."""
    wrapped = RuntimeError("about Jane Roe")
    wrapped.__cause__ = Unavailable("A payload is sealed under another key.")
    told = line(error=wrapped)["error"]
    assert told.startswith("RuntimeError at ")
    assert told.endswith(", from unavailable: A payload is sealed under another key.")
    wrapped.__cause__ = ValueError("about Jane Roe")
    assert "Jane Roe" not in line(error=wrapped)["error"]


async def test_whatever_is_logged_in_an_activity_names_the_workflow_that_asked_for_it() -> None:
    async def logs() -> dict[str, Any]:
        return line(case="X-1")

    asked = ActivityEnvironment()
    asked.info = replace(asked.info, workflow_id="case/X-1", workflow_run_id="r", activity_type="record", attempt=2)
    told = await asked.run(logs)
    assert {name: told[name] for name in ("workflow_id", "run_id", "activity_type", "attempt")} == {
        "workflow_id": "case/X-1",
        "run_id": "r",
        "activity_type": "record",
        "attempt": 2,
    }


def test_the_docs_name_every_metric_of_ours_and_neither_they_nor_the_alerts_another() -> None:
    parts = ("activities/metrics.py", "integration/observability/gauges.py")
    code = "".join((CHECKOUT / part).read_text("utf-8") for part in parts)
    named = {name.removesuffix("_total") for name in re.findall(r'"(probity_\w+)"', code)}
    named |= {f"probity_watch_{name}" for name in WatchReport(at=datetime.now(UTC)).numbers()}
    docs, alerts = ((CHECKOUT / file).read_text("utf-8") for file in ("docs/observability.md", "deploy/alerts.yaml"))
    told = {re.sub(r"_(total|bucket)$", "", name) for name in re.findall(r"\bprobity_\w+", docs)}
    assert told == named
    assert {re.sub(r"_(total|bucket)$", "", name) for name in re.findall(r"\bprobity_\w+", alerts)} < named


def test_the_docs_say_of_every_alert_where_more_is_told() -> None:
    docs, alerts = ((CHECKOUT / file).read_text("utf-8") for file in ("docs/observability.md", "deploy/alerts.yaml"))
    named = set(re.findall(r"- alert: (\w+)", alerts))
    table = docs.partition("\n| Alert | More |\n")[2].partition("\n\n")[0]
    first = "".join(row.split("|")[1] for row in table.splitlines()[1:])
    assert set(re.findall(r"`(\w+)`", first)) == named and len(named) > 10


def test_what_a_part_in_another_process_tells_is_kept_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "signer.log"
    for word in ("first", "second"):
        with kept_as_json(file, "a.part"):
            logging.getLogger("a.part").info(word)
            logging.getLogger("another").warning("elsewhere")
    logging.getLogger("a.part").warning("over")
    assert [json.loads(each)["message"] for each in file.read_text().splitlines()] == ["first", "second"]
