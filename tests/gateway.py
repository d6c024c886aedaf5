"""What tests of the gateway share: headers of callers, a problem read, a case that was referred, a server on a port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from tests.engine import reference, referral
from tests.issuer import token

__all__ = ["EVERY_DAY", "authority", "bearing", "intake", "problem", "referred", "served"]

EVERY_DAY = "cases:read cases:text act:intake"


def bearing(subject: str, scope: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(sub=subject, scope=scope)}", **more}


def intake(key: str = "", **more: str) -> dict[str, str]:
    return bearing("intake-1", EVERY_DAY, **{"Idempotency-Key": key or str(uuid4()), **more})


def authority(key: str = "", scope: str = "cases:read act:appropriate_authority", **more: str) -> dict[str, str]:
    return bearing("appropriate_authority-1", scope, **{"Idempotency-Key": key or str(uuid4()), **more})


def problem(response: Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["type"] == f"urn:probity:{told['code']}" and told["status"] == response.status_code
    return response.status_code, told["code"]


async def referred(http: AsyncClient, **more: Any) -> str:
    """A case that intake referred."""
    ref = reference()
    response = await http.post("/cases", json={**referral(ref), **more}, headers=intake())
    assert response.status_code == 201, response.text
    return ref


@asynccontextmanager
async def served(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """The gateway on a port of this machine, a free one unless it is said; its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    with socket.create_server(("127.0.0.1", port)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
