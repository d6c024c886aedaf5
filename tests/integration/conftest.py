"""What several modules of tests ask for: connections, the record's activities over them, a case, a client of Temporal,
and a gateway over a running engine."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import asyncpg
import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from temporalio.client import Client

from activities import store
from activities.record import Records
from activities.store import Pool
from deploy.embedded import Stack
from deploy.register import register
from deploy.roles import FEED, GATEWAY, KEEPER, as_role
from integration.bearer import Tokens
from integration.client import Probity, connect_temporal
from integration.gateway import gateway
from integration.gateway.limits import Limits
from integration.settings import Settings
from tests.engine import RING, running
from tests.issuer import issuing
from tests.store import opening, reference
from worker import engine


@pytest.fixture(scope="module")
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to the module's database, as the engine opens them."""
    pool = await store.open_pool(database_url)
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
async def keeper(owner_url: str) -> AsyncIterator[Pool]:
    """Connections of the keeper of the record, who may forget and add subscribers."""
    pool = await store.open_pool(as_role(owner_url, KEEPER))
    yield pool
    await pool.close()


@pytest.fixture
async def follower(owner_url: str) -> AsyncIterator[Pool]:
    """Connections of a service that follows the record, which reads it and writes nothing."""
    pool = await store.open_pool(as_role(owner_url, FEED))
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
async def records(pool: Pool) -> Records:
    """The record's activities over the module's database."""
    return Records(pool, RING)


@pytest.fixture
async def ref(records: Records) -> str:
    """The reference of a case that was opened."""
    name = reference()
    assert (await records.open_case(opening(name))).refusal is None
    return name


@pytest.fixture(scope="module")
async def settings(stack: Stack, database_url: str) -> Settings:
    """A worker on a task queue of the module's own, and its clients."""
    return running(stack, database_url)


@pytest.fixture(scope="module")
async def temporal(settings: Settings) -> Client:
    """A client of the Temporal that the settings name, on which cases may be run."""
    temporal = await connect_temporal(settings)
    await register(temporal)
    return temporal


@pytest.fixture(scope="module")
async def probity(settings: Settings, owner_url: str) -> AsyncIterator[Probity]:
    """A gateway's own connection to a running engine: with the rights of a gateway and no others."""
    temporal = await connect_temporal(settings)
    pool = await store.open_pool(settings.database_url)
    login = replace(settings, database_url=as_role(owner_url, GATEWAY), who=None, purpose=None)
    async with engine(settings, temporal, pool), Probity.connect(login) as client:
        yield client
    await pool.close()


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    """What reads the tokens of the tests' issuer."""
    with issuing() as tokens:
        yield tokens


@pytest.fixture(scope="module")
def app(probity: Probity, tokens: Tokens) -> FastAPI:
    """The gateway over that connection, for bearers of these tokens."""
    return gateway(probity, tokens, Limits("10000/minute"), ring=RING)


@pytest.fixture(scope="module")
async def http(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client of that gateway, in this process."""
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://gateway.example", timeout=60) as client:
        yield client


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Whoever may do everything, as the database's triggers let them."""
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


@pytest.fixture
async def forger(owner_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Someone with all the rights there are, for whom no trigger fires."""
    connection = await asyncpg.connect(owner_url)
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()
