"""Bad input to the gateway over a real engine: each its problem, told in one sentence, and nothing of it kept."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from integration.bearer import Tokens
from integration.client import Probity
from integration.gateway import gateway
from integration.gateway.limits import LARGEST, Limits
from integration.observability.logs import JsonLines
from tests.engine import RING, act, reference, referral
from tests.gateway import authority, bearing, intake, problem, referred
from tests.issuer import token

PERSON = "Xanthippe"  # who is told of in everything that is bad here
NOW = datetime.now(UTC)
ASSESSED, REFERRED = "assessed-once", "referred-once"  # keys of acts that were done
ASSESSMENT = act("appropriate_authority", NOW, kind="voluntary", reasons="Grave.")
MATTER = referral(reference(), known=NOW)
WORSE = {**ASSESSMENT, "reasons": f"Said {PERSON}."}
ANEW = {**WORSE, "kind": "mandatory"}  # a lawful act, once the other is done
ALLEGED = [{"allegation": "1", "summary": f"{PERSON} said so.", "officers": ["A"]}]
SAME = {**MATTER, "allegations": ALLEGED}
PANEL = act("appropriate_authority", NOW, officer="A", chair="c-1", sits_as={f"Ms {PERSON}": "delegate"})


@dataclass(frozen=True)
class Bad:
    """A request that is not served, where to and by whom, and the problem that is answered."""

    status: int
    code: str
    at: str = "/cases/{ref}/commands/assess_referral"
    body: Any = None
    by: Callable[[], dict[str, str]] = authority  # asked when it is sent: a token holds for minutes
    query: dict[str, str] = field(default_factory=dict)
    says: str = ""

    async def send(self, http: AsyncClient, ref: str) -> Response:
        """Ask it of a case: told a body, else read."""
        at = self.at.format(ref=ref)
        if self.body is None:
            return await http.get(at, headers=self.by(), params=self.query)
        typed = {"Content-Type": "application/json", **self.by()}
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return await http.post(at, content=body, headers=typed)


def claiming(**claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(sub=PERSON, **claims)}", "Idempotency-Key": "any"}


def matter(**changed: Any) -> dict[str, Any]:
    return {**referral(reference(), known=NOW), "allegations": ALLEGED, **changed}


def dated(days: int) -> str:
    return (NOW + timedelta(days=days)).isoformat()


BAD = {
    # a wrong token
    "no token": Bad(401, "not_authentic", body=WORSE, by=lambda: {"Idempotency-Key": "any"}),
    "no token at all": Bad(401, "not_authentic", body=WORSE, by=lambda: {"Authorization": f"Bearer {PERSON}"}),
    "a token that has ended": Bad(401, "not_authentic", body=WORSE, by=partial(claiming, exp=NOW - timedelta(days=1))),
    "a token for others": Bad(401, "not_authentic", body=WORSE, by=partial(claiming, aud=PERSON)),
    "a token of others": Bad(401, "not_authentic", body=WORSE, by=partial(claiming, iss=PERSON)),
    # a wrong scope
    "a role that it lacks": Bad(403, "not_permitted", body=WORSE, by=intake),
    "no role to refer in": Bad(
        403, "not_permitted", "/cases", matter(actor=None), partial(authority, scope="cases:read")
    ),
    "a scope that it lacks": Bad(403, "not_permitted", "/cases/{ref}", by=partial(bearing, "aa-1", f"act:{PERSON}")),
    "someone else": Bad(403, "not_permitted", body={**WORSE, "actor": {"role": "appropriate_authority", "id": PERSON}}),
    "no right to the text": Bad(
        403, "not_permitted", "/cases/{ref}/events", by=lambda: authority(**{"Probity-Purpose": PERSON})
    ),
    "no role to read the text in": Bad(
        403,
        "not_permitted",
        "/cases/{ref}/events",
        by=lambda: bearing("aa-1", "cases:read cases:text", **{"Probity-Purpose": PERSON}),
        says="act:ROLE",
    ),
    # a wrong schema
    "a referral that is no JSON": Bad(400, "malformed", "/cases", f"{{{PERSON}".encode(), intake),
    "a referral that is a list": Bad(400, "malformed", "/cases", [PERSON], intake),
    "a referral without officers": Bad(400, "malformed", "/cases", matter(officers=PERSON), intake, says="officers"),
    "a referral with a name for an id": Bad(
        400, "malformed", "/cases", matter(officers=[{"officer": "A", "person": f"Ms {PERSON}"}]), intake
    ),
    "a referral that names another reference": Bad(
        400, "malformed", "/cases", matter(reference=f"Ms {PERSON}"), intake, says="reference"
    ),
    "a referral in the words of another": Bad(400, "malformed", "/cases", matter(**{PERSON: 1}), intake),
    "a command that is no JSON": Bad(400, "malformed", body=f'{{"reasons": "{PERSON}'.encode()),
    "a command without its fields": Bad(
        400, "malformed", body={"reasons": PERSON, "occurred_at": dated(0)}, says="kind: is missing"
    ),
    "a command with a word of no list": Bad(400, "malformed", body={**WORSE, "kind": PERSON}, says="kind: has to be"),
    "a command with a word for a moment": Bad(400, "malformed", body={**WORSE, "occurred_at": PERSON}),
    "a command with what cannot be stored": Bad(400, "malformed", body={**WORSE, "reasons": f"{PERSON}\x00"}),
    "a command that is no UTF-8": Bad(400, "malformed", body=b'{"reasons": "\xff"}', says="JSON"),
    "a command with half a letter": Bad(
        400, "malformed", body=json.dumps(WORSE).replace(f"Said {PERSON}", "\\ud800").encode()
    ),
    "a command with a number that readers tell apart": Bad(400, "malformed", body={**WORSE, "reasons": [2**53]}),
    "a command with what is no number": Bad(400, "malformed", body={**WORSE, "reasons": float("nan")}, says="JSON"),
    "a referral that is no UTF-8": Bad(
        400, "malformed", "/cases", json.dumps(matter()).replace("force-01", "force-\xe9").encode("latin-1"), intake
    ),
    "a command with a mapping for text": Bad(400, "malformed", body={**WORSE, "reasons": {PERSON: PERSON}}),
    "a command with names for keys": Bad(
        400, "malformed", "/cases/{ref}/commands/name_panel", PANEL, says="sits_as: has to be an id"
    ),
    "a command dated in the future": Bad(400, "malformed", body={**WORSE, "occurred_at": dated(2)}),
    "a command nobody knows": Bad(404, "not_found", f"/cases/{{ref}}/commands/{PERSON}", WORSE),
    "a case nobody knows": Bad(404, "unknown_case", "/cases/NO-SUCH-CASE/commands/assess_referral", WORSE),
    "a name for a case": Bad(404, "unknown_case", f"/cases/{PERSON}/commands/assess_referral", WORSE),
    "a key that is none": Bad(
        400, "malformed", body=WORSE, by=partial(authority, f"#{PERSON}"), says="Idempotency-Key"
    ),
    "a question in no words of ours": Bad(400, "malformed", "/cases", query={"stage": PERSON}, says="stage"),
    # an unknown version
    "a version of the case that is none": Bad(
        400, "malformed", body=WORSE, by=lambda: authority(**{"If-Match": f'W/"{PERSON}"'}), says="If-Match"
    ),
    "a version that has passed": Bad(412, "stale", body=WORSE, by=lambda: authority(**{"If-Match": '"1"'})),
    "a version that is to come": Bad(412, "stale", body=ANEW, by=lambda: authority(**{"If-Match": '"999"'})),
    "a type that names a version": Bad(
        415,
        "unsupported_media_type",
        body=WORSE,
        by=lambda: authority(**{"Content-Type": f"application/vnd.{PERSON}.v2+json"}),
    ),
    "a body that is compressed": Bad(
        415, "unsupported_media_type", body=WORSE, by=lambda: authority(**{"Content-Encoding": PERSON})
    ),
    "a command that names a version": Bad(
        400, "malformed", body={**WORSE, "schema_version": 9}, says="schema_version: no such field"
    ),
    "a referral that names a version": Bad(
        400, "malformed", "/cases", matter(schema_version=9), intake, says="schema_version: no such field"
    ),
    "a place in no list of ours": Bad(400, "malformed", "/deadlines", query={"after": PERSON}, says="after"),
    "a place on no day": Bad(
        400, "malformed", "/deadlines", query={"after": f"2026-13-45/-/X-1/{PERSON}"}, says="after"
    ),
    "a place with what cannot be stored": Bad(
        400, "malformed", "/deadlines", query={"after": f"-/-/T-2020/{PERSON}\x00"}, says="after"
    ),
    "a place of a case that has none": Bad(
        400, "malformed", "/restrictions", query={"after": f"-/{PERSON}/A"}, says="after"
    ),
    "a place of the other list": Bad(
        400, "malformed", "/restrictions", query={"after": f"-/2026-01-05/T-2020/{PERSON}/A"}, says="after"
    ),
    "a force by its name": Bad(400, "malformed", "/restrictions", query={"force": f"Ms {PERSON}"}, says="force"),
    "a list in no words of ours": Bad(400, "malformed", "/deadlines", query={"overdue": PERSON}, says="overdue"),
    "a cursor that is none": Bad(400, "malformed", "/events", query={"after": PERSON}, says="A cursor is written"),
    "a cursor of another generation": Bad(503, "unavailable", "/events", query={"after": "9-1-1"}, says="beyond"),
    "a cursor that is to come": Bad(
        503, "unavailable", "/events", query={"after": "1-999999999999-1"}, says="beyond the end"
    ),
    "a stream from a cursor that is to come": Bad(
        503, "unavailable", "/events/stream", query={"after": "1-999999999999-1"}, says="beyond the end"
    ),
    # too large
    "too large to be sent": Bad(413, "too_large", body={**WORSE, "reasons": f"{PERSON} " * (LARGEST // 8)}),
    "too large to be kept": Bad(400, "malformed", "/cases", matter(allegations=3600 * ALLEGED), intake),
    "a text longer than its field": Bad(400, "malformed", body={**WORSE, "reasons": f"{PERSON} " * 3000}),
    # replayed
    "a key of another referral": Bad(409, "already_done", "/cases", matter(), partial(intake, REFERRED)),
    "a key of the same case with other words": Bad(409, "already_done", "/cases", SAME, partial(intake, REFERRED)),
    "a reference that is taken": Bad(409, "duplicate_reference", "/cases", SAME, intake),
    "a key of another command": Bad(409, "already_done", body=WORSE, by=partial(authority, ASSESSED)),
    "an act that was done": Bad(409, "already_done", body=WORSE),
    # out of order
    "an act before the matter was known": Bad(409, "out_of_order", body={**WORSE, "occurred_at": dated(-9)}),
    "an act of a later stage": Bad(
        409,
        "wrong_stage",
        "/cases/{ref}/commands/refer_to_proceedings",
        act("appropriate_authority", NOW, officer="A", hearing=PERSON[:3]),
    ),
}


@pytest.fixture(scope="module")
async def ref(http: AsyncClient) -> str:
    """A case that was assessed; and another was referred, under keys that come again."""
    assert (await http.post("/cases", json=MATTER, headers=intake(REFERRED))).status_code == 201
    ref = await referred(http)
    at = f"/cases/{ref}/commands/assess_referral"
    assert (await http.post(at, json=ASSESSMENT, headers=authority(ASSESSED))).status_code == 200
    return ref


@pytest.fixture(scope="module")
async def owner(owner_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


# Every row of every table, as one number: it changes with whatever is added, changed or taken away.
ROWS = "SELECT format('SELECT sum(hashtextextended(t::text, 0)::numeric) FROM %s AS t', oid::regclass) FROM pg_class"
OURS = "WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text IN ('probity', 'reporting') ORDER BY oid"


async def recorded(owner: Any) -> list[Any]:
    return [await owner.fetchval(statement) for (statement,) in await owner.fetch(f"{ROWS} {OURS}")]


def one_sentence(told: str) -> bool:
    return re.fullmatch(r"[^\n]+[^\n.]\.", told) is not None and re.search(r"[.!?] [A-Z]", told) is None


def logged(records: list[logging.LogRecord]) -> str:
    """What was logged: as it is written, and whatever else came with it. The test's own client logs what it sends."""
    ours = [each for each in records if not each.name.startswith(("httpx2", "httpcore2"))]
    return "\n".join(f"{JsonLines().format(each)} {each.__dict__} {logging.Formatter().format(each)}" for each in ours)


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_bad_input_is_a_problem_of_its_own_that_leaves_nothing_behind(
    http: AsyncClient, ref: str, owner: Any, caplog: pytest.LogCaptureFixture, bad: Bad
) -> None:
    caplog.set_level("DEBUG")
    before = await recorded(owner)
    async with asyncio.timeout(30):  # a stream that begins regardless has no end
        response = await bad.send(http, ref)
    assert problem(response) == (bad.status, bad.code), response.text
    told = response.json()
    assert one_sentence(told["detail"]) and bad.says in told["detail"], told
    assert PERSON not in f"{response.text} {response.headers}"
    (line,) = [each for each in caplog.records if each.name == "probity.gateway"]
    assert line.__dict__["code"] == bad.code and response.headers["x-request-id"] in line.getMessage()
    assert PERSON not in logged(caplog.records)
    assert await recorded(owner) == before


