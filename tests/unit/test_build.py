"""Which build a worker is: as the setting says, else the commit of the checkout, else the version of the package."""

import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from domain.errors import Unavailable
from integration.build import build_id
from integration.settings import Settings

DATABASE = {"DATABASE_URL": "postgresql://nowhere"}


def git(folder: Path, *command: str) -> str:
    told = subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t.invalid", *command],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip()


def test_the_setting_prevails(tmp_path: Path) -> None:
    assert build_id({"PROBITY_BUILD_ID": "2026.11"}, tmp_path) == "2026.11"


def test_a_checkout_is_known_by_its_commit_and_says_that_it_was_changed(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "--quiet", "--no-gpg-sign", "-m", "a")
    git(tmp_path, "tag", "v1", "-m", "not asked for")
    commit = git(tmp_path, "rev-parse", "--short=12", "HEAD")
    assert build_id({}, tmp_path) == commit
    (tmp_path / "a").write_text("2")
    changed = build_id({}, tmp_path)
    assert re.fullmatch(rf"{commit}-changed-[0-9a-f]{{8}}", changed)
    (tmp_path / "a").write_text("3")
    assert build_id({}, tmp_path) != changed, "other code is another build"


def test_an_installed_package_is_known_by_its_version(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")  # of somebody else, around the environment it is installed in
    assert build_id({}, tmp_path / "site-packages") == metadata.version("probity")


def test_there_are_no_versions_unless_a_deployment_is_named() -> None:
    assert Settings.from_environment({**DATABASE, "PROBITY_BUILD_ID": "1"}).version is None
    named = Settings.from_environment({**DATABASE, "PROBITY_DEPLOYMENT": "probity", "PROBITY_BUILD_ID": "1"})
    assert named.version is not None
    assert named.version.to_canonical_string() == "probity.1"


@pytest.mark.parametrize(("name", "told"), [("PROBITY_DEPLOYMENT", "a:b"), ("PROBITY_BUILD_ID", "a b")])
def test_a_name_that_temporal_would_refuse_is_refused_at_once(name: str, told: str) -> None:
    with pytest.raises(Unavailable, match=name):
        Settings.from_environment({**DATABASE, "PROBITY_DEPLOYMENT": "probity", "PROBITY_BUILD_ID": "1", name: told})
