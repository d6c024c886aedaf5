"""The verb that serves the gateway: `probity gateway`, or `python -m integration.gateway`."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["gateway"]


def gateway(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: one that the system chooses.", min=0, max=65535)] = 0,
    certificate: Annotated[Path | None, typer.Option(help="To serve HTTPS: the certificate (PEM).")] = None,
    private_key: Annotated[Path | None, typer.Option(help="And its key (PEM).")] = None,
    development: Annotated[
        bool, typer.Option("--development", help="Ask for no token: anyone may do everything. On this machine only.")
    ] = False,
) -> None:
    """Serve cases over HTTP, until SIGTERM or SIGINT (docs/gateway.md)."""
    from integration.gateway.serve import serve  # here, since no other verb is to wait the second that it takes

    serve(host, port, certificate, private_key, development=development)
