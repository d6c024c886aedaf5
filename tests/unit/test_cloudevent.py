"""Signatures as receivers check them, whatever the zone of the clock; what the body holds is tested with the SDK."""

from datetime import datetime, timedelta, timezone
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from activities.webhooks import cloudevent

SECRETS = [bytes(range(32)), bytes(range(1, 33))]
BODY = '{"data": "é"}'.encode()


@pytest.mark.parametrize("zone", [ZoneInfo("Europe/London"), ZoneInfo("UTC"), timezone(timedelta(hours=-9))])
def test_a_signature_holds_in_every_zone(zone: ZoneInfo | timezone) -> None:
    """The library signs the wall clock of a moment as if it were UTC: an hour off in a British summer."""
    headers = cloudevent.headers(uuid4(), datetime.now(zone), BODY, SECRETS[:1])
    Webhook(SECRETS[0]).verify(BODY, headers)


def test_the_moment_of_a_summer_s_day_is_signed_as_it_is_told() -> None:
    summer = datetime(2026, 7, 1, 12, 0, 0, 900_000, tzinfo=ZoneInfo("Europe/London"))
    headers = cloudevent.headers(uuid4(), summer, BODY, SECRETS[:1])
    assert headers["webhook-timestamp"] == str(int(summer.timestamp()))
    utc = datetime.fromtimestamp(int(summer.timestamp()), ZoneInfo("UTC"))
    assert headers["webhook-signature"] == Webhook(SECRETS[0]).sign(headers["webhook-id"], utc, BODY.decode())


def test_while_a_secret_is_changed_both_sign() -> None:
    headers = cloudevent.headers(uuid4(), datetime.now(ZoneInfo("UTC")), BODY, SECRETS)
    for secret in SECRETS:
        Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(bytes(32)).verify(BODY, headers)
