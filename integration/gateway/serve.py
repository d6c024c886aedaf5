"""The process of the gateway: settings, connection, tokens, a socket, the server. Until SIGTERM or SIGINT."""

import asyncio
import ipaddress
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from domain.errors import Unavailable
from integration.bearer import Tokens
from integration.client import Probity
from integration.gateway.app import gateway
from integration.gateway.around import DEVELOPMENT, LOOPBACK
from integration.gateway.limits import RATE, Limits
from integration.logs import log_as_json
from integration.settings import Settings

__all__ = ["main", "serve"]

AT_ONCE = 200  # requests; each further one is answered with 503
GRACE = 10  # seconds in which what is under way ends; who follows the feed connects again

log = logging.getLogger("probity.gateway")


def serve(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: one that the system chooses.")] = 0,
    certificate: Annotated[Path | None, typer.Option(help="To serve HTTPS: the certificate (PEM).")] = None,
    private_key: Annotated[Path | None, typer.Option(help="And its key (PEM).")] = None,
    development: Annotated[
        bool, typer.Option(help="Ask for no token: anyone who reaches this may do everything. On this machine only.")
    ] = False,
) -> None:
    """Serve the gateway: cases over HTTP, until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    log_as_json(sys.stderr, settings.log_level)
    if development and not _is_loopback(host):
        raise Unavailable("In development mode the gateway listens on this machine only.")
    if settings.ring is None:
        raise Unavailable("PROBITY_MASTER_KEYS is not set; it names the file of the master keys (docs/run.md).")
    tokens = None if development else Tokens.from_environment(os.environ)
    limits = Limits(os.environ.get("PROBITY_GATEWAY_RATE") or RATE)
    app = gateway(None, tokens, limits, ring=settings.ring, who=settings.who)
    config = uvicorn.Config(
        app,
        access_log=False,
        server_header=False,
        log_config=None,
        lifespan="off",
        limit_concurrency=AT_ONCE,
        timeout_graceful_shutdown=GRACE,
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
    )
    with _listening(host, port) as listener:
        at = f"http{'s' if certificate else ''}://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        asyncio.run(_serve(settings, app, config, listener, at))


async def _serve(settings: Settings, app: FastAPI, config: uvicorn.Config, listener: socket.socket, at: str) -> None:
    async with Probity.connect(settings) as probity, app.state.heard.listening(probity):
        app.state.probity = probity
        if app.state.tokens is None:
            log.warning("DEVELOPMENT MODE: %s", DEVELOPMENT.partition(": ")[2])
            print(f"PROBITY GATEWAY IN {DEVELOPMENT.upper()}", file=sys.stderr, flush=True)
        print(f"probity gateway ready: {at}", flush=True)
        await uvicorn.Server(config).serve(sockets=[listener])


def _is_loopback(host: str) -> bool:
    try:
        return host in LOOPBACK or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as taken:
        raise Unavailable(f"Cannot listen on {host}:{port}: {(taken.strerror or 'refused').lower()}.") from None


def main() -> None:
    """As a module of its own."""
    try:
        typer.run(serve)
    except Unavailable as away:
        sys.exit(f"{away.code}: {away}")
