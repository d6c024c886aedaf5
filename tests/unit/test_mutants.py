"""What `make mutants` changes: values of every row of the law and of every command."""

from pathlib import Path

from domain.messages import COMMANDS
from tests.mutants import FILES, PARTS, ROWS, mutants


def test_every_row_and_every_command_is_changed() -> None:
    about = {mutant.about for mutant in mutants()}
    assert {row["id"] for rows in ROWS.values() for row in rows if "id" in row} | set(COMMANDS) <= about


def test_every_mutant_has_a_name_of_its_own() -> None:
    names = [mutant.name for mutant in mutants()]
    assert len(set(names)) == len(names)


def test_the_tests_it_is_tried_on_exist() -> None:
    here = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert {*FILES, *(file for files in PARTS.values() for file in files)} <= here
