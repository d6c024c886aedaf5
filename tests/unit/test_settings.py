"""A setting that is wrong is named, so that nobody has to look for it."""

import pytest

from domain.errors import Unavailable
from integration.settings import Settings


@pytest.mark.parametrize("name", ["PROBITY_CACHED_CASES", "PROBITY_CHECKPOINT_MINUTES"])
@pytest.mark.parametrize("told", ["lots", "-1", "1.5", ""])
def test_what_is_no_number_is_told_with_the_name_of_its_setting(name: str, told: str) -> None:
    with pytest.raises(Unavailable, match=rf"^{name} is a whole number, [01] or more\.$"):
        Settings.from_environment({"DATABASE_URL": "postgresql://x/x", name: told})


def test_numbers_are_read() -> None:
    told = {"PROBITY_CACHED_CASES": "0", "PROBITY_CHECKPOINT_MINUTES": "5"}
    settings = Settings.from_environment({"DATABASE_URL": "postgresql://x/x", **told})
    assert (settings.cached_cases, settings.checkpoint_minutes) == (0, 5)


def test_a_purpose_is_no_longer_than_the_log_of_readers_takes() -> None:
    told = {"DATABASE_URL": "postgresql://x/x", "PROBITY_PURPOSE": 500 * "x"}
    assert Settings.from_environment(told).purpose == 500 * "x"
    with pytest.raises(Unavailable, match=r"^PROBITY_PURPOSE is longer than 500 characters\.$"):
        Settings.from_environment({**told, "PROBITY_PURPOSE": 501 * "x"})
    assert Settings.from_environment({**told, "PROBITY_PURPOSE": " \n"}).purpose is None
