"""A setting that is wrong is named, so that nobody has to look for it."""

import pytest
from typer.testing import CliRunner

from domain.errors import Unavailable
from integration.cli.main import app
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


@pytest.mark.parametrize("name", ["PROBITY_METRICS_ADDRESS", "PROBITY_HEALTH_ADDRESS"])
@pytest.mark.parametrize("wrong", ["", "nowhere", ":80", "127.0.0.1:port", "127.0.0.1:65536"])
def test_an_address_that_cannot_be_listened_on_is_told_before_anything_is_built(name: str, wrong: str) -> None:
    with pytest.raises(Unavailable, match=rf"^{name} is an address, as host:port with a port up to 65535\.$"):
        Settings.from_environment({"DATABASE_URL": "postgresql://x/x", name: wrong})
    Settings.from_environment({"DATABASE_URL": "postgresql://x/x", name: "[::1]:65535"})


@pytest.mark.parametrize("wrong", ["java script", "javascript:alert(1)", "ui.example:8080", "http://", "https://a b"])
def test_what_is_no_address_of_a_page_makes_no_links(wrong: str) -> None:
    told = {"DATABASE_URL": "postgresql://x/x", "PROBITY_UI_URL": wrong}
    with pytest.raises(Unavailable, match=r"^PROBITY_UI_URL \(or --ui\) is the address of the Temporal UI, as https"):
        Settings.from_environment(told)
    shown = CliRunner().invoke(app, ["views"], env=told)  # which reads no other setting
    assert (shown.exit_code, shown.stdout) == (3, "") and shown.stderr.startswith("unavailable: PROBITY_UI_URL ")
    for right in ("", "http://127.0.0.1:8233", "https://ui.example/temporal/"):
        Settings.from_environment({**told, "PROBITY_UI_URL": right})
