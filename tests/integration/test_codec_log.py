"""Each decoding is recorded in the log of readers of its case before it is answered, or it is not answered."""

from fastapi.testclient import TestClient
from google.protobuf.json_format import MessageToDict
from httpx2 import Response
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import WorkflowSerializationContext

from activities.store import Pool
from activities.text import reads
from deploy.roles import FEED, OPENER, as_role
from domain.messages import Actor
from domain.vocabulary import Role
from integration.bearer import Tokens
from integration.codec import PayloadKeys, SealedPayloads
from integration.codec_server import codec_server
from tests.issuer import token

UI = "https://ui.example"
KEYS = PayloadKeys([b"n" * 32])
TOLD = Payload(metadata={"encoding": b"json/plain"}, data=b'"Looked up a record."')


async def sealed(*workflows: str) -> list[Payload]:
    codec = SealedPayloads(KEYS)
    contexts = [codec.with_context(WorkflowSerializationContext("default", each)) for each in workflows]
    return [(await each.encode([TOLD]))[0] for each in contexts]


def decoded(tokens: Tokens, url: str, payloads: list[Payload], scope: str, subject: str, **headers: str) -> Response:
    with TestClient(codec_server(KEYS, tokens, UI, url)) as server:
        bearer = token(scope=f"cases:read {scope}".strip(), sub=subject)
        body = MessageToDict(Payloads(payloads=payloads))
        return server.post("/decode", json=body, headers={"authorization": f"Bearer {bearer}", **headers})


async def test_a_decoding_is_recorded_with_who_and_through_what(
    tokens: Tokens, owner_url: str, pool: Pool, ref: str
) -> None:
    url, asked = as_role(owner_url, OPENER), await sealed(f"case/{ref}", f"case/{ref}", "watch", "case/NEVER-OPENED")
    assert decoded(tokens, url, asked, "", "operator-7", origin=UI).status_code == 200
    assert decoded(tokens, url, asked[:1], "act:chair", "c-1").status_code == 200
    first, second = await reads.readings(pool, ref)
    assert (first.what, first.reader, first.purpose) == (
        "decode",
        Actor(role=Role.CLERK, id="operator-7"),
        "Opened in the Temporal UI",
    )
    assert (second.reader, second.purpose) == (
        Actor(role=Role.CHAIR, id="c-1"),
        "Opened on the command line of Temporal",
    )
    assert await reads.verify(pool, ref) == []


async def test_what_is_not_sealed_is_no_reading(tokens: Tokens, owner_url: str, pool: Pool, ref: str) -> None:
    assert decoded(tokens, as_role(owner_url, OPENER), [TOLD], "", "operator-7").status_code == 200
    assert await reads.readings(pool, ref) == []


async def test_where_it_cannot_be_recorded_nothing_is_shown(
    tokens: Tokens, owner_url: str, pool: Pool, ref: str
) -> None:
    asked = await sealed(f"case/{ref}")
    refused = decoded(tokens, as_role(owner_url, FEED), asked, "", "operator-7")
    assert (refused.status_code, "probity_opener" in refused.text) == (503, True)
    nameless = decoded(tokens, as_role(owner_url, OPENER), asked, "", "Jane Roe ")
    assert nameless.status_code == 401
    assert "Looked up" not in refused.text + nameless.text
    assert await reads.readings(pool, ref) == []
