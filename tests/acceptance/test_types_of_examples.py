"""The examples in TypeScript and JavaScript as their compiler sees them: Node itself runs them and looks at no type."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGES = ("typescript", "webhooks")


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_the_compiler_finds_nothing_wrong_with_them(tmp_path: Path) -> None:
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("node_modules")
        shutil.copytree(EXAMPLES / package, tmp_path / package, ignore=ignored)
        fetched = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=tmp_path / package)
        assert fetched.returncode == 0, fetched.stderr
    for package in PACKAGES:
        checked = run("node", "../typescript/node_modules/typescript/bin/tsc", "-p", ".", folder=tmp_path / package)
        assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize("package", PACKAGES)
def test_what_they_need_is_pinned_and_names_no_host(package: str) -> None:
    named = json.loads((EXAMPLES / package / "package.json").read_text("utf-8"))
    needed = {**named["dependencies"], **named.get("devDependencies", {})}
    lock = json.loads((EXAMPLES / package / "package-lock.json").read_text("utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in needed.values()), needed
    locked = {path.removeprefix("node_modules/"): each for path, each in lock["packages"].items() if path}
    assert {name: locked[name]["version"] for name in needed} == needed
    assert all(each["integrity"] and "resolved" not in each for each in locked.values())
    assert "://" not in json.dumps({name: {**each, "funding": None} for name, each in locked.items()})
