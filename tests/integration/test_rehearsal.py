"""An upgrade with open cases and the way back, by processes of two releases: a small `make rehearse`."""

import pytest

from deploy.embedded import Stack
from domain import working_days
from tests.rehearse import rehearse


async def test_an_upgrade_with_open_cases_and_the_way_back(
    stack: Stack, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_days, "LONDON", working_days.LONDON)  # put back at the end
    seen = await rehearse(stack, database_url, cases=5, seconds=20)
    assert seen[-1] == "every deadline enforced once, every case run, every chain whole"
