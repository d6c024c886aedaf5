"""Serve the gateway: `python -m integration.gateway`; `probity gateway` does the same."""

import sys

import typer

from domain.errors import Unavailable
from integration.serving import gateway

if __name__ == "__main__":
    try:
        typer.run(gateway)
    except Unavailable as away:
        sys.exit(f"{away.code}: {away}")
