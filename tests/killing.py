"""Which test notices a change: the tests are collected once, and each change is tried on them in a process of its own.

A change is tried first on the tests that name what it changes, then on the others of its part, and only if none of
these fails on the generated pages: that a page differs shows that something changed, not that it was wrong.
"""

import inspect
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

__all__ = ["PAGES", "Change", "killers"]

PAGES = ("reference", "deadline_snapshots")
QUIETLY = "-o addopts= --assert=plain --noconftest -p no:cacheprovider -p no:terminal -p no:logging".split()
PATIENCE = 300  # seconds for one change, after which something is wrong


@dataclass(frozen=True)
class Change:
    """One change: its name, what it is about as tests would name it, where else it may show, and how it is made."""

    name: str
    about: str
    elsewhere: tuple[str, ...]
    make: Callable[[], None]


class _Tests:
    """The collected tests; while pytest would run them, it tries the changes."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = changes
        self.killers: list[str | None] = []
        self.failed: str | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = session.items
        global _TESTS
        _TESTS = self  # forked processes find the collected tests here: they cannot be sent to them
        with multiprocessing.get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
            tried = pool.imap(_killer, range(len(self.changes)), chunksize=1)
            self.killers = [tried.next(timeout=PATIENCE) for _ in self.changes]
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid

    def first_failing(self, items: Iterable[pytest.Item]) -> str | None:
        for item in items:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.failed:
                return self.failed
        return None


_TESTS: _Tests


def _killer(index: int) -> str | None:
    change = _TESTS.changes[index]
    change.make()
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return _TESTS.first_failing(_in_turn(_TESTS.items, change))


def _in_turn(items: Sequence[pytest.Item], change: Change) -> Iterator[pytest.Item]:
    acts = [item for item in items if _file(item) not in PAGES]
    naming = [item for item in acts if change.about and _names(item, change.about)]
    yield from naming
    yield from (item for item in acts if _file(item) in change.elsewhere and item not in naming)
    yield from (item for item in items if _file(item) in PAGES)


def _names(item: pytest.Item, about: str) -> bool:
    return about in item.nodeid or about in _source(getattr(item, "function", item))


@cache
def _source(function: object) -> str:
    return inspect.getsource(function) if inspect.isfunction(function) else ""


def _file(item: pytest.Item) -> str:
    return Path(item.nodeid.partition("::")[0]).stem.removeprefix("test_")


def killers(changes: Sequence[Change], files: Iterable[str]) -> list[str | None]:
    """For each change the first test that fails; None when none does."""
    tests = _Tests(changes)
    pytest.main([*QUIETLY, *(f"tests/unit/test_{name}.py" for name in (*files, *PAGES))], plugins=[tests])
    return tests.killers
