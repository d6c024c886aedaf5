"""The reference pages say what the code says."""

import pytest

from integration.reference import FOLDER, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_makes(name: str) -> None:
    written = (FOLDER / name).read_text("utf-8")
    assert written == PAGES[name](), "run `python -m integration.reference` and look at the difference"


def test_every_unverified_limit_is_marked_on_its_row() -> None:
    rows = [line for line in PAGES["time-limits.md"]().splitlines() if line.startswith("| `")]
    assert all("**unverified**" in row for row in rows if "| M " in row or "place inferred" in row)
