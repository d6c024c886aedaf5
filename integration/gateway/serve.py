"""The process of the gateway: settings, connection, tokens, a socket, the server. Until SIGTERM or SIGINT."""

import asyncio
import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from domain.errors import Unavailable
from integration.bearer import Tokens
from integration.client import Probity
from integration.gateway.app import gateway
from integration.gateway.around import DEVELOPMENT, LOOPBACK
from integration.gateway.feed import Heard
from integration.gateway.limits import RATE, Limits
from integration.listening import listening
from integration.observability.logs import log_as_json
from integration.settings import Settings

__all__ = ["serve"]

CONNECTIONS = 900  # idle ones too; each further one is told 503. A process may often have no more than 1,024 open files
GRACE = 10  # seconds in which what is under way ends; who follows the feed connects again

log = logging.getLogger("probity.gateway")


def serve(host: str, port: int, certificate: Path | None, private_key: Path | None, *, development: bool) -> None:
    """Serve until SIGTERM or SIGINT. Raises `Unavailable` where it cannot start, or may not as it is asked to."""
    settings = Settings.from_environment()
    log_as_json(sys.stderr, settings.log_level)
    if development and not _is_loopback(host):
        raise Unavailable("In development mode the gateway listens on this machine only.")
    if settings.ring is None:
        raise Unavailable("PROBITY_MASTER_KEYS is not set; it names the file of the master keys (docs/run.md).")
    tokens = None if development else Tokens.from_environment(os.environ)
    limits = Limits(os.environ.get("PROBITY_GATEWAY_RATE") or RATE)
    app = gateway(None, tokens, limits, ring=settings.ring, who=settings.who)
    config = _config(app, certificate, private_key)
    with listening(host, port) as listener:
        at = f"http{'s' if certificate else ''}://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        asyncio.run(_serve(settings, app, config, listener, at))


def _config(app: FastAPI, certificate: Path | None = None, private_key: Path | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # or who comes from this machine, as through a proxy on it, says which address they have
        log_config=None,
        lifespan="off",
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE,
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
    )


async def _serve(settings: Settings, app: FastAPI, config: uvicorn.Config, listener: socket.socket, at: str) -> None:
    async with Probity.connect(settings) as probity, app.state.heard.listening(probity):
        await probity.fit("gateway", "probity_gateway", settings.ring)
        app.state.probity = probity
        if app.state.tokens is None:
            log.warning("DEVELOPMENT MODE: %s", DEVELOPMENT.partition(": ")[2])
        print(f"probity gateway ready: {at}", flush=True)
        log.info("ready: version %s at %s, task queue %s", app.version, at, settings.task_queue)
        await _Server(config, app).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends in good order, with code 0, as the worker does; uvicorn by itself ends by the signal that it got."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._heard: Heard = app.state.heard

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear of SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests, and let those under way end: those who follow the feed at once."""
        self._heard.end()
        await super().shutdown(sockets)


def _is_loopback(host: str) -> bool:
    try:
        return host in LOOPBACK or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
