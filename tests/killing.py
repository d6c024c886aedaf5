"""Which test notices a change: the tests are collected once, and each change is tried on them in a process of its own.

A change is tried first on the tests that name what it changes (the tables of the law before the stories), then on the
others of its part, and only if none of these fails on the generated pages: that a page differs shows that something
changed, not that it was wrong.
"""

import inspect
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

import pytest

__all__ = ["PAGES", "Change", "killers"]

PAGES = ("reference", "deadline_snapshots")
TABLES = ("law", "occasions", "roles")  # a test each for a row: they answer at once
QUIETLY = "-o addopts= --assert=plain --noconftest -p no:cacheprovider -p no:terminal -p no:logging".split()
PATIENCE = 300  # seconds for one change, after which something is wrong


@dataclass(frozen=True)
class Change:
    """One change: its name, what it is about as tests would name it, where else it may show, and how it is made."""

    name: str
    about: str
    elsewhere: tuple[str, ...]
    make: Callable[[], None]
    only_shown: bool = False  # then it dies on a page, which is asked first


class _Tests:
    """The collected tests; while pytest would run them, it tries the changes."""

    def __init__(self, changes: Sequence[Change], tell: Callable[[Change, str | None], None]) -> None:
        self.changes = changes
        self.tell = tell
        self.failed: str | None = None
        self.fails_anyway: str | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.known = [_Test.of(item) for item in session.items]
        global _TESTS
        _TESTS = self  # forked processes find the collected tests here: they cannot be sent to them
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()  # not on a Mac
        with multiprocessing.get_context("fork").Pool(cores, maxtasksperchild=1) as pool:
            tried = pool.imap(_killer, range(len(self.changes)), chunksize=1)
            killed_by = set()
            for change in self.changes:
                killer = tried.next(timeout=PATIENCE)
                killed_by.add(killer)
                self.tell(change, killer)
            self.fails_anyway = pool.apply(_failing_unchanged, (killed_by,))
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


class _Test(NamedTuple):
    """A test, the file that it stands in, and what it names: read once, and not again for each change."""

    item: pytest.Item
    file: str
    words: str

    @classmethod
    def of(cls, item: pytest.Item) -> Self:
        file = Path(item.nodeid.partition("::")[0]).stem.removeprefix("test_")
        return cls(item, file, item.nodeid + _source(getattr(item, "function", item)))


@cache
def _source(function: object) -> str:
    return inspect.getsource(function) if inspect.isfunction(function) else ""


def _killer(index: int) -> str | None:
    change = _TESTS.changes[index]
    change.make()
    return _quietly(_in_turn(_TESTS.known, change))


def _failing_unchanged(killers: set[str | None]) -> str | None:
    """A killer is only one if it passes while nothing is changed."""
    return _quietly(test.item for test in _TESTS.known if test.item.nodeid in killers)


def _quietly(items: Iterable[pytest.Item]) -> str | None:
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return _TESTS.first_failing(items)


def _in_turn(known: Sequence[_Test], change: Change) -> Iterator[pytest.Item]:
    pages = [test for test in known if test.file in PAGES]
    naming = [test for test in known if change.about and change.about in test.words and test.file not in PAGES]
    naming.sort(key=lambda test: test.file not in TABLES)
    others = [test for test in known if test.file in change.elsewhere and test not in naming]
    others.sort(key=lambda test: change.elsewhere.index(test.file))
    in_turn = (*pages, *naming) if change.only_shown else (*naming, *others, *pages)
    return (test.item for test in in_turn)


def killers(changes: Sequence[Change], files: Iterable[str], tell: Callable[[Change, str | None], None]) -> str | None:
    """Try each change, and tell of each in turn the first test that fails, or None when none does.

    Gives a test that was told and that fails without any change too; None, as it should be, when there is none.
    """
    tests = _Tests(changes, tell)
    pytest.main([*QUIETLY, *(f"tests/unit/test_{name}.py" for name in (*files, *PAGES))], plugins=[tests])
    return tests.fails_anyway
