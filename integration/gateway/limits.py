"""Limits: how large a request may be, what its body has to be, how often one caller may ask."""

import math
import time
from typing import Any

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from activities.bodies import MAX_BODY
from domain.errors import Malformed, Unavailable
from integration.arriving import body_of
from integration.problems import Stopped
from integration.strict_json import json_from

__all__ = ["LARGEST", "RATE", "Limits", "json_body"]

LARGEST = 2 * MAX_BODY  # bytes of a body as it is sent: the record takes half of it, written without blanks
SLOWEST = 10.0  # seconds that a body may take to arrive: until then it is one of the requests that are served at once
RATE = "600/minute"  # of one caller
FAILURES = "30/minute"  # of tokens that do not hold, from one address


class Limits:
    """How often a caller may ask, counted in this process alone: two gateways let through twice as much."""

    def __init__(self, rate: str = RATE, failures: str = FAILURES) -> None:
        self._rate, self._failures = _parsed(rate), _parsed(failures)
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def count(self, subject: str) -> None:
        """Count a request of this caller. Refuses one too many."""
        if not self._windows.hit(self._rate, "subject", subject):
            raise self._too_many(self._rate, "subject", subject)

    def failed(self, host: str) -> None:
        """Count a token that did not hold."""
        self._windows.hit(self._failures, "failed", host)

    def check_failures(self, host: str) -> None:
        """Refuse an address from which too many tokens came that did not hold."""
        if not self._windows.test(self._failures, "failed", host):
            raise self._too_many(self._failures, "failed", host)

    def _too_many(self, rate: RateLimitItem, *whose: str) -> Stopped:
        again = self._windows.get_window_stats(rate, *whose).reset_time - time.time()
        return Stopped("too_many", f"More than {rate} are not served.", {"Retry-After": str(max(1, math.ceil(again)))})


def _parsed(rate: str) -> RateLimitItem:
    try:
        return parse(rate)
    except ValueError:
        raise Unavailable("PROBITY_GATEWAY_RATE is written as a number and a span: 600/minute.") from None


async def json_body(request: Request) -> dict[str, Any]:
    """The body, which is a JSON object of our own types. It is read by us, so that no refusal echoes what it holds."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Stopped("unsupported_media_type", "The body has to be application/json.", {"Accept": "application/json"})
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        told = {"Accept-Encoding": "identity"}
        raise Stopped("unsupported_media_type", "A body that is compressed is not read.", told)
    told = json_from(await body_of(request, LARGEST, SLOWEST), "The body")
    if not isinstance(told, dict):
        raise Malformed("The body has to be a JSON object.")
    return told
