"""What every test may ask for: the embedded stack, and a migrated database of the module's own."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from temporalio.client import Client

import domain.case  # noqa: F401  (events are listed in the order in which the case knows them, whoever asks first)
from deploy import embedded
from deploy.child import end_with
from deploy.embedded import Stack
from deploy.roles import ENGINE, as_role

# No test measures time: on a machine that is busy, one example in thousands takes longer than Hypothesis allows.
settings.register_profile("probity", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("probity")

# A workflow is shown as failing after one task that failed, not after five, for which the server takes half a minute.
FAILING = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1"


class Ending(subprocess.Popen[Any]):
    """A process that ends with the one that started it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"preexec_fn": partial(end_with, os.getpid()), **options})


@pytest.fixture(scope="session", autouse=True)
def processes_end_with_the_run() -> Iterator[None]:
    """A run that is killed leaves nothing behind that a test has started; asyncio starts its processes so too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", Ending)
        yield


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """A Postgres and a Temporal that can skip time, for the whole run; or those that the environment names.

    The search attributes are registered here: in a module that forgot to, each test would wait on the others' having.
    """
    from deploy.register import register

    async with embedded.stack(None, dynamic_config=(embedded.TIME_SKIPPING, FAILING), ui=False) as running:
        await register(await Client.connect(running.temporal_address, namespace=running.namespace))
        yield running


@pytest.fixture
def port() -> Iterator[int]:
    """One for a server that a test starts by number."""
    with embedded.held_ports(1) as (held,):
        yield held


@pytest.fixture(scope="session")
async def migrated(stack: Stack) -> AsyncIterator[str]:
    """The name of a migrated database without data, to copy: quicker than to migrate one for each module."""
    from deploy.migrate import migrate

    async with _database(stack.database_url, "template1") as name:
        await migrate(_url(stack.database_url, name))
        yield name


@pytest.fixture(scope="module")
async def database_url(owner_url: str) -> str:
    """A migrated, empty database of this module's own, for the engine: with its rights and no others."""
    return as_role(owner_url, ENGINE)


@pytest.fixture(scope="module")
async def owner_url(stack: Stack, migrated: str) -> AsyncIterator[str]:
    """The same database for its owner, who may do everything."""
    async with _database(stack.database_url, migrated) as name:
        yield _url(stack.database_url, name)


@pytest.fixture(scope="module")
async def pool(database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """A few connections to the module's database."""
    async with asyncpg.create_pool(database_url, min_size=1, max_size=10) as pool:
        yield pool


@pytest.fixture
async def empty(stack: Stack) -> AsyncIterator[str]:
    """The URL of a database in which nothing is."""
    async with _database(stack.database_url, "template0") as name:
        yield _url(stack.database_url, name)


@asynccontextmanager
async def _database(server: str, template: str) -> AsyncIterator[str]:
    name = f"probity_{uuid4().hex}"
    await _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield name
    finally:
        await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _url(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()
