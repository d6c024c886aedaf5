"""Settings, all from the environment: `DATABASE_URL` and the standard `TEMPORAL_*` of every Temporal SDK.

`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`, `TEMPORAL_PROFILE` and
`TEMPORAL_CONFIG_FILE` are read by the SDK's own loader, with its defaults.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from temporalio.common import WorkerDeploymentVersion
from temporalio.envconfig import ClientConfig, ClientConnectConfig

from activities.text.reads import LONGEST_PURPOSE, Reader
from activities.text.sealing import Ring
from domain.errors import Malformed, Unavailable
from domain.messages import Actor, read
from integration.build import build_id
from integration.codec import PayloadKeys
from integration.suggest import who

__all__ = ["VARIABLES", "Settings", "log_level", "reader", "ui_url"]

# Each that a part of the engine reads, not all of them here: compose.yaml sets no other (tests/unit/test_compose.py).
VARIABLES = (
    "DATABASE_URL",
    "TEMPORAL_ADDRESS",
    "TEMPORAL_NAMESPACE",
    "PROBITY_TASK_QUEUE",
    "PROBITY_CACHED_CASES",
    "PROBITY_PROCESSES",
    "PROBITY_DEPLOYMENT",
    "PROBITY_BUILD_ID",
    "PROBITY_PAYLOAD_KEYS",
    "PROBITY_SIGNING_KEY",
    "PROBITY_CHECKPOINT_MINUTES",
    "PROBITY_WITNESS",
    "PROBITY_METRICS_ADDRESS",
    "PROBITY_HEALTH_ADDRESS",
    "PROBITY_LOG_LEVEL",
    "PROBITY_MASTER_KEYS",
    "PROBITY_WEBHOOKS_DEVELOPMENT",
    "PROBITY_READER",
    "PROBITY_PURPOSE",
    "PROBITY_JWKS_URL",
    "PROBITY_ISSUER",
    "PROBITY_AUDIENCE",
    "PROBITY_GATEWAY_RATE",
    "PROBITY_RETENTION",
    "PROBITY_NEXUS",
)

DEPLOYMENT, BUILD = re.compile(r"[A-Za-z0-9_-]{1,100}"), re.compile(r"[A-Za-z0-9._+-]{1,100}")
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
MOST_PROCESSES, HIGHEST_PORT = 64, 65535
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Settings:
    """What a worker or a client needs to know of its surroundings."""

    database_url: str
    temporal: ClientConnectConfig
    task_queue: str = "probity"
    cached_cases: int = 1000
    signing_key: Path | None = None
    payload_keys: PayloadKeys | None = None
    checkpoint_minutes: int = 60
    metrics_address: str = "127.0.0.1:0"
    health_address: str = "127.0.0.1:0"
    log_level: str = "INFO"
    ring: Ring | None = None
    webhooks_development: bool = False
    who: Actor | None = None
    purpose: str | None = None
    retention: Path | None = None
    version: WorkerDeploymentVersion | None = None
    nexus: bool = False
    processes: int = 1
    witness: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings. Raises `Unavailable` naming the variable that is missing or wrong."""
        env = os.environ if environment is None else environment
        if not env.get("DATABASE_URL"):
            raise Unavailable(
                "DATABASE_URL is not set; it names the Postgres database that holds the record "
                "(while `make up` runs: `. .probity/env`)."
            )
        ui_url(env.get("PROBITY_UI_URL", ""))
        payloads, masters = _path(env, "PROBITY_PAYLOAD_KEYS"), _path(env, "PROBITY_MASTER_KEYS")
        return cls(
            database_url=env["DATABASE_URL"],
            temporal=_temporal(env),
            task_queue=env.get("PROBITY_TASK_QUEUE", cls.task_queue),
            cached_cases=_number(env, "PROBITY_CACHED_CASES", cls.cached_cases),
            signing_key=_path(env, "PROBITY_SIGNING_KEY"),
            payload_keys=PayloadKeys.of_file(payloads) if payloads else None,
            checkpoint_minutes=_number(env, "PROBITY_CHECKPOINT_MINUTES", cls.checkpoint_minutes, least=1),
            metrics_address=_address(env, "PROBITY_METRICS_ADDRESS", cls.metrics_address),
            health_address=_address(env, "PROBITY_HEALTH_ADDRESS", cls.health_address),
            log_level=log_level(env),
            ring=Ring.of_file(masters) if masters else None,
            webhooks_development=_switched_on(env, "PROBITY_WEBHOOKS_DEVELOPMENT"),
            who=reader(env.get("PROBITY_READER")),
            purpose=_purpose(env),
            retention=_path(env, "PROBITY_RETENTION"),
            version=_version(env),
            nexus=_switched_on(env, "PROBITY_NEXUS"),
            processes=_processes(env),
            witness=_path(env, "PROBITY_WITNESS"),
        )

    @property
    def reader(self) -> Reader | None:
        """Who reads free text, and why; None when either is not said, or there are no master keys."""
        return Reader(self.who, self.purpose, self.ring) if self.who and self.purpose and self.ring else None

    @property
    def temporal_address(self) -> str:
        """Where Temporal is, for messages."""
        return self.temporal.get("target_host", "localhost:7233")


