"""What the workflow of a subscriber and the activities that deliver say to each other. No secret, address or text."""

from pydantic import AwareDatetime

from domain.messages import Kept

__all__ = ["Change", "Replay", "SubscriberStanding", "Trial", "Tried", "Turn"]


class Turn(Kept):
    """Deliver what there is to a subscriber, for some seconds at most. `now`: when asked, by the workflow's clock."""

    subscription: str
    now: AwareDatetime


class SubscriberStanding(Kept):
    """How a subscriber stands. `more`: there is more in the feed; `retry_at`: when the next case is due."""

    state: str = "active"
    because: str | None = None
    waiting: int = 0
    cases: int = 0
    dead: int = 0
    more: bool = False
    retry_at: AwareDatetime | None = None
    resting_until: AwareDatetime | None = None
    last_delivered: AwareDatetime | None = None

    @property
    def wake(self) -> AwareDatetime | None:
        """When there is something to do that nobody will tell of; none, when there is not."""
        if self.state != "active" or self.retry_at is None:
            return None
        return max(self.retry_at, self.resting_until or self.retry_at)


class Change(Kept):
    """Pause a subscriber, or make it active again."""

    subscription: str
    state: str
    now: AwareDatetime
    because: str | None = None


class Replay(Kept):
    """Deliver dead letters after all: this one, or all of them."""

    subscription: str
    now: AwareDatetime
    event: str | None = None


class Trial(Kept):
    """Send a test, under this id."""

    subscription: str
    id: str


class Tried(Kept):
    """What came of a test."""

    id: str
    delivered: bool
    status: int | None = None
    fault: str | None = None
    milliseconds: int = 0
