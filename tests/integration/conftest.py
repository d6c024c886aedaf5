"""What tests of the store ask for: connections as the engine opens them, and the record's activities over them."""

from collections.abc import AsyncIterator

import pytest

from activities import store
from activities.record import Records
from activities.store import Pool
from tests.engine import RING


@pytest.fixture(scope="module")
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to the module's database, as the engine opens them."""
    pool = await store.open_pool(database_url)
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
async def records(pool: Pool) -> Records:
    """The record's activities over the module's database."""
    return Records(pool, RING)
