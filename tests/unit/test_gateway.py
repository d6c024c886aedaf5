"""The gateway without servers: who may ask what, what is too large or too often, and how each no is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import ASGITransport, AsyncClient, Response
from openapi_spec_validator import validate

from activities.reporting.owed import Duties, Restrictions
from activities.reporting.search import Found
from domain.duplicates import Likeness
from domain.errors import REFUSALS, Stale, Unavailable
from domain.messages import COMMANDS, command_from, read
from domain.referral import Referral
from domain.state import Case
from integration.bearer import Tokens
from integration.client import Probity, Receipt, connect_temporal
from integration.gateway import gateway, limits, openapi, serve
from integration.gateway.limits import LARGEST, Limits
from integration.problems import STATUS, TITLES
from integration.settings import Settings
from tests.issuer import OTHER, issuing, token
from tests.kit import referred

BODY = {"occurred_at": "2025-06-02T09:00:00Z", "kind": "voluntary", "reasons": "Grave."}
ASSESS = "/cases/X-2020-0001/commands/assess_referral"
AUTHORITY = "cases:read act:appropriate_authority"


class Engine:
    """Stands in for a connection: one case, and it keeps what is asked of it."""

    def __init__(self) -> None:
        self.given: list[tuple[str, dict[str, Any], str | None, int | None]] = []
        self.fails: Exception | None = None

    async def case(self, reference: str) -> Case:
        if self.fails:
            raise self.fails
        return referred(officers="AB", parties="").case

    async def hides(self, reference: str) -> bool:
        if self.fails:
            raise self.fails
        return False

    async def do(
        self, reference: str, command: str, body: dict[str, Any], *, command_id: str, expected: int | None
    ) -> Receipt:
        self.given.append((command, body, command_id, expected))
        return Receipt(reference=reference, version=9)

    async def refer_under(self, referral: dict[str, Any], caller: str, key: str) -> Receipt:
        if self.fails:
            raise self.fails
        self.given.append(("refer", referral, key, None))
        return Receipt(reference="X-2020-0001", version=3)

    async def duplicates(self, reference: str, *, earlier: bool) -> list[Likeness]:
        return []

    async def search(self, sought: Any) -> Found:
        return Found(cases=(), total=0, next=None)

    async def owed(self, sought: Any) -> Duties:
        return Duties(deadlines=(), total=0, next=None)

    async def restricted(self, sought: Any) -> Restrictions:
        return Restrictions(restrictions=(), total=0, next=None)


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    with issuing() as tokens:
        yield tokens


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def app(tokens: Tokens) -> FastAPI:
    return gateway(None, tokens)


@pytest.fixture(scope="module")
def unguarded() -> FastAPI:
    return gateway(None, None)


@pytest.fixture
def server(app: FastAPI, engine: Engine) -> TestClient:
    app.state.probity, app.state.limits = engine, Limits()
    return TestClient(app)


def bearing(scope: str = AUTHORITY, subject: str = "aa-1", **changed: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(sub=subject, scope=scope, **changed)}", "Idempotency-Key": "k-1"}


def problem(response: Response) -> tuple[int, str]:
    told = response.json()
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert told["type"] == f"urn:probity:{told['code']}" and told["status"] == response.status_code
    assert told["title"] == TITLES[told["code"]] and told["detail"]
    assert told["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    return response.status_code, told["code"]


contract = cache(openapi)
PAST = datetime.now(UTC) - timedelta(hours=1)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Bearer {token(OTHER)}"},
        {"Authorization": f"Bearer {token(exp=PAST)}"},
        {"Authorization": f"Bearer {token(aud='another')}"},
        {"Authorization": f"Bearer {token(iss='https://another.example')}"},
        {"Authorization": f"Bearer {token(sub=None)}"},
        {"Authorization": f"Bearer {token('x' * 32, 'HS256')}"},
    ],
)
def test_a_token_that_does_not_hold_is_not_authentic(server: TestClient, headers: dict[str, str]) -> None:
    response = server.get("/cases/X-2020-0001", headers=headers)
    assert problem(response) == (401, "not_authentic")
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_no_route_but_health_and_the_page_is_served_without_a_token(app: FastAPI, server: TestClient) -> None:
    app.state.limits = Limits(failures="1000/minute")
    open_to_all = {"/health", "/ready"}
    for path, methods in contract()["paths"].items():
        for method in methods:
            if path not in open_to_all:
                at = path.replace("{reference}", "X-2020-0001").replace("{deadline}", "x")
                assert problem(server.request(method.upper(), at, json={})) == (401, "not_authentic"), path


@pytest.mark.parametrize("path", ["/cases", "/cases/X-2020-0001", "/cases/X-2020-0001/events", "/deadlines", "/events"])
def test_reading_takes_a_scope(server: TestClient, path: str) -> None:
    response = server.get(path, headers=bearing("act:appropriate_authority"))
    assert problem(response) == (403, "not_permitted")
    assert 'scope="cases:read"' in response.headers["www-authenticate"]
    assert "command" not in response.json()["title"]


def test_who_acts_is_filled_in_from_the_token(server: TestClient, engine: Engine) -> None:
    response = server.post(ASSESS, json=BODY, headers={**bearing(), "If-Match": '"8"'})
    assert (response.status_code, response.headers["etag"]) == (200, '"9"')
    acting = {**BODY, "actor": {"role": "appropriate_authority", "id": "aa-1"}}
    assert engine.given == [("assess_referral", acting, "aa-1/k-1", 8)]


@pytest.mark.parametrize(
    ("scope", "actor", "code"),
    [
        ("cases:read", None, "not_permitted"),
        (AUTHORITY, {"role": "iopc", "id": "aa-1"}, "not_permitted"),
        (AUTHORITY, {"role": "appropriate_authority", "id": "aa-2"}, "not_permitted"),
        (AUTHORITY, {"role": "nobody", "id": "aa-1"}, "malformed"),
        (AUTHORITY, "appropriate_authority:aa-1", "malformed"),
        ("act:system", {"role": "system", "id": "aa-1"}, "not_permitted"),
    ],
)
def test_nobody_acts_as_someone_else(server: TestClient, engine: Engine, scope: str, actor: Any, code: str) -> None:
    response = server.post(ASSESS, json={**BODY, "actor": actor}, headers=bearing(scope))
    assert problem(response)[1] == code and engine.given == []


def test_of_several_roles_one_has_to_be_named(server: TestClient, engine: Engine) -> None:
    several, matter = "act:appropriate_authority act:intake", {"reference": "X-2020-0001"}
    assert problem(server.post("/cases", json=matter, headers=bearing(several))) == (400, "malformed")
    named = {**matter, "actor": {"role": "intake", "id": "aa-1"}}
    assert server.post("/cases", json=named, headers=bearing(several)).status_code == 201
    assert server.post(ASSESS, json=BODY, headers=bearing(several)).status_code == 200  # only one may give this


def test_a_body_is_json_of_a_bearable_size(server: TestClient, engine: Engine) -> None:
    plain = {**bearing(), "Content-Type": "text/plain"}
    assert problem(server.post(ASSESS, content="{}", headers=plain)) == (415, "unsupported_media_type")
    packed = {**bearing(), "Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert problem(server.post(ASSESS, content=b"{}", headers=packed)) == (415, "unsupported_media_type")
    large = {**BODY, "reasons": "x" * LARGEST}
    assert problem(server.post(ASSESS, json=large, headers=bearing())) == (413, "too_large")
    twice, odd = '{"a": 1, "a": 2}', ('{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', b'{"a": "\xff"}')
    for body in ("", "{", "[]", '"x"', "[" * 100_000, twice, *odd):
        typed = {**bearing(), "Content-Type": "application/json"}
        assert problem(server.post(ASSESS, content=body, headers=typed)) == (400, "malformed")
    assert engine.given == []


async def test_a_body_that_does_not_come_is_not_waited_for(
    app: FastAPI, server: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trickling() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    monkeypatch.setattr(limits, "SLOWEST", 0.01)
    headers = {**bearing(), "Content-Type": "application/json"}
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://gateway.example") as slow:
        response = await asyncio.wait_for(slow.post(ASSESS, content=trickling(), headers=headers), 20)
    assert problem(response) == (408, "too_slow") and response.headers["connection"] == "close"
    assert engine.given == []


@pytest.mark.parametrize("header", ["Idempotency-Key", "If-Match"])
def test_a_header_that_cannot_be_read_is_malformed(server: TestClient, header: str) -> None:
    response = server.post(ASSESS, json=BODY, headers={**bearing(), header: "#"})
    assert problem(response) == (400, "malformed") and header in response.json()["detail"]


@pytest.mark.parametrize(
    "name", ["Authorization", "Content-Type", "idempotency-key", "If-Match", "Probity-Purpose", "Probity-Role"]
)
def test_a_header_that_says_one_thing_stands_there_once(server: TestClient, engine: Engine, name: str) -> None:
    sent = {**bearing(), "Content-Type": "application/json", "If-Match": '"8"', "Probity-Purpose": "x"}
    told = {each.lower(): value for each, value in sent.items()} | {"probity-role": "appropriate_authority"}
    twice = [*told.items(), (name, told[name.lower()])]
    response = server.post(ASSESS, content=json.dumps(BODY), headers=twice)
    assert problem(response) == (400, "malformed") and name.lower() in response.json()["detail"].lower()
    assert engine.given == []
    assert server.post(ASSESS, content=json.dumps(BODY), headers=told).status_code == 200


@pytest.mark.parametrize("path", ["/events", "/cases/X-2020-0001/events"])
@pytest.mark.parametrize("sign", ["\t", "\x7f", "\x85", "\x9b31m"])
def test_a_purpose_holds_no_control_character(server: TestClient, path: str, sign: str) -> None:
    """Neither as UTF-8 nor as Latin-1 has it: it is shown on a terminal to whoever looks who read."""
    for coded in ("utf-8", "latin-1"):
        headers = {**bearing("cases:read cases:text act:intake"), "Probity-Purpose": f"Why{sign}?".encode(coded)}
        response = server.get(path, headers=cast(Any, headers))
        assert problem(response) == (400, "malformed") and "Probity-Purpose" in response.json()["detail"]


def test_a_purpose_is_as_long_as_it_reads(server: TestClient) -> None:
    long = {**bearing("act:intake"), "Probity-Purpose": ("Ü" * 501).encode()}
    told = server.get("/events", headers=cast(Any, long))
    assert problem(told) == (400, "malformed") and "longer than 500 characters" in told.json()["detail"]
    long["Probity-Purpose"] = ("Ü" * 500).encode()
    assert problem(server.get("/events", headers=cast(Any, long))) == (403, "not_permitted")


def test_of_a_key_it_is_said_how_it_has_to_be_written(server: TestClient) -> None:
    response = server.post(ASSESS, json=BODY, headers={**bearing(), "Idempotency-Key": "k#1"})
    assert "printable ASCII characters without #" in response.json()["detail"]


def test_an_act_needs_a_key(server: TestClient, engine: Engine) -> None:
    headers = {"Authorization": bearing()["Authorization"]}
    for at in ("/cases", ASSESS):
        assert problem(server.post(at, json=BODY, headers=headers)) == (400, "malformed")
    assert engine.given == []


@pytest.mark.parametrize(
    "path", ["/cases?overdu=true", "/cases?person=p-9&limit=1", "/cases/X-2020-0001?x=p-9", "/deadlines?called_for=p-9"]
)
def test_a_question_by_a_name_that_is_not_known_is_malformed(server: TestClient, path: str) -> None:
    response = server.get(path, headers=bearing())
    assert problem(response) == (400, "malformed") and "p-9" not in response.text
    assert server.get(path.partition("?")[0], headers=bearing()).status_code == 200


@pytest.mark.parametrize(
    "query", ["stage=nowhere", "limit=0", "limit=1001", "limit=x", "after=x", "force=%00", "overdue=perhaps"]
)
def test_a_question_that_cannot_be_read_is_malformed(server: TestClient, query: str) -> None:
    response = server.get(f"/cases?{query}", headers=bearing())
    assert problem(response) == (400, "malformed") and query.partition("=")[0] in response.json()["detail"]
    assert "^" not in response.json()["detail"]


@pytest.mark.parametrize("path", ["/deadlines", "/restrictions"])
@pytest.mark.parametrize("query", ["limit=0", f"limit={'9' * 5000}", "force=Ms%20x", "overdue=", "rehearsed=perhaps"])
def test_a_question_to_a_list_that_cannot_be_read_is_malformed(server: TestClient, path: str, query: str) -> None:
    response = server.get(f"{path}?{query}", headers=bearing())
    assert problem(response) == (400, "malformed") and query.partition("=")[0] in response.json()["detail"]
    assert server.get(path, headers=bearing()).status_code == 200


@pytest.mark.parametrize("query", ["overdue=true&overdue=false", "limit=9&force=x&limit=9", "after=&after="])
@pytest.mark.parametrize("path", ["/cases", "/deadlines", "/restrictions"])
def test_a_name_that_stands_twice_in_a_question_is_malformed(server: TestClient, path: str, query: str) -> None:
    told = server.get(f"{path}?{query}", headers=bearing())
    assert problem(told) == (400, "malformed")
    assert told.json()["detail"] == f"{query.partition('=')[0]}: stands there twice."


@pytest.mark.parametrize("reference", ["x", "X-2020-0001%0A", "X%00", "%20", "X" * 100])
def test_what_is_no_reference_is_the_reference_of_no_case(server: TestClient, reference: str) -> None:
    assert problem(server.get(f"/cases/{reference}", headers=bearing())) == (404, "unknown_case")


@pytest.mark.parametrize("rest", ["%2Fnext", "%2fnext", "%2Fdeadlines", "%2Fdeadlines/A", "%2Fdeadlines%2FA"])
def test_a_slash_that_is_hidden_leads_nowhere(server: TestClient, rest: str) -> None:
    """A proxy in front that lets nobody read what comes after a case would see another path than we."""
    assert problem(server.get(f"/cases/X-2020-0001{rest}", headers=bearing())) == (404, "not_found")
    plain = rest.replace("%2F", "/").replace("%2f", "/")
    assert "at this address" not in server.get(f"/cases/X-2020-0001{plain}", headers=bearing()).text


def test_the_id_of_a_deadline_may_hide_its_slash(server: TestClient) -> None:
    """As what was generated from the contract writes it."""
    told = server.get("/cases/X-2020-0001/deadlines/first_review%2FA", headers=bearing())
    assert problem(told) == (404, "not_found") and "no such deadline" in told.json()["detail"]


def test_what_is_not_there_and_what_cannot_be_done_are_problems_too(server: TestClient) -> None:
    assert problem(server.get("/nowhere")) == (404, "not_found")
    assert problem(server.post("/cases/X-2020-0001/commands/pardon", json={}, headers=bearing())) == (404, "not_found")
    response = server.delete("/cases/X-2020-0001")
    assert problem(response) == (405, "not_allowed") and response.headers["allow"] == "GET, HEAD"


def test_who_asks_too_often_is_told_when_to_ask_again(app: FastAPI, server: TestClient) -> None:
    app.state.limits = Limits("2/minute")
    statuses = [server.get("/cases", headers=bearing()).status_code for _ in range(2)]
    late, another = server.get("/cases", headers=bearing()), server.get("/cases", headers=bearing(subject="aa-2"))
    assert statuses == [200, 200] and problem(late) == (429, "too_many")
    assert 0 < int(late.headers["retry-after"]) <= 60
    assert another.status_code == 200


def test_an_address_that_guesses_tokens_is_turned_away(app: FastAPI, server: TestClient) -> None:
    app.state.limits = Limits(failures="2/minute")
    guesses = [server.get("/cases", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(3)]
    assert guesses == [401, 401, 429]
    assert server.get("/cases", headers=bearing()).status_code == 200  # of the same proxy, it may be


def test_nobody_says_by_a_header_from_which_address_they_guess(app: FastAPI) -> None:
    """A proxy on the same machine hands on what it was sent, unless it is told otherwise."""
    app.state.limits = Limits(failures="2/minute")
    config = serve._config(app)
    config.load()
    server = TestClient(config.loaded_app, client=("127.0.0.1", 1))
    headers = [{"Authorization": f"Bearer {n}", "X-Forwarded-For": f"198.51.100.{n}"} for n in range(3)]
    assert [server.get("/cases", headers=each).status_code for each in headers] == [401, 401, 429]


def test_a_rate_that_cannot_be_read_is_told_at_the_start() -> None:
    with pytest.raises(Unavailable, match="PROBITY_GATEWAY_RATE"):
        Limits("often")


def test_what_is_away_is_told_with_when_to_ask_again(server: TestClient, engine: Engine) -> None:
    engine.fails = Unavailable("The database cannot be reached.")
    response = server.get("/cases/X-2020-0001", headers=bearing())
    assert problem(response) == (503, "unavailable") and int(response.headers["retry-after"])


def test_whoever_names_an_act_is_told_that_its_key_is_kept_and_in_logs() -> None:
    said = openapi()["paths"]["/cases"]["post"]["parameters"]
    (key,) = [each["description"] for each in said if each["name"] == "Idempotency-Key"]
    docs = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text("utf-8")
    for text in (key, docs):
        assert "is kept for ever in the clear, and stands in logs:" in text and "person's name" in text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("It is away.", "It is away. Send it again as it was, under the same Idempotency-Key."),
        ("It is away. Send it again as it was, dated 2020.", "It is away. Send it again as it was, dated 2020."),
    ],
)
@pytest.mark.parametrize("path", [ASSESS, "/cases"])
def test_who_does_not_know_whether_an_act_was_done_is_told_to_send_it_again(
    server: TestClient, engine: Engine, path: str, said: str, told: str
) -> None:
    engine.fails = Unavailable(said)
    response = server.post(path, json=BODY, headers=bearing(AUTHORITY if path == ASSESS else "act:intake"))
    assert problem(response) == (503, "unavailable") and response.json()["detail"] == told


def test_a_refusal_keeps_its_citation_marks_and_what_may_be_done(server: TestClient, engine: Engine) -> None:
    engine.fails = Stale("Moved on.", "PCR 2020 reg 10 [V]; PAT Rules 2020 r.10 [M h]", ("call_in",))
    response = server.get("/cases/X-2020-0001", headers=bearing())
    assert problem(response) == (412, "stale")
    told = response.json()
    assert (told["detail"], told["citation"]) == ("Moved on.", "PCR 2020 reg 10 [V]; PAT Rules 2020 r.10 [M h]")
    assert (told["marks"], told["lawful"]) == (["V", "M h"], ["call_in"])


def test_a_fault_of_ours_tells_nothing_of_what_was_told(
    server: TestClient, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    engine.fails = ValueError("Ms Example said so")
    response = server.get("/cases/X-2020-0001", headers=bearing())
    assert problem(response) == (500, "fault") and "Example" not in response.text


def test_the_log_tells_who_asked_what_of_which_case_and_how_it_ended(
    server: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "probity.gateway")
    server.post(ASSESS, json={**BODY, "reasons": "Ms Example said so", "x": 1}, headers=bearing("act:iopc"))
    (line,) = caplog.records
    assert "POST /cases/{reference}/commands/assess_referral for aa-1: 403" in line.getMessage()
    assert (line.__dict__["case"], line.__dict__["code"]) == ("X-2020-0001", "not_permitted")
    assert "Example" not in str(line.__dict__)


def test_every_refusal_of_the_domain_has_its_status() -> None:
    assert set(REFUSALS) <= set(STATUS) == set(TITLES)


class TestDevelopment:
    """No token is asked for, and nobody can overlook it."""

    @pytest.fixture
    def open_to_all(self, unguarded: FastAPI, engine: Engine) -> TestClient:
        unguarded.state.probity = engine
        return TestClient(unguarded, base_url="http://127.0.0.1:8000")

    def test_every_answer_says_so(self, open_to_all: TestClient) -> None:
        for path in ("/health", "/cases", "/nowhere", "/docs/", "/openapi.json"):
            assert "no token is asked for" in open_to_all.get(path).headers["probity-mode"]
        assert "DEVELOPMENT MODE" in open_to_all.get("/openapi.json").json()["info"]["description"]

    def test_with_tokens_no_answer_says_so(self, server: TestClient) -> None:
        assert "probity-mode" not in server.get("/health").headers

    def test_whoever_is_named_acts(self, open_to_all: TestClient, engine: Engine) -> None:
        acting = {**BODY, "actor": {"role": "iopc", "id": "anyone"}}
        assert open_to_all.post(ASSESS, json=acting, headers={"Idempotency-Key": "k"}).status_code == 200
        assert engine.given[0][1]["actor"] == {"role": "iopc", "id": "anyone"}

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "169.254.169.254",
            "127.0.0.1.evil.example",
            "evil.example/@127.0.0.1",
            "a`b.example",
            "localhost:x",
            "[::1]evil.example",
            "::1",
            "",
        ],
    )
    def test_another_name_for_this_machine_is_not_served(self, open_to_all: TestClient, host: str) -> None:
        assert problem(open_to_all.get("/cases", headers={"Host": host})) == (421, "misdirected")

    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:65535"])
    def test_its_own_names_are_served(self, open_to_all: TestClient, host: str) -> None:
        assert open_to_all.get("/cases", headers={"Host": host}).status_code == 200

    def test_of_two_names_none_is_served(self, open_to_all: TestClient) -> None:
        two = [("Host", "localhost"), ("Host", "evil.example")]
        assert problem(open_to_all.get("/cases", headers=two)) == (421, "misdirected")


def example_bodies(path: dict[str, Any]) -> list[dict[str, Any]]:
    examples = path["post"]["requestBody"]["content"]["application/json"]["examples"]
    return [example["value"] for example in examples.values()]


class TestContract:
    """The document names everything that can be asked and answered, and takes no server."""

    def test_it_is_openapi(self) -> None:
        validate(contract())

    def test_every_command_is_a_route_whose_body_names_its_fields(self) -> None:
        told = contract()
        for name, kind in COMMANDS.items():
            operation = told["paths"][f"/cases/{{reference}}/commands/{name}"]["post"]
            shape = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert set(told["components"]["schemas"][shape]["properties"]) == set(kind.model_fields), name

    def test_every_example_is_taken_as_what_it_is_an_example_of(self) -> None:
        paths = contract()["paths"]
        (told,) = example_bodies(paths["/cases"])
        read(Referral, told, "referral")
        for name in COMMANDS:
            (told,) = example_bodies(paths[f"/cases/{{reference}}/commands/{name}"])
            command_from(name, told)

    def test_every_problem_stands_in_it(self) -> None:
        elsewhere = {"not_allowed", "misdirected"}  # of no route; of development mode
        told = {code for name in contract()["components"]["responses"] for code in name.split(".")[1:]}
        assert told == STATUS.keys() - elsewhere

    def test_the_document_of_a_server_is_the_same(self, server: TestClient) -> None:
        assert server.get("/openapi.json").json() == json.loads(json.dumps(contract()))

    def test_the_page_asks_nobody_else_for_anything(self, server: TestClient) -> None:
        assert server.get("/docs", follow_redirects=False).headers["location"] == "/docs/"
        page = server.get("/docs/")
        assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
        for name in ("", "page.js", "page.css"):
            assert "//" not in server.get(f"/docs/{name}").text.replace("// ", ""), name
        assert problem(server.get("/docs/secret"))[0] == 404


@pytest.mark.parametrize(("named", "told"), [("aa-1/k-1", "under the same id"), (None, "under the command id")])
async def test_who_has_named_an_act_is_told_no_other_name_for_it(named: str | None, told: str) -> None:
    """A caller of the gateway would take that for the key, under which the act would be another."""
    settings = Settings.from_environment({"DATABASE_URL": "postgresql://", "TEMPORAL_ADDRESS": "127.0.0.1:1"})
    probity = Probity(await connect_temporal(settings, lazy=True), cast("Any", None), settings)
    body = {**BODY, "actor": {"role": "appropriate_authority", "id": "aa-1"}}
    with pytest.raises(Unavailable, match=told) as away:
        await probity.do("X-2020-0001", "assess_referral", body, command_id=named)
    assert "k-1" not in away.value.sentence
