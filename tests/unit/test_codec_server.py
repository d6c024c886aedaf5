"""The codec server: it opens payloads for those who may read cases, and for nobody else."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from google.protobuf.json_format import MessageToDict, ParseDict
from httpx2 import Response
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import WorkflowSerializationContext

from domain.errors import Unavailable
from domain.messages import Actor
from domain.vocabulary import Role
from integration.bearer import Tokens
from integration.codec import PayloadKeys, SealedPayloads
from integration.codec_server import LARGEST, Development, codec_server
from tests.gateway import served
from tests.issuer import AUDIENCE, ISSUER, OTHER, SIGNING, Issuer, issuing, token

UI = "https://ui.example"
KEYS, GONE = PayloadKeys([b"n" * 32]), PayloadKeys([b"g" * 32])
TOLD = Payload(metadata={"encoding": b"json/plain"}, data=b'"Looked up a record."')


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    """What reads the tokens of an issuer who answers on this machine."""
    with issuing() as tokens:
        yield tokens


@pytest.fixture
def server(tokens: Tokens) -> Iterator[TestClient]:
    with TestClient(codec_server(KEYS, tokens, UI)) as client:
        yield client


async def sealed(keys: PayloadKeys = KEYS, workflow: str = "case/X-1") -> Payload:
    codec = SealedPayloads(keys).with_context(WorkflowSerializationContext("default", workflow))
    return (await codec.encode([TOLD]))[0]


def ask(
    server: TestClient, *payloads: Payload, path: str = "/decode", bearer: str | None = "", **headers: str
) -> Response:
    bearer = token() if bearer == "" else bearer
    authorization = {"authorization": f"Bearer {bearer}"} if bearer else {}
    return server.post(path, json=MessageToDict(Payloads(payloads=payloads)), headers={**authorization, **headers})


def payloads(response: Response) -> list[Payload]:
    assert response.status_code == 200, response.text
    return list(ParseDict(response.json(), Payloads()).payloads)


async def test_whoever_may_read_cases_reads(server: TestClient) -> None:
    assert payloads(ask(server, await sealed(), TOLD, origin=UI)) == [TOLD, TOLD]


async def test_the_ui_asks_with_a_parameter(server: TestClient) -> None:
    assert payloads(ask(server, await sealed(), path="/decode?preserveStorageRefs=true")) == [TOLD]


async def test_what_cannot_be_opened_does_not_hide_the_rest(server: TestClient) -> None:
    lost = await sealed(GONE)
    assert payloads(ask(server, lost, await sealed())) == [lost, TOLD]


async def test_what_the_ui_sends_is_sealed(server: TestClient) -> None:
    writer = token(scope="cases:read cases:write")
    (told,) = payloads(ask(server, TOLD, path="/encode", bearer=writer))
    assert KEYS.open(told) == TOLD


async def test_what_is_sealed_names_no_case_that_its_sender_chose(server: TestClient) -> None:
    """The UI and the command line name none: an entry in that case's log of readers would be made up."""
    claimed = Payload(metadata={**TOLD.metadata, "workflow-id": b"case/X-1"}, data=TOLD.data)
    (told,) = payloads(ask(server, claimed, path="/encode", bearer=token(scope="cases:write")))
    assert KEYS.open(told) == TOLD


@pytest.mark.parametrize("call", ["/decode", "/encode"])
async def test_a_body_that_does_not_come_is_not_waited_for(
    tokens: Tokens, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integration.codec_server.SLOWEST", 0.05)
    told = f"POST {call} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token(scope='cases:read cases:write')}\r\n"
    async with served(codec_server(KEYS, tokens, UI)) as address, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(*address.removeprefix("http://").split(":"))
        writer.write(f"{told}content-length: 100\r\n\r\n{{".encode())
        answer = (await reader.read()).decode()  # to its end: the connection is closed
        writer.close()
    assert answer.startswith("HTTP/1.1 408") and '"code":"too_slow"' in answer


PUBLIC = SIGNING.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def forged() -> str:
    """A token signed with the issuer's public key as if it were a secret of both."""
    header, body = (
        b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "HS256", "kid": "k1"}, {})
    )
    return f"{header}.{body}.AAAA"


REFUSED_TOKENS = {
    "none": lambda: None,
    "not a token": lambda: "abc",
    "expired": lambda: token(exp=datetime.now(UTC) - timedelta(minutes=5)),
    "without an end": lambda: token(exp=None),
    "of nobody": lambda: token(sub=None),
    "for another service": lambda: token(aud="other"),
    "of another issuer": lambda: token(iss="https://other.example"),
    "signed by somebody else": lambda: token(key=OTHER),
    "not signed": lambda: token(key="", algorithm="none"),
    "signed with what is public": forged,
}


@pytest.mark.parametrize("why", REFUSED_TOKENS)
async def test_without_a_token_that_holds_nothing_is_opened(why: str, server: TestClient) -> None:
    response = ask(server, await sealed(), bearer=REFUSED_TOKENS[why]())
    assert (response.status_code, response.json()["code"]) == (401, "not_authentic")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"] == 'Bearer realm="probity"'  # RFC 9110, 15.5.2