def _temporal(env: Mapping[str, str]) -> ClientConnectConfig:
    try:
        temporal = ClientConfig.load_client_connect_config(override_env_vars=dict(env))
    except (ValueError, RuntimeError, OSError) as wrong:
        raise Unavailable(f"The settings TEMPORAL_* cannot be read: {str(wrong).rstrip('.')}.") from None
    temporal.setdefault("target_host", "localhost:7233")
    return temporal


def log_level(env: Mapping[str, str]) -> str:
    """From which level on a process logs. Raises `Unavailable`."""
    level = env.get("PROBITY_LOG_LEVEL", Settings.log_level).upper()
    if level not in LEVELS:
        raise Unavailable(f"PROBITY_LOG_LEVEL is one of {', '.join(LEVELS)}.")
    return level


def ui_url(told: str) -> str:
    """Where the Temporal UI is, for links; nothing where that is not said. Raises `Unavailable`."""
    if told and not WEB_ADDRESS.fullmatch(told):
        raise Unavailable("PROBITY_UI_URL (or --ui) is the address of the Temporal UI, as https://ui.example:8080.")
    return told


def _address(env: Mapping[str, str], name: str, usual: str) -> str:
    told = env.get(name, usual)
    host, _, port = told.rpartition(":")
    if not host or not port.isdecimal() or int(port) > HIGHEST_PORT:
        raise Unavailable(f"{name} is an address, as host:port with a port up to {HIGHEST_PORT}.")
    return told


def _purpose(env: Mapping[str, str]) -> str | None:
    purpose = env.get("PROBITY_PURPOSE", "").strip()
    if len(purpose) > LONGEST_PURPOSE:
        raise Unavailable(f"PROBITY_PURPOSE is longer than {LONGEST_PURPOSE} characters.")
    return purpose or None  # what says nothing is no purpose


def _number(env: Mapping[str, str], name: str, usual: int, least: int = 0) -> int:
    told = env.get(name, str(usual))
    if not told.isdecimal() or int(told) < least:
        raise Unavailable(f"{name} is a whole number, {least} or more.")
    return int(told)


def _processes(env: Mapping[str, str]) -> int:
    told = env.get("PROBITY_PROCESSES", "1")
    if not told.isdecimal() or not 1 <= int(told) <= MOST_PROCESSES:
        raise Unavailable(f"PROBITY_PROCESSES is a number from 1 to {MOST_PROCESSES}.")
    return int(told)


def _version(env: Mapping[str, str]) -> WorkerDeploymentVersion | None:
    """The version of the worker that cases are pinned to; none unless a deployment is named."""
    deployment = env.get("PROBITY_DEPLOYMENT")
    if not deployment:
        return None
    build = build_id(env)
    if not DEPLOYMENT.fullmatch(deployment):
        raise Unavailable("PROBITY_DEPLOYMENT is made of letters, digits, _ and -, at most 100 of them.")
    if not BUILD.fullmatch(build):
        raise Unavailable("PROBITY_BUILD_ID is made of letters, digits and the signs . _ + -, at most 100 of them.")
    return WorkerDeploymentVersion(deployment, build)


def _switched_on(env: Mapping[str, str], name: str) -> bool:
    if env.get(name, "off") not in ("on", "off"):
        raise Unavailable(f"{name} is either on or off.")
    return env.get(name) == "on"


def _path(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None


def reader(told: str | None) -> Actor | None:
    """Who reads, as role:id. Raises `Unavailable`."""
    try:
        return read(Actor, who(told), "PROBITY_READER") if told else None
    except (ValueError, Malformed) as wrong:
        said = str(wrong).removeprefix("PROBITY_READER: ").rstrip(".")
        raise Unavailable(f"PROBITY_READER cannot be read: {said}.") from None
