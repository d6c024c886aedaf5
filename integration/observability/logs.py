"""Logs as JSON, one object a line, without personal data: what happened, to which case, by which command and trace.

An exception is told by its type and place, never by its text, which may quote what was told of a person; only our own
errors, which are written so that they hold nothing of the kind, are told in full, also as what another was raised from.
Fields that the Temporal SDK adds are taken by name, so that nothing comes along unseen.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from traceback import extract_tb
from typing import IO, Any

from opentelemetry import trace
from temporalio import activity, workflow

from domain.errors import Refused, Unavailable

__all__ = ["JsonLines", "kept_as_json", "log_as_json", "release"]

OURS = ("case", "command", "command_id", "version", "code", "checkpoint", "cases")
PLACE = ("workflow_id", "run_id", "activity_type", "attempt")


class JsonLines(logging.Formatter):
    """A record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage().partition("\n")[0],  # asyncio quotes an error from the second line on
        }
        told |= {name: getattr(record, name) for name in OURS if hasattr(record, name)}
        told |= _place(record)
        if "case" not in told and str(told.get("workflow_id", "")).startswith("case/"):
            told["case"] = told["workflow_id"].removeprefix("case/")
        if (span := trace.get_current_span().get_span_context()).is_valid:
            told["trace_id"] = f"{span.trace_id:032x}"
        if record.exc_info and record.exc_info[1]:
            told["error"] = _error(record.exc_info[1])
        return json.dumps(told, ensure_ascii=False, default=str)


def _place(record: logging.LogRecord) -> dict[str, Any]:
    """The workflow of the line; the SDK's own lines bring it along, and an activity that runs knows it."""
    if activity.in_activity():
        at = activity.info()
        known: Mapping[str, Any] = {**vars(at), "run_id": at.workflow_run_id}
    else:
        known = getattr(record, "temporal_workflow", None) or getattr(record, "temporal_activity", None) or {}
    return {name: known[name] for name in PLACE if known.get(name)}


def _error(error: BaseException) -> str:
    if isinstance(error, Refused | Unavailable):
        return f"{error.code}: {error.sentence}"
    frames = extract_tb(error.__traceback__)[-3:]
    told = f"{type(error).__name__} at " + " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{told}, from {_error(error.__cause__)}" if error.__cause__ else told


def release() -> str:
    """The version of the package that runs."""
    try:
        return version("probity")
    except PackageNotFoundError:
        return "0.0.0"


def log_as_json(stream: IO[str], level: str = "INFO") -> None:
    """Have everything that this process logs written to `stream` as JSON."""
    workflow.logger.workflow_info_on_message = activity.logger.activity_info_on_message = False
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


@contextmanager
def kept_as_json(file: Path, *loggers: str) -> Iterator[None]:
    """Have what these loggers tell written to the end of a file in the same form while the context lasts."""
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(JsonLines())
    told = {logging.getLogger(name): logging.getLogger(name).level for name in loggers}
    try:
        for each in told:
            each.addHandler(handler)
            each.setLevel(logging.INFO)  # or that of the root holds, which lets warnings through alone
        yield
    finally:
        for each, level in told.items():
            each.removeHandler(handler)
            each.setLevel(level)
        handler.close()
