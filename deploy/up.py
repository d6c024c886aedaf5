"""Run the engine on the embedded stack until Ctrl-C or SIGTERM, with its data kept: `python -m deploy.up`.

The data are in `.probity/` of the working folder, or where `--data` says; started again, it has its cases still. `env`
in it holds the settings for a shell while it runs. With `--clear` Temporal stores payloads in the clear, else sealed.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import embedded
from deploy.engine import Running, command_line, engine, exports, run, until_stopped, where
from deploy.keys import CLEAR
from integration.leaving import leave

__all__ = ["up"]

DATA = Path(".probity")


async def up(data: Path = DATA, *, sealed: bool = True) -> int:
    """Start, say where, and stay. Returns the exit code."""
    embedded.check_free(data)
    print("Starting Postgres, Temporal, a worker and a gateway on this machine; it takes some seconds.", flush=True)
    async with engine(data, sealed=sealed) as running:
        with _settings_file(data, running) as env:
            typed = [f". {env}", f"{command_line()} refer examples/referral.yaml", f"{command_line()} cases"]
            logs = f"Each part writes its log in {data}: worker.log, gateway.log, postgres.log and so forth."
            again = f"In a terminal of an earlier run type `. {env}` again: addresses and keys may be others."
            print(f"{where(running, typed, again, logs)}\n\nProbity is up until Ctrl-C.", flush=True)
            code = await until_stopped(running)
        print(f"Stopping the gateway, the worker, Temporal and Postgres. The cases are kept in {data}.", flush=True)
    return code


@contextmanager
def _settings_file(data: Path, running: Running) -> Iterator[Path]:
    """The settings as a file to be sourced: for the owner only, and only while they are true."""
    env = data / "env"
    env.touch(mode=0o600)
    env.write_text("\n".join([*exports(running.environment), ""]))
    try:
        yield env
    finally:
        env.unlink(missing_ok=True)


if __name__ == "__main__":
    told = ArgumentParser(prog="python -m deploy.up", description="Run the engine on this machine until Ctrl-C.")
    told.add_argument("--data", type=Path, default=DATA, help="the folder of its data")
    told.add_argument(CLEAR, action="store_true", help="let Temporal store payloads in the clear")
    asked = told.parse_args()
    leave(run(up(asked.data, sealed=not asked.clear)))
