"""Answers: JSON with an ETag, and nothing at all to whoever has the same already."""

import re
from hashlib import sha256
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from pydantic_core import to_json

from domain.errors import Malformed

__all__ = ["etag", "expected_version", "told"]

VERSION = re.compile(r'"(\d{1,15})"')


def told(request: Request, answer: Any, tag: str | None = None, status: int = 200) -> Response:
    """An answer under this ETag, or under one made of the answer itself."""
    body = to_json(answer)
    tag = tag or f'"{sha256(body).hexdigest()[:32]}"'
    # Kept by whoever asked, and asked for again each time: what one caller may see another may not.
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Probity-Purpose"}
    if request.method == "GET" and _has(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, "application/json")


def _has(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in known.split(",")}


def etag(version: int) -> str:
    """The ETag of a case: its version."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """The version that an act is meant for, by `If-Match`. Refuses what is no ETag of a case."""
    if if_match is None or if_match.strip() == "*":
        return None
    if not (found := VERSION.fullmatch(if_match.strip())):
        raise Malformed('If-Match has to be the ETag of the case: its version in quotes, as "7".')
    return int(found[1])
