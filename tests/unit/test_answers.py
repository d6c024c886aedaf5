"""What Temporal fails with, in our words: an outage is called so, and nothing else is."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Malformed, ProbityError, Unavailable
from integration.answers import reached


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (RPCStatusCode.UNAVAILABLE, Unavailable, r"^Temporal cannot be reached \(unavailable\)\. Send it again\."),
        (RPCStatusCode.INVALID_ARGUMENT, Malformed, r"^Temporal does not take this"),
        (RPCStatusCode.PERMISSION_DENIED, Unavailable, r"^Temporal does not let this login do it"),
        (RPCStatusCode.UNAUTHENTICATED, Unavailable, r"^Temporal does not let this login do it"),
        (RPCStatusCode.RESOURCE_EXHAUSTED, Unavailable, r"^Temporal takes no more for the case just now"),
    ],
)
async def test_what_a_server_refuses_is_not_called_an_outage(
    status: RPCStatusCode, kind: type[ProbityError], told: str
) -> None:
    async def asked() -> None:
        raise RPCError("its own words", status, b"")

    with pytest.raises(kind, match=told) as failed:
        await reached(asked(), "Send it again.")
    assert "its own words" not in str(failed.value)
