"""Requests to strangers: the address that was checked is the one that is called, and nothing they do hurts."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from activities.webhooks import outbound
from activities.webhooks.outbound import Outbound
from tests.receiver import Says, receiver

HOST = "hooks.example.test"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of HOST that signs itself, and its key."""
    key, folder = ec.generate_private_key(ec.SECP256R1()), tmp_path_factory.mktemp("tls")
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


class Names:
    """A name server: answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), list[str]()

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
async def way_out() -> AsyncIterator[Callable[..., Outbound]]:
    made: list[Outbound] = []

    def make(**how: Any) -> Outbound:
        made.append(Outbound(**how))
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def test_tls_and_host_name_the_host_and_the_checked_address_is_called(
    certificate: tuple[Path, Path], way_out: Callable[..., Outbound]
) -> None:
    cert, key = certificate
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with receiver(ssl_certfile=str(cert), ssl_keyfile=str(key)) as hook:
        context = ssl.create_default_context(cafile=str(cert))
        answer = await way_out(development=True, resolver=names, context=context).post(
            f"https://{HOST}:{hook.port}/hook", b"x", {}
        )
        stranger = await way_out(development=True, resolver=Names(["127.0.0.1"]), context=context).post(
            f"https://other.example.test:{hook.port}/hook", b"x", {}
        )
        unknown = await way_out(development=True, resolver=Names(["127.0.0.1"])).post(
            f"https://{HOST}:{hook.port}/hook", b"x", {}
        )
    assert (answer.status, names.asked) == (204, [HOST])  # asked once: the second answer would have been a trap
    assert [got.headers["host"] for got in hook.got] == [f"{HOST}:{hook.port}"]
    assert (stranger.status, stranger.fault) == (unknown.status, unknown.fault) == (None, "tls")


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["93.184.216.34", "169.254.169.254"], ["::ffff:127.0.0.1"], ["127.0.0.1"], ["fe80::1%1"]],
)
async def test_a_name_of_a_private_address_is_not_called(
    way_out: Callable[..., Outbound], addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(*_: Any, **__: Any) -> Any:
        raise AssertionError("it connected")

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)
    answer = await way_out(resolver=Names(addresses)).post("https://hooks.example/", b"x", {})
    assert (answer.status, answer.fault) == (None, "refused_address")


async def test_every_new_connection_is_checked_anew(way_out: Callable[..., Outbound]) -> None:
    async with receiver() as hook:
        hook.behave = lambda _: Says(200, {"connection": "close"})
        out = way_out(development=True, resolver=Names(["127.0.0.1"], ["192.168.0.1"]))
        url = f"http://{HOST}:{hook.port}/"
        assert [(await out.post(url, b"x", {})).fault for _ in range(2)] == [None, "refused_address"]


async def test_a_redirect_is_not_followed(way_out: Callable[..., Outbound]) -> None:
    async with receiver() as hook:
        hook.behave = lambda _: Says(307, {"location": "http://127.0.0.1:1/"})
        answer = await way_out(development=True).post(hook.url, b"x", {})
    assert (answer.status, answer.delivered, len(hook.got)) == (307, False, 1)


async def test_without_development_neither_http_nor_this_machine(way_out: Callable[..., Outbound]) -> None:
    async with receiver() as hook:
        for url in (hook.url, f"https://localhost:{hook.port}/"):
            assert (await way_out().post(url, b"x", {})).fault == "refused_address"
    assert hook.got == []


async def test_who_is_slow_is_left(way_out: Callable[..., Outbound], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.2)
    async with receiver() as hook:
        hook.behave = lambda _: Says(200, after=2)
        answer = await way_out(development=True).post(hook.url, b"x", {})
    assert (answer.status, answer.fault) == (None, "timeout")


async def test_an_answer_without_end_is_cut_off(way_out: Callable[..., Outbound]) -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = 0
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while sent < 500_000_000:
                writer.write(b"x" * 65536)
                await writer.drain()
                sent += 65536
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    begun = monotonic()
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    answer = await way_out(development=True).post(url, b"x", {})
    server.close()
    assert answer.status == 200 and monotonic() - begun < 5


async def test_what_is_no_http_is_a_fault_and_quotes_nothing(way_out: Callable[..., Outbound]) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-secret\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await way_out(development=True).post(f"http://127.0.0.1:{port}/", b"x", {})
    server.close()
    await server.wait_closed()
    refused = await way_out(development=True).post(f"http://127.0.0.1:{port}/", b"x", {})
    assert (answer.fault, refused.fault) == ("broken_connection", "no_connection")


async def test_a_name_that_nobody_knows_is_a_fault(way_out: Callable[..., Outbound]) -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError

    assert (await way_out(resolver=unknown).post("https://hooks.example/", b"x", {})).fault == "unknown_host"


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("120", 120),
        ("7", 7),
        ("Wed, 01 Jul 2026 12:02:00 GMT", 120),
        ("Wed, 01 Jul 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 40, None),
        ("", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
    ],
)
async def test_retry_after_in_both_its_forms(way_out: Callable[..., Outbound], told: str, read: int | None) -> None:
    async with receiver() as hook:
        hook.behave = lambda _: Says(429, {"retry-after": told, "date": "Wed, 01 Jul 2026 12:00:00 GMT"})
        answer = await way_out(development=True).post(hook.url, b"x", {})
    assert answer.retry_after == (None if read is None else timedelta(seconds=read))


async def test_the_machine_s_own_names_are_resolved() -> None:
    assert all(ip_address(each).is_loopback for each in await outbound.resolve("localhost", 80))
