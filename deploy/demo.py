"""Play the four example cases on a fresh engine and show what became of them: `python -m deploy.demo`.

Each case is told on a screen or two; with `--full` every step, and every fact with the time limits that it set, is.
Nothing has to be set up, and nothing is left behind. On a terminal it stays up until Ctrl-C, so that the cases can be
looked at in the Temporal UI and with the command line; otherwise it ends when it is done, with code 0 only if every
expectation in the files held. With `--clear` Temporal stores payloads in the clear, else sealed.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from deploy.engine import ROOT, Running, command_line, engine, exports, run, until_stopped, where
from deploy.keys import CLEAR
from domain.working_days import england_and_wales
from integration.casefile import CaseFile, load
from integration.cli import timeline
from integration.cli.digest import digest
from integration.cli.main import progress
from integration.cli.tables import Terminal
from integration.client import Probity
from integration.leaving import leave
from integration.play import PlayResult, play

__all__ = ["demo", "examples"]


def examples() -> list[CaseFile]:
    """The case files of `examples/`, in order."""
    files = sorted((ROOT / "examples").glob("[0-9]*.yaml"))
    return [load(file, england_and_wales(), datetime.now(UTC)) for file in files]


async def demo(console: Console, *, stay: bool, full: bool, sealed: bool = True) -> int:
    """Play, show, and stay if asked. Returns the exit code."""
    console.print("Starting Postgres, Temporal, a worker and a gateway on this machine; it takes some seconds.")
    async with engine(None, sealed=sealed) as running:
        async with Probity.connect(running.settings) as probity:
            files = examples()
            results = [await _played(console, probity, file, full=full) for file in files]
            for result in results:
                await _show(console, probity, result, full=full)
        failures = [failure for result in results for failure in result.failures]
        _tell_outcome(console, files, failures)
        if stay:
            _tell_where(console, running, files)
            console.print("It stays up until Ctrl-C.", style="bold")
            if code := await until_stopped(running):
                return code
        console.print("Stopping the gateway, the worker, Temporal and Postgres.")
    return 1 if failures else 0


async def _played(console: Console, probity: Probity, file: CaseFile, *, full: bool) -> PlayResult:
    if not full:
        console.print(f"Playing {file.name}: {file.about}", markup=False)
        return await play(probity, file)
    console.rule(f"Playing {file.name}")
    console.print(file.about, markup=False)
    return await play(probity, file, lambda step: console.print(progress(step), markup=False))


async def _show(console: Console, probity: Probity, result: PlayResult, *, full: bool) -> None:
    console.rule(result.reference)
    case = await probity.case(result.reference)
    if not full:
        console.print(digest(case, result))
        return
    events, possible = await probity.events(result.reference), await probity.lawful_next(result.reference)
    console.print(timeline.page(case, events, possible))


def _tell_outcome(console: Console, files: Sequence[CaseFile], failures: Sequence[str]) -> None:
    console.rule("Outcome")
    for failure in failures:
        console.print(f"expectation_failed: {failure}", style="bold red", markup=False)
    if not failures:
        console.print(f"Every expectation in {len(files)} files held.", style="bold green")


def _tell_where(console: Console, running: Running, files: Sequence[CaseFile]) -> None:
    console.rule("Where to look")
    typed = [*exports(running.environment), *(f"{command_line()} show {file.reference}" for file in files)]
    whole = "Each tells a case whole, as make demo ARGS=--full does all of them."
    # Not wrapped: these lines are there to be copied.
    console.print(where(running, typed, whole), markup=False, soft_wrap=True)
    console.print()


def main() -> int:
    """The exit code."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    stay = sys.stdout.isatty() and sys.stdin.isatty()
    told = ArgumentParser(prog="python -m deploy.demo", description="Play the example cases on a fresh engine.")
    told.add_argument("--full", action="store_true", help="tell every step, and every fact with its time limits")
    told.add_argument(CLEAR, action="store_true", help="let Temporal store payloads in the clear")
    asked = told.parse_args()
    return run(demo(Terminal(highlight=False), stay=stay, full=asked.full, sealed=not asked.clear))


if __name__ == "__main__":
    leave(main())