@pytest.mark.parametrize(("path", "scope"), [("/decode", "cases:write"), ("/decode", ""), ("/encode", "cases:read")])
async def test_a_token_does_what_its_scopes_say_and_no_more(path: str, scope: str, server: TestClient) -> None:
    response = ask(server, await sealed(), path=path, bearer=token(scope=scope))
    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")


async def test_pages_of_other_origins_are_not_served(server: TestClient) -> None:
    for origin in ("https://evil.example", f"{UI}.evil.example", "http://ui.example", "null"):
        response = ask(server, await sealed(), origin=origin)
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers


def test_the_page_of_the_ui_may_ask(server: TestClient) -> None:
    asked = {"origin": UI, "access-control-request-method": "POST"}
    asked["access-control-request-headers"] = "authorization,content-type,x-namespace"
    answer = server.options("/decode", headers=asked)
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert server.options("/decode", headers={**asked, "origin": "https://evil.example"}).status_code == 400


@pytest.mark.parametrize("body", [b"{}", b'{"payloads": []}'])
def test_no_payloads_are_answered_with_none(server: TestClient, body: bytes) -> None:
    for call in ("/decode", "/encode"):
        response = server.post(
            call, content=body, headers={"authorization": f"Bearer {token(scope='cases:read cases:write')}"}
        )
        assert (response.status_code, response.json()) == (200, {}), call


def test_what_is_not_a_list_of_payloads_is_refused(server: TestClient) -> None:
    for body in (b"", b"[]", b"{", b"\xff", b'{"payloads": 7}'):
        response = server.post("/decode", content=body, headers={"authorization": f"Bearer {token()}"})
        assert (response.status_code, response.json()["code"]) == (400, "malformed"), body
    large = server.post("/decode", content=b" " * (LARGEST + 1), headers={"authorization": f"Bearer {token()}"})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


async def test_the_log_tells_who_read_of_which_case_and_nothing_of_what(
    server: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "probity.codec")
    ask(server, await sealed(), await sealed(workflow="case/X-2"))
    assert caplog.messages == ["decoded for operator-7: 2 payloads of case/X-1, case/X-2"]
    assert "record" not in caplog.text


FIRST_LOOK = Development("k" * 32, Actor(role=Role.CLERK, id="first-look"))


async def test_for_a_first_look_the_key_stands_in_the_address_or_for_a_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "probity.codec")
    with TestClient(codec_server(KEYS, FIRST_LOOK, UI)) as server:
        assert payloads(ask(server, await sealed(), path=f"/{FIRST_LOOK.key}/decode", bearer=None, origin=UI)) == [TOLD]
        assert payloads(ask(server, await sealed(), bearer=FIRST_LOOK.key)) == [TOLD]
    assert caplog.messages == 2 * ["decoded for first-look: 1 payloads of case/X-1"]


async def test_for_a_first_look_too_nothing_is_opened_without_the_key() -> None:
    with TestClient(codec_server(KEYS, FIRST_LOOK, UI)) as server:
        for path, bearer in (("", None), ("", "x"), ("", ""), ("/x", FIRST_LOOK.key), (f"/{FIRST_LOOK.key}x", None)):
            for call in ("decode", "encode"):
                response = ask(server, await sealed(), path=f"{path}/{call}", bearer=bearer)
                assert (response.status_code, response.json()["code"]) == (401, "not_authentic"), (path, bearer)


async def test_for_a_first_look_pages_of_other_origins_are_not_served() -> None:
    for ui in (UI, None):
        with TestClient(codec_server(KEYS, FIRST_LOOK, ui)) as server:
            path = f"/{FIRST_LOOK.key}/decode"
            response = ask(server, await sealed(), path=path, bearer=None, origin="https://evil.example")
            assert response.status_code == 403


def test_a_key_that_could_be_guessed_is_none() -> None:
    with pytest.raises(Unavailable, match="PROBITY_CODEC_KEY"):
        Development("short", FIRST_LOOK.who)


async def test_when_the_issuer_cannot_be_asked_it_says_so() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as issuer:
        port = issuer.server_port
    with TestClient(codec_server(KEYS, Tokens(f"http://127.0.0.1:{port}/jwks", ISSUER, AUDIENCE), UI)) as server:
        response = ask(server, await sealed())
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


def test_the_address_of_an_issuer_is_checked_at_the_start() -> None:
    with pytest.raises(Unavailable, match="PROBITY_JWKS_URL"):
        Tokens("file:///etc/passwd", ISSUER, AUDIENCE)


def test_tokens_need_an_issuer() -> None:
    with pytest.raises(
        Unavailable, match=r"PROBITY_JWKS_URL and PROBITY_AUDIENCE not set \(docs/gateway\.md\)\. .*--development"
    ):
        Tokens.from_environment({"PROBITY_ISSUER": ISSUER})
