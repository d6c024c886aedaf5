"""What the whole record says of itself, for the meter: open cases, overdue duties by rule, how far behind the feed
is, how old the last checkpoint is, and what waits for subscribers of webhooks.

Every worker tells it, so look at the greatest of them and not at their sum.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from temporalio.common import MetricMeter
from temporalio.service import RPCError

from activities import feed, reading
from activities.connection import Pool, writable
from activities.proof import checkpoints
from activities.webhooks import subscribers
from domain.errors import Unavailable

__all__ = ["watch"]

Answers = Callable[[], Awaitable[bool]]
EVERY, PATIENCE = 15.0, 5.0  # seconds
RUNBOOK = "docs/run.md, At three in the morning"
log = logging.getLogger(__name__)


async def watch(pool: Pool, meter: MetricMeter, temporal: Answers, every: float = EVERY) -> None:
    """Tell the gauges until cancelled. A database or a Temporal that is away is told as such, and asked again."""
    rules: set[str] = set()
    subscriptions: set[str] = set()
    away: set[str] = set()
    while True:
        wrong = ""
        try:
            rules |= await _tell(pool, meter, rules)
            subscriptions |= await _tell_webhooks(pool, meter, subscriptions)
            await _tell_checkpoint(pool, meter)
            await writable(pool)  # last: one that only reads tells the gauges above all the same
        except Unavailable as unavailable:
            wrong = unavailable.sentence
        meter.create_gauge("probity_store_up").set(not wrong)
        _say("Postgres", wrong, away)
        answers = await _answers(temporal)
        meter.create_gauge("probity_temporal_up").set(answers)
        _say("Temporal", "" if answers else "It did not answer.", away)
        await asyncio.sleep(every)


def _say(part: str, wrong: str, away: set[str]) -> None:
    """Log each time that a part is away, so that the end of a log shows it, and once that it is back."""
    if wrong:
        away.add(part)
        log.warning("%s is away: %s Cases wait, and go on by themselves once it is back (%s).", part, wrong, RUNBOOK)
    elif part in away:
        away.remove(part)
        log.info("%s answers again: what waited goes on.", part)


async def _answers(temporal: Answers) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await temporal()
    except (TimeoutError, RPCError, RuntimeError):
        return False


async def _tell(pool: Pool, meter: MetricMeter, before: set[str]) -> set[str]:
    """Set the gauges; a rule that was overdue `before` and is not now is told as 0. Returns the rules overdue now."""
    cases, overdue = await reading.gauges(pool)
    held = await feed.held_back(pool)
    meter.create_gauge("probity_open_cases").set(cases)
    meter.create_gauge("probity_feed_held_back_events").set(held.events)
    meter.create_gauge_float("probity_feed_lag_seconds").set(held.seconds)
    for rule in before | set(overdue):
        meter.create_gauge("probity_overdue_deadlines").set(overdue.get(rule, 0), {"rule": rule})
    return set(overdue)


async def _tell_checkpoint(pool: Pool, meter: MetricMeter) -> None:
    if (age := await checkpoints.age(pool)) is not None:
        meter.create_gauge_float("probity_checkpoint_age_seconds").set(max(age, 0.0))


async def _tell_webhooks(pool: Pool, meter: MetricMeter, before: set[str]) -> set[str]:
    """Set the gauges of subscribers; one told of `before` and removed since is told as 0. Returns those there now."""
    now, known = datetime.now(UTC), {each.subscription: each for each in await subscribers.subscribers(pool)}
    for name in before | set(known):
        each, of = known.get(name), {"subscription": name}
        age = (now - each.waiting_since).total_seconds() if each and each.waiting_since else 0.0
        meter.create_gauge("probity_webhooks_waiting").set(each.waiting if each else 0, of)
        meter.create_gauge("probity_webhooks_dead_letters").set(each.dead if each else 0, of)
        meter.create_gauge_float("probity_webhooks_oldest_waiting_seconds").set(max(age, 0.0), of)
    return set(known)
