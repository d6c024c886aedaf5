"""Connections to Postgres: a pool that speaks JSON, limits that end an attempt, errors that tell no data."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from socket import gaierror
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from pydantic_core import from_json, to_json

from activities import traces
from domain.errors import Unavailable

if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection  # generic in its stubs only

__all__ = [
    "TRANSACTION_SECONDS",
    "Connection",
    "Pool",
    "answering",
    "connected",
    "open_pool",
    "reaching",
    "transaction",
    "unhurried",
    "writable",
]

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

UNHURRIED = "SET LOCAL statement_timeout = '5min'; SET LOCAL idle_in_transaction_session_timeout = '5min'"
LONGEST = 330.0  # seconds without an end of a statement: above what the server lets one of them last, and a pause
READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"
TRANSACTION_SECONDS = 3.0  # below every timeout of the activities: an attempt is over before its retry begins
OUT_OF_TIME = "Postgres was not done in time: it is busy or stands still, or what was asked of it takes long."
# asyncpg's own error comes of a connection that breaks between two messages; as a fault it would not be retried.
AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)
STUCK = 0.5  # seconds; with it still below four, after which an act is tried again

# The same limits where the server enforces them, for an attempt whose worker froze or was cut off. Milliseconds. And
# what the server writes as text is written the same everywhere.
SESSION = {
    "application_name": "probity",
    "lock_timeout": "2000",
    "statement_timeout": "3000",
    "idle_in_transaction_session_timeout": "3000",
    "timezone": "UTC",
}

# Of what Postgres says was denied, a table, function or schema, the role that it is for, where that is but one.
FOR_ROLES = {
    **dict.fromkeys(("text_key", "reforgotten", "subscription", "webhook_secret"), "probity_keeper"),
    **dict.fromkeys(("checkpoint", "checkpoint_head", "hold_signing"), "probity_signer"),
    "begin_rebuild": "probity_engine",
    "reporting": "probity_reader",
    "probity": "probity_feed",
}


class Lasting(_Connection):
    """A connection that goes back to its pool as it is: nothing here changes a session, so a reset, which is a round
    trip each time, has nothing to undo. A transaction that was left open is rolled back all the same."""

    def get_reset_query(self) -> str:
        """None is sent."""
        return ""


async def open_pool(
    database_url: str,
    *,
    size: int = 10,
    connection_class: "type[asyncpg.Connection[asyncpg.Record]] | None" = None,
) -> Pool:
    """Up to `size` connections on which jsonb is Python data and no statement runs longer than 3 seconds.

    Raises `Unavailable` with one sentence when the database cannot be reached.
    """
    with reaching():
        return await asyncpg.create_pool(
            database_url,
            min_size=0,  # a floor is kept up without end while Postgres is away, with a traceback for each attempt
            init_size=1,
            max_size=size,
            init=_prepare,
            timeout=10,
            server_settings=SESSION,
            connection_class=connection_class or Lasting,
        )


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    if traces.asked_for():
        connection.add_query_logger(traces.spanned)
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encoded, decoder=_decoded)


def _encoded(value: Any) -> str:
    """As JSON; bytes are JSON already."""
    return (value if isinstance(value, bytes) else to_json(value)).decode()


def _decoded(text: str) -> Any:
    """What a column holds; of what is too deep for Python, or of too many digits, the text: it passes for no event."""
    try:
        return from_json(text)
    except ValueError:
        return text


@contextmanager
def reaching() -> Iterator[None]:
    """Turn every way in which a connection can fail into one sentence, which never holds the password."""
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError) as why:
        said = str(why).partition("\n")[0].rstrip(".") or "no answer"
        raise Unavailable(f"Cannot reach the database: {said}. {_next_step(why)}") from None
    except (ValueError, asyncpg.InterfaceError):  # their texts quote pieces of the URL
        raise Unavailable("Cannot reach the database: DATABASE_URL cannot be read.") from None


def _next_step(why: Exception) -> str:
    """A Postgres that is down is more often the cause than an address that was right yesterday."""
    if isinstance(why, asyncpg.OperatorInterventionError | asyncpg.InsufficientResourcesError):
        return "Postgres runs there and takes nobody in just now: see its own log."
    if isinstance(why, asyncpg.PostgresError):
        return "Postgres runs there and does not take this login or database: check DATABASE_URL."
    return "Does Postgres run where DATABASE_URL says?"


@contextmanager
def answering() -> Iterator[None]:
    """An error of Postgres may quote the row it is about. What leaves here names only its SQLSTATE: it ends in logs and
    in Temporal's history, where no personal data may be.
    """
    try:
        yield
    except (TimeoutError, asyncpg.QueryCanceledError):  # our patience has ended, or Postgres's own
        raise Unavailable(OUT_OF_TIME) from None
    except AWAY as error:
        raise Unavailable(f"Postgres did not answer: {_broken(error)}.") from None
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError):
        raise Unavailable("The database lacks the tables of Probity: run `python -m deploy.migrate`.") from None
    except asyncpg.InsufficientPrivilegeError as denied:
        named = re.findall(r"\w+", str(denied))
        role = next((role for part, role in FOR_ROLES.items() if part in named), "")
        takes = f"it takes the role {role} besides those it has" if role else "it is for another role"
        raise Unavailable(f"The database login may not do this: {takes} (docs/run.md).") from None
    except asyncpg.PostgresError as error:
        raise Unavailable(f"Postgres answered with {type(error).__name__} (SQLSTATE {error.sqlstate}).") from None


def _broken(error: Exception) -> str:
    """In words of ours: those of the error may quote anything."""
    if isinstance(error, FileNotFoundError | ConnectionRefusedError | gaierror):  # no socket, no listener, no such host
        return "nothing listens where DATABASE_URL says"
    return "the connection broke off"


@asynccontextmanager
async def connected(pool: Pool) -> AsyncIterator[Connection]:
    """A connection whose use is over, one way or the other, within `TRANSACTION_SECONDS`. Raises `Unavailable`.

    Where Postgres stands still, what is cancelled waits for it, also to roll back: `STUCK` later the connection is cut.
    """
    loop = asyncio.get_running_loop()
    over = loop.time() + TRANSACTION_SECONDS
    with answering(), ExitStack() as once_back:  # in its pool: to take the connection back may wait for Postgres too
        async with asyncio.timeout_at(over), pool.acquire(timeout=TRANSACTION_SECONDS) as connection:
            once_back.callback(loop.call_at(over + STUCK, connection.terminate).cancel)
            yield connection


async def writable(pool: Pool) -> bool:
    """True: Postgres answers and takes what is told. Raises `Unavailable`, which says what of the two it does not."""
    async with connected(pool) as connection:
        if await connection.fetchval(READ_ONLY):
            raise Unavailable("Postgres takes no writes: it is a replica, or the database was made read-only.")
    return True


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """The same with a transaction on it."""
    async with connected(pool) as connection, connection.transaction():
        yield connection


@asynccontextmanager
async def unhurried(pool: Pool) -> AsyncIterator[Connection]:
    """A transaction without the haste of an append, for work over all cases that holds none. Raises `Unavailable`.

    However long it is, a statement of it that Postgres itself would have ended is given up, as by `connected`.
    """
    with answering():
        async with asyncio.timeout(LONGEST) as patience, pool.acquire(timeout=TRANSACTION_SECONDS) as connection:
            with _given_up(connection, patience):
                async with connection.transaction():
                    await connection.execute(UNHURRIED)
                    yield connection


@contextmanager
def _given_up(connection: "PoolConnectionProxy[asyncpg.Record]", patience: asyncio.Timeout) -> Iterator[None]:
    """Patience begins anew with each statement that ends; `STUCK` after it the connection is cut."""
    loop = asyncio.get_running_loop()
    cut = loop.call_later(LONGEST + STUCK, connection.terminate)

    def ended(_: object) -> None:
        nonlocal cut
        if not (cut.cancelled() or patience.expired()):  # told of the last one when all is over
            cut.cancel()
            cut = loop.call_later(LONGEST + STUCK, connection.terminate)
            patience.reschedule(loop.time() + LONGEST)

    with connection.query_logger(ended):
        try:
            yield
        finally:
            cut.cancel()
