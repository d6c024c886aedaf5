"""The gateway over a real engine: cases started and driven over HTTP, read, searched and followed."""

import asyncio
import json
import re
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import schemathesis
from httpx2 import AsyncClient
from pydantic_core import to_json
from schemathesis import config as fuzzing
from schemathesis.engine import events, from_schema

from activities import claims
from activities.store import Pool
from activities.text import erasure, reads
from domain.messages import Actor
from domain.vocabulary import Role
from integration.client import Probity
from integration.gateway import feed, gateway, openapi
from integration.gateway.limits import Limits
from tests.engine import RING, act, reference, referral, unreadable
from tests.flood import counted, matter, pour
from tests.gateway import EVERY_DAY, authority, bearing, intake, problem, referred, served

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC)
ASSESSMENT = act("appropriate_authority", NOW, kind="voluntary", reasons="Grave, said Ms Example.")


async def test_a_referral_opens_a_case_once_however_often_it_is_sent(http: AsyncClient) -> None:
    ref, key = reference(), str(uuid4())
    matter = referral(ref)
    answers = [await http.post("/cases", json=matter, headers=intake(key)) for _ in range(3)]
    assert {each.status_code for each in answers} == {201}, answers[0].text
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert answers[0].headers["location"] == f"/cases/{ref}"
    assert answers[0].json()["events"][0]["type"] == "case_referred"


async def test_sent_again_long_after_it_is_answered_as_the_first_time(http: AsyncClient) -> None:
    ref, key = reference(), str(uuid4())
    first = await http.post("/cases", json=referral(ref, known=NOW), headers=intake(key))
    moved = await http.post(f"/cases/{ref}/commands/assess_referral", json=ASSESSMENT, headers=authority())
    assert moved.status_code == 200, moved.text
    again = await http.post("/cases", json=referral(ref, known=NOW), headers=intake(key))
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["etag"] == first.headers["etag"] != moved.headers["etag"]


async def test_a_key_that_comes_with_another_matter_is_refused(http: AsyncClient) -> None:
    ref, key = reference(), str(uuid4())
    matter = referral(ref)
    assert (await http.post("/cases", json=matter, headers=intake(key))).status_code == 201
    other = await http.post("/cases", json=referral(reference()), headers=intake(key))
    changed = await http.post("/cases", json={**matter, "force": "force-02"}, headers=intake(key))
    assert problem(other) == problem(changed) == (409, "already_done")


async def test_a_reference_is_taken_for_every_other_key_and_caller(http: AsyncClient) -> None:
    ref, key = reference(), str(uuid4())
    matter = referral(ref)
    assert (await http.post("/cases", json=matter, headers=intake(key))).status_code == 201
    assert problem(await http.post("/cases", json=matter, headers=intake())) == (409, "duplicate_reference")
    another = {**matter, "actor": {"role": "intake", "id": "intake-2"}}
    headers = bearing("intake-2", EVERY_DAY, **{"Idempotency-Key": key})
    assert problem(await http.post("/cases", json=another, headers=headers)) == (409, "duplicate_reference")


async def test_a_reference_that_is_claimed_and_not_open_yet_is_not_said_to_be_another_matters(
    http: AsyncClient, probity: Probity
) -> None:
    """It may be the very same: whoever referred it lost its key, or its answer."""
    ref = reference()
    await claims.claim(probity._pool, "intake-1", "lost", ref)
    refused = await http.post("/cases", json=referral(ref), headers=intake())
    assert problem(refused) == (409, "duplicate_reference")
    assert refused.json()["detail"] == f"The reference {ref} is taken: it was referred under another key."


AT_ONCE = 100  # referrals; as many as one likes: python -m benchmarks.referrals


