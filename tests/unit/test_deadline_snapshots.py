"""The due dates of ten years are those that were reviewed: a change of law, calendar or code shows as a diff."""

import pytest

from tests.deadline_snapshots import FOLDER, dated, snapshot

REWRITE = "if the change is meant, run `make snapshots` and review the diff"


@pytest.mark.parametrize("rule", dated())
def test_the_due_dates_are_those_that_were_reviewed(rule: str) -> None:
    path = FOLDER / f"{rule}.txt"
    assert path.is_file(), f"{rule} has no snapshot: {REWRITE}"
    was, now = path.read_text("utf-8").splitlines(), snapshot(dated()[rule]).splitlines()
    differs = [f"- {old}\n+ {new}" for old, new in zip(was, now, strict=True) if old != new]
    assert not differs, f"{rule}: {len(differs)} lines differ; {REWRITE}. The first:\n{differs[0]}"


def test_no_snapshot_is_left_of_a_rule_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(dated()), REWRITE
