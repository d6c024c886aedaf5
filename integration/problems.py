"""Problems: every way in which the gateway and the codec server say no, as RFC 9457 has it.

The `code` is stable, and so is the status that goes with it: callers branch on the one or the other. `detail` is one
sentence for people, without personal data; `citation` says on which provision a refusal rests, with the mark that says
how that was verified, and `lawful` which commands the same actor may give instead.
"""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from activities.feed import Beyond
from domain.errors import REFUSALS, ProbityError, Refused, Unavailable
from domain.faults import said
from domain.messages import Model
from integration.bearer import NotAuthentic

__all__ = ["HANDLERS", "MEDIA_TYPE", "STATUS", "TITLES", "Problem", "Stopped", "answer", "problem_of"]

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[str, int] = {
    "malformed": 400,
    "not_authentic": 401,
    "not_permitted": 403,
    "conflict_of_interest": 403,
    "unknown_case": 404,
    "not_found": 404,
    "not_allowed": 405,
    "too_slow": 408,
    "duplicate_reference": 409,
    "wrong_stage": 409,
    "out_of_order": 409,
    "already_done": 409,
    "stale": 412,
    "too_large": 413,
    "unsupported_media_type": 415,
    "misdirected": 421,
    "unlawful": 422,
    "too_many": 429,
    "fault": 500,
    "unavailable": 503,
    "unreadable": 503,
}
OURS = {
    "not_authentic": "There is no bearer token, or it does not hold",
    "not_allowed": "This cannot be done here",
    "too_slow": "The request took too long to arrive",
    "too_large": "The request is too large",
    "unsupported_media_type": "The body is not of a type that is read here",
    "misdirected": "The request was meant for another host",
    "too_many": "Too many requests in too short a time",
    "fault": "The gateway failed",
    "unavailable": "A part of the engine cannot be reached",
    "unreadable": "The record holds an event that this release cannot read",
}
TITLES = OURS | {code: (kind.__doc__ or code).partition(".")[0] for code, kind in REFUSALS.items()}
TITLES["not_permitted"] = "This role, or the bearer of this token, may not do this"
TITLES["not_found"] = "There is no such officer, party, deadline, hearing or address"
MARKS = re.compile(r"\[([^\]]+)\]")
RETRY_SECONDS = 5  # of what is away: long enough to be spared, short enough to be tried within a caller's patience


class Problem(Model):
    """Why a request was not served; nothing of it was recorded, or it was recorded before and may be sent again."""

    type: str = Field(description="`urn:probity:` and the code.")
    title: str = Field(description="What kind of problem it is; the same for every problem of its type.")
    status: int
    code: str = Field(description="Stable: branch on it.")
    detail: str = Field(description="What was wrong here, in one sentence.")
    instance: str | None = Field(default=None, description="This very request, as the log of the gateway names it.")
    citation: str | None = Field(default=None, description="The provision that it rests on, with its mark in brackets.")
    marks: tuple[str, ...] = Field(default=(), description="How that was verified: V, V-frag, V~, or M: from memory.")
    lawful: tuple[str, ...] = Field(default=(), description="Commands that the same actor may give now.")


class Stopped(Exception):
    """A request that is not served, for a reason of HTTP and not of the law."""

    def __init__(self, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.code, self.headers = code, dict(headers or {})


def problem_of(why: Exception) -> tuple[Problem, dict[str, str]]:
    """The problem that an error stands for, and the headers that go with it."""
    code, sentence, headers = _told(why)
    more: dict[str, Any] = {}
    if isinstance(why, Refused):
        more = {"citation": why.citation, "marks": tuple(MARKS.findall(why.citation or "")), "lawful": why.lawful}
        sentence = why.sentence
    type, status = f"urn:probity:{code}", STATUS[code]
    return Problem(type=type, title=TITLES[code], status=status, code=code, detail=sentence, **more), headers


def _told(why: Exception) -> tuple[str, str, dict[str, str]]:
    match why:
        case Stopped():
            return why.code, str(why), why.headers
        case NotAuthentic():
            return "not_authentic", str(why), {"WWW-Authenticate": 'Bearer realm="probity"'}
        case Beyond():  # nothing to ask again for
            return why.code, why.sentence, {}
        case Unavailable():
            return why.code, why.sentence, {"Retry-After": str(RETRY_SECONDS)}
        case ProbityError() if why.code in STATUS:
            return why.code, why.sentence, {}
        case RequestValidationError():
            return "malformed", _faults(why), {}
        case HTTPException():
            code = {404: "not_found", 405: "not_allowed", 413: "too_large"}.get(why.status_code, "malformed")
            told = {"not_found": "There is nothing at this address.", "not_allowed": "That method is not served here."}
            return code, told.get(code, f"{TITLES[code]}."), _allowed(dict(why.headers or {}))
    return "fault", f"The gateway failed ({type(why).__name__}); what was asked may be sent again as it was.", {}


def _allowed(headers: dict[str, str]) -> dict[str, str]:
    """The headers, with HEAD allowed beside GET (head.py), of which the routes do not know."""
    return {**headers, "Allow": "GET, HEAD"} if headers.get("Allow") == "GET" else headers


def _faults(wrong: RequestValidationError) -> str:
    """Which parameters are wrong and how; of what they held nothing is repeated, it may be personal."""
    found = wrong.errors()
    told = dict.fromkeys(f"{each['loc'][-1]}: {said(each['type'], each['msg'], each.get('ctx', {}))}" for each in found)
    return "; ".join(list(told)[:5]) + "."


async def answer(request: Request, why: Exception) -> Response:
    """The answer to a request that is not served."""
    problem, headers = problem_of(why)
    request.state.code = problem.code
    told: dict[str, Any] = problem.model_dump(mode="json", exclude_defaults=True)
    if named := getattr(request.state, "id", None):
        told["instance"] = f"urn:uuid:{named}"
    return JSONResponse(told, problem.status, headers=headers, media_type=MEDIA_TYPE)


HANDLERS: dict[int | type[Exception], Any] = dict.fromkeys(
    (Stopped, NotAuthentic, ProbityError, RequestValidationError, HTTPException), answer
)
