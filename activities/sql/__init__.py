"""The engine's SQL, one file a statement, each with a line on why."""

from functools import cache
from importlib import resources

__all__ = ["sql"]


@cache
def sql(name: str) -> str:
    """The statement in `activities/sql/<name>.sql`."""
    return resources.files(__name__).joinpath(f"{name}.sql").read_text("utf-8")
