"""What names the fold that a snapshot was folded by: every file of the domain that may change it."""

from pathlib import Path
from shutil import copytree

import pytest

from activities import store

HERE = Path(store.__file__).parent.parent / "domain"


def folded_by(domain: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr("activities.store.resources.files", lambda _: domain)
    return store.folded_by.__wrapped__()


@pytest.mark.parametrize(
    "file",
    [
        "hearing/evolve.py",
        "regimes/time_limits/hearing.toml",
        "regimes/ranks.toml",
        "calendars/england_and_wales.json",
    ],
)
def test_a_snapshot_is_believed_only_if_law_and_code_are_those_that_folded_it(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = copytree(HERE, tmp_path / "domain")
    before = folded_by(domain, monkeypatch)
    with (domain / file).open("a") as changed:
        changed.write("\n")
    assert folded_by(domain, monkeypatch) != before


def test_what_the_fold_reads_of_the_domain_is_of_these_kinds() -> None:
    """Another kind of file has to be hashed too, unless nothing is folded by it: schemas say what events hold."""
    kinds = {file.suffix for file in HERE.rglob("*") if file.is_file() and "schemas" not in file.parts}
    assert kinds - {".pyc", ".md"} == {".py", ".toml", ".json"}
    assert {file.parent.name for file in HERE.rglob("*.json")} == {"calendars", "schemas"}
