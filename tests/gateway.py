"""What tests of the gateway share: the headers of callers, a problem read, a case that was referred."""

from typing import Any
from uuid import uuid4

from httpx2 import AsyncClient, Response

from tests.engine import reference, referral
from tests.issuer import token

__all__ = ["EVERY_DAY", "authority", "bearing", "intake", "problem", "referred"]

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
