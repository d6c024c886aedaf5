"""The signer: `python -m deploy.signer`. It signs the heads of all cases at intervals, by a Temporal Schedule.

A process of its own, since the worker may neither hold the key nor write checkpoints (docs/adr/0011): it logs in as
`probity_signer`, holds the key that PROBITY_SIGNING_KEY names, and polls a task queue of its own. Without a key it says
so and ends, and no schedule is made. The key is read again for each checkpoint, so that another may take its place.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client, ScheduleActionStartWorkflow
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import Worker

from activities import starting
from activities.proof import witness
from activities.proof.checkpoints import earlier_keys, signing_key
from activities.store import Pool, open_pool
from deploy import roles, schedules
from domain.errors import Contradicted, Unavailable
from integration.client import connect_temporal
from integration.leaving import run
from integration.observability.logs import log_as_json, release
from integration.settings import Settings
from workflows.checkpoint import CHECKPOINT, SIGN

__all__ = ["SCHEDULE", "main", "new_key", "queue_of", "signer"]

log = logging.getLogger("deploy.signer")  # also where it is run as a program
SCHEDULE = "checkpoint"
MAY_SIGN = "SELECT coalesce(has_any_column_privilege(to_regclass('probity.checkpoint'), 'INSERT'), false)"


def new_key() -> bytes:
    """A new Ed25519 key, as the PEM that a file of it holds."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def queue_of(settings: Settings) -> str:
    """The task queue that the signer polls: its own, beside that of the workers."""
    return f"{settings.task_queue}-signer"


class _Signer:
    def __init__(self, pool: Pool, key: Path, witness: Path | None) -> None:
        self._pool = pool
        self._key = key
        self._witness = witness

    @activity.defn(name=SIGN)
    async def sign(self) -> dict[str, Any]:
        """Sign a checkpoint; its statement. Fails for good where the record is not what was signed before."""
        try:
            key, earlier = signing_key(self._key), earlier_keys(self._key)
            statement = await witness.sign(self._pool, key, self._witness, earlier)
        except Contradicted as changed:
            told = "INCIDENT, nothing was signed: %s (docs/run.md, Checkpoints and exports)"
            log.error(told, changed.sentence, extra={"code": changed.code})
            raise _failure(changed, for_good=True) from None
        except Unavailable as away:
            log.warning("Nothing was signed, and it is tried again: %s", away.sentence, extra={"code": away.code})
            raise _failure(away) from None
        log.info("signed", extra={"checkpoint": statement["number"], "cases": statement["cases"]})
        return statement


def _failure(why: Contradicted | Unavailable, *, for_good: bool = False) -> ApplicationError:
    """As Temporal carries it. Benign: our log has it in a line, and the SDK would tell it again with a traceback."""
    benign = ApplicationErrorCategory.BENIGN
    return ApplicationError(str(why), type=why.code, non_retryable=for_good, category=benign)


@asynccontextmanager
async def signer(settings: Settings, client: Client, pool: Pool) -> AsyncIterator[Worker]:
    """A worker that signs while the context lasts, and the schedule that asks it to. Raises `Unavailable`."""
    key = await _checked(settings, pool)
    queue = queue_of(settings)
    summary = "Sign the heads of all cases"
    action = ScheduleActionStartWorkflow(CHECKPOINT, id=SCHEDULE, task_queue=queue, static_summary=summary)
    await schedules.ensure(client, SCHEDULE, schedules.every(timedelta(minutes=settings.checkpoint_minutes), action))
    async with Worker(client, task_queue=queue, activities=[_Signer(pool, key, settings.witness).sign]) as worker:
        log.info("ready: version %s, task queue %s, every %s minutes", release(), queue, settings.checkpoint_minutes)
        yield worker


async def _checked(settings: Settings, pool: Pool) -> Path:
    """The file of the key, once it is known that checkpoints can be signed with it and kept."""
    if settings.signing_key is None:
        raise Unavailable("PROBITY_SIGNING_KEY is not set: no checkpoint is signed, and no schedule is made for them.")
    signing_key(settings.signing_key), earlier_keys(settings.signing_key)
    await starting.check(pool, "signer", roles.SIGNER)
    if not await pool.fetchval(MAY_SIGN):
        raise Unavailable(
            "The database does not let this login add checkpoints: "
            f"let the signer log in as {roles.SIGNER} (docs/run.md, The roles of the database)."
        )
    return settings.signing_key


async def main() -> None:
    """Run until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    settings = Settings.from_environment()
    log_as_json(sys.stderr, settings.log_level)
    pool = await open_pool(settings.database_url, size=2)
    try:
        async with signer(settings, await connect_temporal(settings), pool):
            print(f"probity signer ready: every {settings.checkpoint_minutes} minutes", flush=True)
            await stop.wait()
    finally:
        await pool.close()


if __name__ == "__main__":
    run(main())