@pytest.mark.parametrize("path", ["/events", "/events/stream"])
async def test_on_a_cursor_that_is_not_of_this_store_nobody_is_told_to_ask_again(http: AsyncClient, path: str) -> None:
    response = await http.get(path, params={"after": "9-9-9"}, headers=bearing("aa-1", "cases:read"))
    assert problem(response) == (503, "unavailable") and "retry-after" not in response.headers
    assert "After a restore" in response.json()["detail"]


async def test_too_many_are_told_when_to_ask_again_and_leave_nothing_behind(
    probity: Probity, tokens: Tokens, ref: str, owner: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    busy: FastAPI = gateway(probity, tokens, Limits("1/minute"), ring=RING)
    bad = Bad(429, "too_many", body=WORSE)
    async with AsyncClient(transport=ASGITransport(app=busy), base_url="http://gateway.example") as http:
        assert (await http.get(f"/cases/{ref}", headers=bad.by())).status_code == 200
        before = await recorded(owner)
        response = await bad.send(http, ref)
    assert problem(response) == (429, "too_many") and int(response.headers["retry-after"]) > 0
    assert one_sentence(response.json()["detail"]) and PERSON not in response.text
    assert PERSON not in logged(caplog.records)
    assert await recorded(owner) == before


async def test_what_was_done_before_all_that_is_there_still(http: AsyncClient, ref: str, probity: Probity) -> None:
    """Nothing is lost: the same acts, sent again as they were, are answered as the first time."""
    again = await http.post("/cases", json=MATTER, headers=intake(REFERRED))
    assert (again.status_code, again.json()["events"][0]["type"]) == (201, "case_referred")
    at = f"/cases/{ref}/commands/assess_referral"
    assessed = await http.post(at, json=ASSESSMENT, headers=authority(ASSESSED))
    assert (assessed.status_code, assessed.json()["events"][0]["type"]) == (200, "referral_assessed")
    assert await probity.verify(ref) == []
