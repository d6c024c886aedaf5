"""One HTTP request to a stranger: to the very address that was checked, no redirect, bounded in time and size.

The name is resolved once, every address it has is checked, and the connection is made to one of these; TLS and `Host`
still name the host. A second look-up between check and connection, which DNS rebinding needs, does not happen.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from time import perf_counter
from typing import Any

import httpcore2
import httpx2

from activities.webhooks.addresses import check_url, permitted
from activities.webhooks.backoff import Response
from domain.errors import Malformed

__all__ = ["Outbound", "resolve"]

CONNECT_SECONDS, SECONDS = 5.0, 15.0  # 15 s for a receiver's answer is what Standard Webhooks asks of senders
ANSWER_BYTES = 16_384  # read and dropped: only so that the connection can be used again
KEPT, KEPT_OPEN = 40, 30.0  # connections; seconds

Resolver = Callable[[str, int], Awaitable[list[str]]]


class _Refused(httpcore2.ConnectError):
    """The name stands for an address to which webhooks do not go."""


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the machine's resolver tells them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Checked(httpcore2.AsyncNetworkBackend):
    """Connects only to where webhooks may go."""

    def __init__(self, resolver: Resolver, *, loopback: bool) -> None:
        self._real = httpcore2.AnyIOBackend()
        self._resolve, self._loopback = resolver, loopback

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise httpcore2.ConnectError("unknown_host") from None
        # All of them, not only one that is fit: a name that has both kinds is a trap or a mistake.
        if not found or not all(permitted(ip_address(each), loopback=self._loopback) for each in found):
            raise _Refused("private_address")
        return await self._first(found, port, timeout, socket_options)

    async def _first(
        self, found: Iterable[str], port: int, timeout: float | None, options: Iterable[Any] | None
    ) -> httpcore2.AsyncNetworkStream:
        trouble: Exception = httpcore2.ConnectError("unknown_host")
        for address in found:
            try:
                return await self._real.connect_tcp(address, port, timeout=timeout, socket_options=options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                trouble = failed
        raise trouble

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Transport(httpx2.AsyncHTTPTransport):
    """httpx2's transport over a pool of ours: it has no parameter for how connections are made."""

    def __init__(self, backend: httpcore2.AsyncNetworkBackend, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context,
            max_connections=None,  # a receiver that is slow must not take another's place; who sends is bounded
            max_keepalive_connections=KEPT,
            keepalive_expiry=KEPT_OPEN,
            network_backend=backend,
        )


class Outbound:
    """Sends requests to strangers. `development`: to this machine too, and without TLS. Close it at the end."""

    def __init__(
        self, *, development: bool = False, resolver: Resolver = resolve, context: ssl.SSLContext | None = None
    ) -> None:
        self.development = development
        backend = _Checked(resolver, loopback=development)
        self._client = httpx2.AsyncClient(
            transport=_Transport(backend, context or ssl.create_default_context()),
            timeout=httpx2.Timeout(SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,  # a proxy of the environment would resolve the name itself
        )

    async def close(self) -> None:
        """Close the connections that are kept."""
        await self._client.aclose()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Send a body. It raises nothing that the receiver or the network can bring about."""
        begun, retry_after = perf_counter(), None
        status, fault = None, None
        try:
            check_url(url, development=self.development)
            async with asyncio.timeout(SECONDS):
                async with self._client.stream("POST", url, content=body, headers=dict(headers)) as response:
                    status, retry_after = response.status_code, _retry_after(response.headers)
                    await _drop(response)
        except (Malformed, _Refused):
            fault = "refused_address"
        except (TimeoutError, httpx2.TimeoutException):
            fault = None if status else "timeout"
        except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.ConnectError, OSError) as wrong:
            fault = None if status else _why(wrong)
        return Response(status, fault, round((perf_counter() - begun) * 1000), retry_after)


async def _drop(response: httpx2.Response) -> None:
    """Read an answer that is short, so that its connection can be used again; one that goes on is cut off."""
    got = 0
    async for chunk in response.aiter_raw():
        got += len(chunk)
        if got > ANSWER_BYTES:
            return


def _why(wrong: Exception) -> str:
    """A fixed word for it: the texts of errors quote addresses and what was received."""
    causes: list[BaseException] = [wrong]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and len(causes) < 8:
        causes.append(cause)
    if any(isinstance(each, _Refused) for each in causes):
        return "refused_address"
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return "tls"
    if isinstance(wrong, httpx2.ConnectError):
        return "unknown_host" if "unknown_host" in str(wrong) else "no_connection"
    return "broken_connection"


def _retry_after(headers: httpx2.Headers) -> timedelta | None:
    """`Retry-After` in either of its forms (RFC 9110, 10.2.3); what is neither is as if it was not there."""
    told = headers.get("retry-after", "").strip()
    if told.isdecimal() and len(told) < 10:
        return timedelta(seconds=int(told))
    try:
        until, now = parsedate_to_datetime(told), parsedate_to_datetime(headers["date"])
    except (KeyError, TypeError, ValueError, OverflowError):  # a year of eleven digits overflows
        return None
    aware = [each.replace(tzinfo=each.tzinfo or UTC) for each in (until, now)]
    return max(aware[0] - aware[1], timedelta())
