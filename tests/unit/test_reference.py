"""The reference pages say what the code says."""

import pytest

from domain.vocabulary import SitsAs
from integration.reference.pages import FOLDER, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_makes(name: str) -> None:
    written = (FOLDER / name).read_text("utf-8")
    assert written == PAGES[name](), "run `python -m integration.reference` and look at the difference"


def test_every_unverified_limit_is_marked_on_its_row() -> None:
    rows = [line for line in PAGES["time-limits.md"]().splitlines() if line.startswith("| `")]
    assert all("**unverified**" in row for row in rows if "| M " in row or "place inferred" in row)


def test_the_words_of_a_mapping_are_listed() -> None:
    (line,) = [line for line in PAGES["commands.md"]().splitlines() if line.startswith("| `sits_as` |")]
    assert all(f"`{word}`" in line for word in SitsAs) and line.endswith("| `name_panel` |")
