"""When a webhook is tried again, and when not: the schedule as the pure function that it is."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from activities.webhooks.backoff import ATTEMPTS, DELAYS, GIVE_UP, RESTS, DeliveryState, Response, Strain, after

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
EVENT = UUID(int=7)


def answered(status: int | None, retry_after: float | None = None, fault: str | None = None) -> Response:
    return Response(status, fault, 5, None if retry_after is None else timedelta(seconds=retry_after))


def follows(
    answer: Response, attempts: int = 0, strain: Strain | None = None, case: str = "X-1", *, at: datetime = NOW
) -> DeliveryState:
    """What follows an answer that came at once."""
    return after(answer, EVENT, case, attempts, strain or Strain(), at, at)


def fold(answers: dict[str, Response], sent: datetime) -> Strain:
    """How the endpoint fares once these cases, all sent at that time, were answered a millisecond after each other."""
    strain = Strain()
    for number, (case, answer) in enumerate(answers.items(), 1):
        strain = after(answer, EVENT, case, 0, strain, sent, sent + timedelta(milliseconds=number)).strain
    return strain


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_will_do_and_ends_all_strain(status: int) -> None:
    strained = Strain(("X-1", "X-2", "X-3"), 4, NOW, NOW)
    assert follows(answered(status), 3, strained) == DeliveryState("delivered", 4, None, Strain())


@pytest.mark.parametrize("status", [None, 100, 301, 302, 307, 308, 400, 401, 404, 500, 502, 504])
def test_anything_else_is_tried_again_over_days_and_then_given_up(status: int | None) -> None:
    waits = []
    for attempts in range(ATTEMPTS - 1):
        found = follows(answered(status), attempts)
        assert (found.state, found.attempts, found.disabled) == ("waiting", attempts + 1, None)
        assert found.retry_at is not None
        waits.append(found.retry_at - NOW)
    assert all(delay <= wait <= delay * 1.1 for delay, wait in zip(DELAYS, waits, strict=True))
    assert timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=4)
    assert follows(answered(status), ATTEMPTS - 1)[:3] == ("dead", ATTEMPTS, None)


def test_what_failed_together_does_not_come_back_together() -> None:
    found = {after(answered(500), uuid4(), "X-1", 5, Strain(), NOW, NOW).retry_at for _ in range(50)}
    assert len(found) > 20


def test_three_cases_in_a_row_give_the_endpoint_a_rest_and_one_case_does_not() -> None:
    strain = Strain()
    for _ in range(5):
        strain = follows(answered(500), 0, strain, "X-1").strain
    assert (strain.rests, strain.resting_until, strain.failing_since) == (0, None, NOW)
    strain = follows(answered(500), 0, strain, "X-2").strain
    assert strain.rests == 0
    rests, now = [], NOW
    for _ in range(8):  # each tried once the rest before it is over
        strain = follows(answered(500), 0, strain, "X-3", at=now).strain
        assert strain.resting_until is not None
        rests.append(strain.resting_until - now)
        now = strain.resting_until
    assert rests == [*RESTS, RESTS[-1], RESTS[-1]]


@pytest.mark.parametrize(
    ("status", "retry_after", "until"),
    [(500, None, timedelta(milliseconds=3) + RESTS[0]), (429, 1, timedelta(milliseconds=1) + RESTS[0])],
)
def test_eight_that_fail_together_give_it_one_rest(status: int, retry_after: float | None, until: timedelta) -> None:
    strain = fold({f"X-{number}": answered(status, retry_after) for number in range(8)}, NOW)
    assert (strain.rests, strain.resting_until) == (1, NOW + until)
    late = follows(answered(status, retry_after), 0, strain, "X-9", at=NOW + until)
    assert late.strain.rests == 2  # what was sent once the rest was over is another matter


def test_a_failure_that_was_under_way_when_the_rest_began_adds_none_though_it_comes_after_it() -> None:
    strain = Strain(("X-1", "X-2", "X-3"), 1, NOW + RESTS[0], NOW)
    for answer in (answered(None, fault="timeout"), answered(429)):
        assert after(answer, EVENT, "X-4", 0, strain, NOW, NOW + timedelta(seconds=15)).strain == strain


def test_whoever_of_those_under_way_asks_for_the_longest_rest_gets_it() -> None:
    asked = fold({f"X-{seconds}": answered(429, seconds) for seconds in (10, 60, 20)}, NOW)
    assert (asked.rests, asked.resting_until) == (1, NOW + timedelta(seconds=60, milliseconds=2))


def test_a_success_ends_a_rest_only_if_it_was_sent_after_the_rest_began() -> None:
    strain = fold({"X-1": answered(429, 60), "X-2": answered(204)}, NOW)
    until = NOW + timedelta(seconds=60, milliseconds=1)
    assert (strain.rests, strain.resting_until) == (1, until)
    assert strain.failing_since == NOW + timedelta(milliseconds=2)  # and yet something was delivered then
    assert follows(answered(204), 0, strain, at=until).strain == Strain()


@pytest.mark.parametrize(("status", "retry_after"), [(429, None), (429, 120), (503, 120)])
def test_an_endpoint_that_puts_off_rests_and_nothing_counts_against_the_event(
    status: int, retry_after: float | None
) -> None:
    found = follows(answered(status, retry_after), ATTEMPTS - 1)
    assert (found.state, found.attempts, found.strain.rests) == ("waiting", ATTEMPTS - 1, 1)
    assert found.retry_at == found.strain.resting_until == NOW + timedelta(seconds=retry_after or 5)


def test_a_503_that_does_not_say_when_is_a_failure_like_another() -> None:
    assert follows(answered(503))[:2] == ("waiting", 1)
    assert follows(answered(503)).strain.rests == 0


def test_retry_after_makes_a_wait_longer_and_never_shorter_nor_endless() -> None:
    assert follows(answered(500, 3600)).retry_at == NOW + timedelta(hours=1)
    shorter = follows(answered(500, 1), 5).retry_at
    assert shorter is not None and shorter >= NOW + DELAYS[5]
    for status in (429, 500):
        assert follows(answered(status, 10**9)).retry_at == NOW + timedelta(days=1)


def test_gone_disables_at_once_and_silence_after_days() -> None:
    assert (follows(answered(410)).disabled or "").startswith("gone")
    assert follows(answered(410))[:2] == ("waiting", 0)
    strained = Strain(("X-1", "X-2", "X-3"), 9, NOW, NOW - GIVE_UP)
    assert (follows(answered(None, fault="timeout"), 0, strained).disabled or "").startswith("silent")
    assert follows(answered(500), 0, strained._replace(failing_since=NOW - GIVE_UP / 2)).disabled is None
    assert follows(answered(500), 0, strained._replace(struck=(), rests=0)).disabled is None  # one event is no silence
