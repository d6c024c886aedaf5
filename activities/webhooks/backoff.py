"""When a delivery that failed is tried again, when it is given up, and when a whole endpoint is given a rest. Pure.

A delivery that fails lets its case wait, 5 seconds at first and a day at last; after three days it is a dead letter.
When three cases fail in a row the whole endpoint rests, 5 seconds at first and an hour at last, and then one delivery
tries it. A 429, or a 503 that says when to come back, lets it rest as long as it asks, and nothing counts against the
delivery. What was under way when a rest began neither adds another nor, if it is taken, ends it. A 410 disables the
subscriber, and so do five days in which nothing is delivered: nothing is lost, it goes on where it stands once it is
resumed.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

__all__ = ["ATTEMPTS", "DELAYS", "GIVE_UP", "RESTS", "DeliveryState", "Response", "Strain", "after"]

# After each attempt but the last, as Standard Webhooks advises; https://www.standardwebhooks.com, "Retry schedule".
DELAYS = tuple(
    timedelta(**each)
    for each in (
        {"seconds": 5},
        {"minutes": 5},
        {"minutes": 30},
        {"hours": 2},
        {"hours": 5},
        {"hours": 10},
        {"hours": 14},
        {"hours": 20},
        {"hours": 24},
    )
)
ATTEMPTS = len(DELAYS) + 1
RESTS = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 1800, 3600))
GIVE_UP = timedelta(days=5)
LONGEST = timedelta(days=1)  # that an endpoint may put a delivery off
STRIKES = 3
GONE, TOO_MANY, UNAVAILABLE = 410, 429, 503


class Strain(NamedTuple):
    """How the endpoint as a whole fares: the cases that failed since its last success, its rests, since when."""

    struck: tuple[str, ...] = ()
    rests: int = 0
    resting_until: datetime | None = None
    failing_since: datetime | None = None


class Response(NamedTuple):
    """What came of a request: the status, or why there is none; never anything that the receiver wrote."""

    status: int | None
    fault: str | None
    milliseconds: int
    retry_after: timedelta | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


class DeliveryState(NamedTuple):
    """How a delivery stands after a response, and its endpoint.

    `retry_at`: none when it was delivered or is given up; `disabled`: why, if the endpoint is.
    """

    state: str
    attempts: int
    retry_at: datetime | None
    strain: Strain
    disabled: str | None = None


def after(
    response: Response, event: UUID, case: str, attempts: int, strain: Strain, sent: datetime, now: datetime
) -> DeliveryState:
    """What follows the response, now, to a delivery that had failed so often before and was sent at that time."""
    earlier = strain.resting_until is not None and sent < strain.resting_until  # nothing is sent during a rest
    if response.delivered:
        return DeliveryState(
            "delivered", attempts + 1, None, strain._replace(failing_since=now) if earlier else Strain()
        )
    asked = min(response.retry_after or timedelta(), LONGEST)
    put_off = asked if response.status == TOO_MANY or (response.status == UNAVAILABLE and asked) else None
    strained = _longer(strain, put_off, now) if earlier else _strained(strain, case, put_off, now)
    disabled = _disabled(response, strained, now)
    if put_off is not None or disabled:
        return DeliveryState("waiting", attempts, max(strained.resting_until or now, now), strained, disabled)
    if attempts + 1 >= ATTEMPTS:
        return DeliveryState("dead", attempts + 1, None, strained)
    wait = max(_spread(DELAYS[attempts], event, attempts), asked)
    return DeliveryState("waiting", attempts + 1, now + wait, strained)


def _disabled(response: Response, strain: Strain, now: datetime) -> str | None:
    if response.status == GONE:
        return "gone: the endpoint answered 410"
    since = strain.failing_since if strain.rests else None  # one bad event is no silence: it becomes a dead letter
    return "silent: nothing was delivered in five days" if since and now - since >= GIVE_UP else None


def _strained(strain: Strain, case: str, put_off: timedelta | None, now: datetime) -> Strain:
    struck = tuple(dict.fromkeys((*strain.struck, case)))[:STRIKES]
    since = strain.failing_since or now
    if put_off is None and len(struck) < STRIKES:
        return Strain(struck, strain.rests, strain.resting_until, since)
    rest = max(RESTS[min(strain.rests, len(RESTS) - 1)], put_off or timedelta())
    return Strain(struck, strain.rests + 1, now + rest, since)


def _longer(strain: Strain, put_off: timedelta | None, now: datetime) -> Strain:
    """The same rest, or a longer one if that is asked for: several were under way when it began, and fail as one."""
    if not put_off or strain.resting_until is None:
        return strain
    return strain._replace(resting_until=max(strain.resting_until, now + put_off))


def _spread(delay: timedelta, event: UUID, attempts: int) -> timedelta:
    """Up to a tenth longer, by the event: what failed together does not come back together."""
    drawn = sha256(event.bytes + bytes([attempts])).digest()[0] / 255
    return delay * (1 + drawn / 10)
