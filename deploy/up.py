"""Run the engine on the embedded stack until Ctrl-C or SIGTERM, with its data kept: `python -m deploy.up`.

The data are in `.probity/` of the working folder, or where `--data` says; started again, it has its cases still. `env`
in it holds the settings for a shell while it runs. With `--clear` Temporal stores payloads in the clear, else sealed.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import embedded
from deploy.engine import (
    CLEAR,
    LOUD,
    Running,
    command_line,
    engine,
    exports,
    run,
    temporal_ui,
    until_stopped,
    who_opens,
)
from integration.leaving import leave

__all__ = ["DATA", "up"]

DATA = Path(".probity")


async def up(data: Path = DATA, *, sealed: bool = True) -> int:
    """Start, say where, and stay. Returns the exit code."""
    embedded.check_free(data)
    print("Starting Postgres, Temporal, a worker and a gateway on this machine; it takes some seconds.", flush=True)
    async with engine(data, sealed=sealed) as running:
        with _settings_file(data, running) as env:
            _tell_where(running, env)
            code = await until_stopped(running)
        print("Stopping the gateway, the worker, Temporal and Postgres.", flush=True)
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


def _tell_where(running: Running, env: Path) -> None:
    print(temporal_ui(running.stack))
    print(f"Gateway       {running.gateway}/docs/  (development mode: no token is asked for)")
    print(who_opens(running))
    print(f"Postgres      {running.stack.database_url}")
    print("\nIn another terminal, in this folder:\n")
    print(f"  . {env}")
    print(f"  {command_line()} refer examples/referral.yaml")
    print(f"  {command_line()} cases\n")
    print(f"{LOUD}\n")
    print("Probity is up until Ctrl-C.", flush=True)


if __name__ == "__main__":
    told = ArgumentParser(prog="python -m deploy.up", description="Run the engine on this machine until Ctrl-C.")
    told.add_argument("--data", type=Path, default=DATA, help="the folder of its data")
    told.add_argument(CLEAR, action="store_true", help="let Temporal store payloads in the clear")
    asked = told.parse_args()
    leave(run(up(asked.data, sealed=not asked.clear)))
