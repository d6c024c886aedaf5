"""The engine's SQL, one file a statement, each with a line on why."""

from functools import cache
from importlib import resources

__all__ = ["name_of", "sql"]


_names: dict[str, str] = {}


@cache
def sql(name: str) -> str:
    """The statement in `activities/sql/<name>.sql`."""
    statement = resources.files(__name__).joinpath(f"{name}.sql").read_text("utf-8")
    _names[statement] = name
    return statement


def name_of(statement: str) -> str:
    """The name of one of our statements; of another its first word."""
    return _names.get(statement) or statement.split(maxsplit=1)[0].rstrip(";")