async def test_the_same_matter_told_twice_is_taken_and_flagged_but_never_with_a_restricted_case(
    http: AsyncClient,
) -> None:
    told = matter(reference())
    await referred(http, officers=told["officers"], restricted=True)
    first, key = await referred(http, officers=told["officers"]), str(uuid4())
    answers = [(await http.post("/cases", json=told, headers=intake(key))).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert [each["reference"] for each in answers[0]["possible_duplicates"]] == [first]


async def test_many_referrals_posted_at_once_and_twice_make_one_case_each(
    http: AsyncClient, probity: Probity, owner_url: str
) -> None:
    refs = [reference() for _ in range(AT_ONCE)]
    before = len(await probity.register())
    async with asyncio.timeout(120):
        flood = await pour(http, [matter(ref) for ref in refs], intake, pause=0.1)
    assert flood.answers["201"] == 2 * AT_ONCE and flood.differing() == []
    assert {told["reference"] for (told, _) in flood.receipts.values()} == set(refs)
    assert await counted(owner_url, refs) == {
        "cases": AT_ONCE,
        "referred_once": AT_ONCE,
        "referred_more_than_once": 0,
        "in_the_register": AT_ONCE,
        "cases_in_all": before + AT_ONCE,
    }
    assert [fault for ref in refs for fault in await probity.verify(ref)] == []


async def test_a_command_is_given_once_under_its_key(http: AsyncClient) -> None:
    ref, headers = await referred(http), authority("assess-1")
    first = await http.post(f"/cases/{ref}/commands/assess_referral", json=ASSESSMENT, headers=headers)
    again = await http.post(f"/cases/{ref}/commands/assess_referral", json=ASSESSMENT, headers=headers)
    assert first.status_code == 200 and first.json() == again.json()
    changed = {**ASSESSMENT, "reasons": "Something else."}
    other = await http.post(f"/cases/{ref}/commands/assess_referral", json=changed, headers=headers)
    assert problem(other) == (409, "already_done")
    assert "assess-1" not in other.text and "authority" not in other.text  # no id of ours that could be taken for a key


async def test_a_key_is_of_its_own_act_also_once_the_words_of_that_are_erased(http: AsyncClient, keeper: Pool) -> None:
    ref, key = reference(), str(uuid4())
    matter, do = referral(ref, known=NOW), f"/cases/{ref}/commands/"
    first = await http.post("/cases", json=matter, headers=intake(key))
    assessed = await http.post(f"{do}assess_referral", json=ASSESSMENT, headers=authority(key))
    assert (first.status_code, assessed.status_code) == (201, 200), assessed.text
    await erasure.forget(keeper, None, ref, Actor(role=Role.CLERK, id="c-7"), "The period has ended.")
    officers = [{**matter["officers"][0], "person": "p-another"}, *matter["officers"][1:]]
    for other in ({**matter, "officers": officers}, {**matter, "force": "force-02"}):
        assert problem(await http.post("/cases", json=other, headers=intake(key))) == (409, "already_done")
    refer = act("appropriate_authority", NOW)
    another = await http.post(f"{do}refer_to_iopc", json=refer, headers=authority(key))
    assert problem(another) == (409, "already_done")
    assert (await http.post("/cases", json=matter, headers=intake(key))).status_code == 201
    again = await http.post(f"{do}assess_referral", json=ASSESSMENT, headers=authority(key))
    assert [each["event_id"] for each in again.json()["events"]] == [
        each["event_id"] for each in assessed.json()["events"]
    ]


async def test_the_keys_of_two_callers_never_meet(http: AsyncClient) -> None:
    ref, key, scope = await referred(http), "k" * 200, "cases:read act:clerk"
    at, notice = f"/cases/{ref}/commands/add_party", {"occurred_at": NOW.isoformat(), "kind": "interested_person"}
    for number, who in enumerate(("clerk-1", "clerk-2")):
        headers = bearing(who, scope, **{"Idempotency-Key": key})
        answers = [await http.post(at, json={**notice, "party": f"P-{number}"}, headers=headers) for _ in range(2)]
        assert answers[0].status_code == 200 and answers[0].json() == answers[1].json(), answers[0].text


async def test_a_command_for_a_version_that_has_passed_is_stale(http: AsyncClient) -> None:
    ref = await referred(http)
    seen = (await http.get(f"/cases/{ref}", headers=authority())).headers["etag"]
    at = f"/cases/{ref}/commands/assess_referral"
    assert (await http.post(at, json=ASSESSMENT, headers=authority(**{"If-Match": seen}))).status_code == 200
    late = await http.post(
        f"/cases/{ref}/commands/refer_to_iopc",
        json=act("appropriate_authority", NOW),
        headers=authority(**{"If-Match": seen}),
    )
    assert problem(late) == (412, "stale")
    assert problem(await http.post(at, json=ASSESSMENT, headers=authority(**{"If-Match": "7"}))) == (400, "malformed")


async def test_a_refusal_says_where_the_law_stands_and_what_may_be_done(http: AsyncClient) -> None:
    ref = await referred(http)
    early = act("appropriate_authority", datetime.now(UTC), officer="A", hearing="H-1")
    response = await http.post(f"/cases/{ref}/commands/refer_to_proceedings", json=early, headers=authority())
    told = response.json()
    assert problem(response) == (409, "wrong_stage") and "assess_referral" in told["lawful"], told
    alone = act("appropriate_authority", datetime.now(UTC), officer="A", measure="suspension", reasons="Grave.")
    unlawful = await http.post(f"/cases/{ref}/commands/impose_restriction", json=alone, headers=authority())
    assert problem(unlawful) == (422, "unlawful")
    assert unlawful.json()["citation"].endswith("[V]") and unlawful.json()["marks"] == ["V"]


async def test_who_acts_is_the_bearer_in_a_role_of_theirs(http: AsyncClient) -> None:
    ref = await referred(http)
    at = f"/cases/{ref}/commands/assess_referral"
    someone_else = {**ASSESSMENT, "actor": {"role": "appropriate_authority", "id": "aa-9"}}
    assert problem(await http.post(at, json=someone_else, headers=authority())) == (403, "not_permitted")
    assert problem(await http.post(at, json=ASSESSMENT, headers=intake())) == (403, "not_permitted")
    nobody = {name: value for name, value in ASSESSMENT.items() if name != "actor"}
    assert problem(await http.post(at, json=nobody, headers=intake())) == (403, "not_permitted")
    done = await http.post(at, json=nobody, headers=authority())
    assert done.json()["events"][0]["actor"] == {"role": "appropriate_authority", "id": "appropriate_authority-1"}


async def test_a_case_is_read_with_what_is_due_and_what_may_be_done(http: AsyncClient) -> None:
    ref, headers = await referred(http), authority()
    page = await http.get(f"/cases/{ref}", headers=headers)
    assert page.json()["stage"] == "referral" and page.headers["etag"] == f'"{page.json()["version"]}"'
    possible = (await http.get(f"/cases/{ref}/next", headers=headers)).json()["acts"]
    assert "assess_referral" in {each["command"] for each in possible}
    deadlines = (await http.get(f"/cases/{ref}/deadlines", headers=headers)).json()["deadlines"]
    (one, *_) = deadlines
    explained = (await http.get(f"/cases/{ref}/deadlines/{one}", headers=headers)).json()
    assert explained["deadline"] == deadlines[one] and explained["explanation"]
    missing = await http.get(f"/cases/{ref}/deadlines/no/such", headers=headers)
    assert problem(missing) == (404, "not_found")


@pytest.mark.parametrize("path", ["", "/events", "/deadlines", "/next"])
async def test_what_the_caller_has_is_not_sent_again(http: AsyncClient, path: str) -> None:
    ref = await referred(http)
    first = await http.get(f"/cases/{ref}{path}", headers=authority())
    same = await http.get(f"/cases/{ref}{path}", headers=authority(**{"If-None-Match": first.headers["etag"]}))
    assert (first.status_code, same.status_code, same.content) == (200, 304, b"")


async def test_free_text_stays_sealed_until_it_is_said_why_it_is_read(http: AsyncClient, pool: Pool) -> None:
    ref = await referred(http)
    sealed = await http.get(f"/cases/{ref}/events", headers=intake())
    assert "looked up" not in sealed.text and await reads.readings(pool, ref) == []
    why = {"Probity-Purpose": "To assess the referral."}
    no_right = await http.get(f"/cases/{ref}/events", headers=authority(**why))
    assert problem(no_right) == (403, "not_permitted")
    opened = await http.get(f"/cases/{ref}/events", headers=intake(**why))
    assert "Said to have looked up a record." in opened.text
    (reading,) = await reads.readings(pool, ref)
    assert (reading.reader.role, reading.reader.id, reading.purpose) == ("intake", "intake-1", why["Probity-Purpose"])


async def test_a_purpose_is_recorded_in_the_letters_of_whoever_reads(http: AsyncClient, pool: Pool) -> None:
    ref, why = await referred(http), "Überprüfung, Müller"
    for sent in (f"{why}, § 7 “x”".encode(), why.encode("latin-1")):
        headers = [(name.encode(), value.encode()) for name, value in intake().items()]
        assert (await http.get(f"/cases/{ref}/events", headers=[*headers, (b"Probity-Purpose", sent)])).is_success
    assert [each.purpose for each in await reads.readings(pool, ref)] == [f"{why}, § 7 “x”", why]


RIGHT = "cases:read cases:text cases:restricted act:intake act:appropriate_authority"


async def test_a_restricted_case_does_not_exist_for_who_lacks_the_right(http: AsyncClient) -> None:
    ref = await referred(http, restricted=True, force="force-hidden")
    body = act("appropriate_authority", datetime.now(UTC), kind="voluntary", reasons="Grave.")
    for path in ("", "/events", "/deadlines", "/next", "/deadlines/x"):
        hidden = await http.get(f"/cases/{ref}{path}", headers=authority())
        unknown = await http.get(f"/cases/NO-{ref}{path}", headers=authority())
        assert problem(hidden) == problem(unknown) == (404, "unknown_case")
        assert hidden.json()["detail"] == unknown.json()["detail"].replace(f"NO-{ref}", ref)
    refused = await http.post(f"/cases/{ref}/commands/assess_referral", json=body, headers=authority())
    assert problem(refused) == (404, "unknown_case")
    sought = {"force": "force-hidden"}
    assert (await http.get("/cases", params=sought, headers=authority())).json() == {
        "cases": [],
        "total": 0,
        "next": None,
    }
    found = (await http.get("/cases", params=sought, headers=bearing("x", RIGHT))).json()
    assert (found["total"], found["cases"][0]["reference"], found["cases"][0]["restricted"]) == (1, ref, True)
    headers = authority(scope=RIGHT)
    assert (await http.post(f"/cases/{ref}/commands/assess_referral", json=body, headers=headers)).status_code == 200


async def test_a_register_that_was_changed_shows_no_case_that_its_record_restricts(
    http: AsyncClient, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The engine's login makes the read models; it reads no text, and is to have none read by who may not see it."""
    officers = [{"officer": "A", "person": f"p-{uuid4().hex}"}, {"officer": "B", "person": f"p-{uuid4().hex}"}]
    ref = await referred(http, restricted=True, officers=officers)
    await owner.execute("UPDATE reporting.register SET restricted = false WHERE reference = $1", ref)
    for path in ("", "/events", "/deadlines", "/next"):
        assert problem(await http.get(f"/cases/{ref}{path}", headers=authority())) == (404, "unknown_case")
    assert ref not in {each["stream"] for each in await every_event(http, authority())}
    again = await http.post("/cases", json=referral(reference()) | {"officers": officers}, headers=intake())
    assert (again.status_code, again.json()["possible_duplicates"]) == (201, [])
    await owner.execute("UPDATE reporting.register SET restricted = true WHERE reference = $1", ref)


ELSEWHERE: dict[str, tuple[str, dict[str, Any]]] = {  # acts of an open case that name another, and how they do
    "link_case": ("reference", {"open_under": "2012"}),
    "compare_case": ("reference", {"view": "another_matter", "reasons": "Another night."}),
}
OWN = re.compile(r"[0-9a-f]{32,64}|[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-][0-9:]+)|\d+-\d+-\d+")


@pytest.mark.parametrize("name", ELSEWHERE)
async def test_an_unseen_case_that_an_act_names_is_answered_as_one_that_is_absent(
    http: AsyncClient, owner_url: str, name: str
) -> None:
    """At the act, and in whatever the caller can read of either side of it afterwards."""
    officers = matter(reference())["officers"]
    hidden, absent = await referred(http, restricted=True, officers=officers), reference()
    await unreadable(owner_url, hidden)  # nor does what an upgrade brings to it show
    field, facts = ELSEWHERE[name]
    seen = []
    for other in (hidden, absent):
        ref = await referred(http, officers=officers)
        told = act("appropriate_authority", datetime.now(UTC), **facts, **{field: other})
        calls = [http.post(f"/cases/{ref}/commands/{name}", json=told, headers=authority("k")) for _ in range(2)]
        calls += [
            http.get(f"/cases/{ref}{path}", headers=authority()) for path in ("", "/events", "/deadlines", "/next")
        ]
        calls += [http.get(f"/cases/{other}{path}", headers=authority()) for path in ("", "/events", "/deadlines/x")]
        answers = [await call for call in calls]
        assert [each.status_code for each in answers] == 6 * [200] + 3 * [404], answers[0].text
        seen.append([OWN.sub("", each.text.replace(other, "OTHER").replace(ref, "REF")) for each in answers])
    assert seen[0] == seen[1]
    told_last = (
        await http.post("/cases", json={**referral(reference()), "officers": officers}, headers=intake())
    ).json()
    assert hidden not in str(told_last) and len(told_last["possible_duplicates"]) == 2


async def test_nothing_is_handed_over_to_an_unseen_case_and_it_is_answered_as_one_that_is_absent(
    http: AsyncClient,
) -> None:
    hidden, absent = await referred(http, restricted=True), reference()
    ref = await referred(http)
    told = act("appropriate_authority", datetime.now(UTC), officer="A", reasons="The same night's work.")
    path, answers = f"/cases/{ref}/commands/hand_over_officer", list[str]()
    for other in (hidden, absent):
        answer = await http.post(path, json={**told, "to": other}, headers=authority(f"to-{other}"))
        assert problem(answer) == (404, "unknown_case")
        answers.append(OWN.sub("", answer.text.replace(other, "OTHER")))
    assert answers[0] == answers[1]
    seeing = await http.post(path, json={**told, "to": hidden}, headers=authority("to", scope=RIGHT))
    assert seeing.status_code == 200, seeing.text


async def every_event(http: AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await http.get("/events", params={"after": after, "limit": 50}, headers=headers)).json()
        if not page["events"]:
            return found
        found, after = [*found, *page["events"]], page["cursor"]


async def test_the_feed_tells_every_event_once_and_of_restricted_cases_only_to_whom_it_may(http: AsyncClient) -> None:
    open_to_all, hidden = await referred(http), await referred(http, restricted=True)
    seen = await every_event(http, authority())
    ids = [each["event_id"] for each in seen]
    assert len(set(ids)) == len(ids)
    streams = {each["stream"] for each in seen}
    assert open_to_all in streams and hidden not in streams
    assert hidden in {each["stream"] for each in await every_event(http, bearing("x", RIGHT))}
    assert "looked up" not in str(seen)


@pytest.mark.parametrize("purpose", [{}, {"Probity-Purpose": "To test."}], ids=["sealed", "open"])
async def test_a_page_of_the_feed_is_to_the_byte_what_its_model_writes(
    http: AsyncClient, purpose: dict[str, str]
) -> None:
    await referred(http)
    told = await http.get("/events", params={"limit": 1000}, headers=bearing("reader-1", EVERY_DAY, **purpose))
    page = feed.FeedPage.model_validate_json(told.content)
    assert any("sealed" in each.withheld.values() for each in page.events) == (not purpose)
    assert to_json(page) == told.content


async def test_the_register_is_searched_in_pages(http: AsyncClient) -> None:
    force = f"force-{uuid4().hex[:8]}"
    refs = sorted([await referred(http, force=force) for _ in range(3)])
    first = (await http.get("/cases", params={"force": force, "limit": 2}, headers=authority())).json()
    assert ([each["reference"] for each in first["cases"]], first["total"], first["next"]) == (refs[:2], 3, refs[1])
    rest = {"force": force, "limit": 2, "after": first["next"]}
    last = (await http.get("/cases", params=rest, headers=authority())).json()
    assert ([each["reference"] for each in last["cases"]], last["total"], last["next"]) == (refs[2:], 3, None)
    for filters, many in (
        ({"overdue": True}, 0),
        ({"stage": "referral"}, 3),
        ({"stage": "closed"}, 0),
        ({"open": True}, 3),
    ):
        found = (await http.get("/cases", params={"force": force, **filters}, headers=authority())).json()
        assert found["total"] == many, filters


@pytest.fixture
async def unguarded(probity: Probity) -> AsyncIterator[str]:
    """The gateway in development mode, on a port: whoever asks may do everything, and so gets far."""
    app = gateway(probity, None, Limits("1000000/minute"), ring=RING)
    async with served(app) as address:
        yield address


# A date that is no date of the case is refused, and of tokens nothing is asked here: tests/unit/test_gateway.py does.
NOT_ASKED = {"positive_data_acceptance": {"enabled": False}, "ignored_auth": {"enabled": False}}


def fuzzed(address: str, known: str) -> tuple[set[str], list[str]]:
    """Ask everything that the contract names, rightly and wrongly: what was asked, and what was answered amiss."""
    project = fuzzing.ProjectConfig(
        base_url=address,
        parameters={"path.reference": known},
        request_timeout=60,
        checks=fuzzing.ChecksConfig.from_dict(NOT_ASKED),
        generation=fuzzing.GenerationConfig(
            max_examples=1, no_shrink=True, deterministic=True, database="none", with_security_parameters=False
        ),
        phases=fuzzing.PhasesConfig(
            coverage=fuzzing.CoveragePhaseConfig(enabled=False), stateful=fuzzing.StatefulPhaseConfig(enabled=False)
        ),
        continue_on_failure=True,
    )
    config = fuzzing.SchemathesisConfig(seed=7, projects=fuzzing.ProjectsConfig(default=project))
    # A stream has no end that could be waited for.
    schema = schemathesis.openapi.from_dict(openapi(), config=config).exclude(path="/events/stream")
    asked, amiss = set(), []
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished) and event.label:
            asked |= {event.label} if event.recorder.interactions else set()
            checks = [check for several in event.recorder.checks.values() for check in several if check.failure_info]
            amiss += [f"{event.label}: {check.failure_info}" for check in checks]
        elif isinstance(event, events.NonFatalError | events.FatalError):
            amiss.append(str(event))
    return asked, amiss


async def test_whatever_is_asked_it_answers_as_the_contract_says_and_never_fails(
    unguarded: str, probity: Probity
) -> None:
    ref = reference()
    await probity.refer_under(referral(ref), "schemathesis", ref)
    asked, amiss = await asyncio.to_thread(fuzzed, unguarded, ref)
    assert amiss == []
    served = {f"{method.upper()} {path}" for path, methods in openapi()["paths"].items() for method in methods}
    assert asked == served - {"GET /events/stream"}
    assert await probity.verify(ref) == []


async def test_the_feed_is_followed_from_where_it_was_left(unguarded: str, http: AsyncClient) -> None:
    ref = await referred(http)
    async with AsyncClient(base_url=unguarded, timeout=30) as client:
        last = (await client.get("/events", params={"limit": 1000})).json()
        while last["events"]:
            seen, last = last, (await client.get("/events", params={"after": last["cursor"], "limit": 1000})).json()
        before = seen["events"][-2]["cursor"]
        async with client.stream("GET", "/events/stream", headers={"Last-Event-ID": before}) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            told = sse(stream.aiter_lines())
            first = await anext(told)
            assert (first["id"], json.loads(first["data"])["event_id"]) == (
                seen["events"][-1]["cursor"],
                seen["events"][-1]["event_id"],
            )
            at = f"/cases/{ref}/commands/assess_referral"
            assert (await http.post(at, json=ASSESSMENT, headers=authority())).status_code == 200
            live = await asyncio.wait_for(anext(told), 10)
            assert (live["event"], json.loads(live["data"])["stream"]) == ("referral_assessed", ref)


BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


async def test_the_commands_of_the_page_do_what_it_says(unguarded: str, tmp_path: Path) -> None:
    (tmp_path / ".probity").mkdir()
    (tmp_path / ".probity" / "env").write_text(f"export PROBITY_GATEWAY_URL={unguarded}\n")
    printed = []
    for block in BLOCK.findall((ROOT / "docs" / "gateway.md").read_text("utf-8")):
        shell = await asyncio.create_subprocess_exec("bash", "-euc", block, cwd=tmp_path, stdout=PIPE, stderr=STDOUT)
        printed.append((await asyncio.wait_for(shell.communicate(), 30))[0].decode())
        assert shell.returncode == 0, printed[-1]
    referred, possible, assessed, refused, read = printed
    assert '"type":"case_referred"' in referred and "without a purpose" not in referred
    assert '"command":"assess_referral"' in possible and '"citation"' in possible
    assert '"type":"referral_assessed"' in assessed
    assert '"code":"unlawful"' in refused and '"citation"' in refused
    assert "without a purpose" in read and "event: case_referred" in read


async def sse(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, str]]:
    """Server-Sent Events, as the standard has them read."""
    event: dict[str, str] = {}
    async for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield event
            event = {}
