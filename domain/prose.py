"""Free text about people: which fields hold it, and whose it is, so that it can be sealed and, one day, be erased.

What someone told in words of their own is `Prose` in the event, under the key of whoever the event is about; text about
several officers at once is `SharedProse`, and is gone once any of them is forgotten. No rule reads it and no state
keeps it: a case folds alike whether it is open, sealed or erased (docs/adr/0017).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel

__all__ = ["Personal", "Prose", "SharedProse", "holds_prose", "marked", "wordless"]

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Personal:
    """Marks free text. `of`: where the event says whom it is about; who names nobody there is about the case."""

    of: str = "subject"


Prose = Annotated[str, Personal()]
SharedProse = Annotated[str, Personal("officers")]


@cache
def marked(kind: type[BaseModel]) -> dict[str, Personal]:
    """The fields of a model that hold free text about people."""
    marks = {name: next(_marks((*info.metadata, info.annotation)), None) for name, info in kind.model_fields.items()}
    return {name: mark for name, mark in marks.items() if mark}


def _marks(parts: tuple[Any, ...]) -> Iterator[Personal]:
    for part in parts:
        if isinstance(part, Personal):
            yield part
        yield from _marks((*getattr(part, "__metadata__", ()), *get_args(part)))


@cache
def holds_prose(kind: type[BaseModel]) -> bool:
    """Whether a model, or one inside it, has a field for free text."""
    return bool(marked(kind)) or any(holds_prose(each) for each in _inside(kind))


def _inside(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    waiting = [info.annotation for info in kind.model_fields.values()]
    while waiting:
        part = waiting.pop()
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield part
        waiting += get_args(part)


def wordless(message: M) -> M:
    """The same with every free text in it emptied: what is left stands in the clear in the record."""
    texts, told = marked(type(message)), [(name, value) for name, value in message if value is not None]
    return message.model_copy(update={name: "" if name in texts else _wordless(value) for name, value in told})


def _wordless(part: Any) -> Any:
    if isinstance(part, tuple):
        return tuple(map(_wordless, part))
    return wordless(part) if isinstance(part, BaseModel) else part
