"""The contract: it is what the models say, what really passes fits it, and what was released is not broken."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from pydantic_core import to_jsonable_python

from activities.reporting.read_models import TABLES, rows
from activities.reporting.reported import REPORTED
from activities.text.opening import Readable
from activities.webhooks import cloudevent
from domain.errors import REFUSALS
from domain.lawful import lawful_next
from domain.messages import COMMANDS, EVENTS, Refusal
from domain.summary import summary
from integration import contract, schemas
from integration.contract import make
from integration.contract.changes import KEYWORDS, is_part
from tests.kit import CALENDAR, EXAMPLES, Given, ordinary, referral

WRITE = "run `python -m integration.schemas` and commit what it writes"
SCHEMAS = sorted(make.SIDES)
ACTS = sorted(EXAMPLES)


@cache
def made() -> Mapping[str, Any]:
    return schemas.contract()


@cache
def told(name: str) -> Given:
    """A case in which this act was done."""
    oral = {"impose_restriction": {"oral": True}} if name == "confirm_suspension" else {}
    return ordinary(name).up_to(name, **oral)


@cache
def validator(document: str, shape: str | None = None) -> Draft202012Validator:
    whole = contract.document(document)
    schema = {"$ref": f"#/$defs/{shape}", "$defs": whole["$defs"]} if shape else whole
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(document: str, shape: str | None, value: Any) -> list[str]:
    found = validator(document, shape).iter_errors(to_jsonable_python(value))
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message[:200]}" for each in found]


@pytest.mark.parametrize("name", contract.NAMES)
def test_a_document_is_what_the_models_say(name: str) -> None:
    assert contract.document(name) == made()[name], WRITE


def test_every_document_is_there_and_no_other() -> None:
    assert set(made()) == set(contract.NAMES) == {file.stem for file in make.FOLDER.glob("*.json")}


def test_nothing_released_is_broken() -> None:
    assert set(make.kept()) == set(contract.NAMES)
    assert make.broken_since(make.kept(), made()) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_of_2020_12_and_refers_to_what_is_there(name: str) -> None:
    document = contract.document(name)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(document)
    gone = [ref for ref in references(document) if ref.removeprefix("#/$defs/") not in document["$defs"]]
    assert gone == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_check_of_changes_knows_every_word_of_a_schema(name: str) -> None:
    assert set(keywords(contract.document(name))) <= KEYWORDS


def references(node: Any) -> Iterator[str]:
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(each)
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]


def keywords(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from keywords(each)
    if isinstance(node, dict):
        for word, inside in node.items():
            yield word
            if word in ("properties", "patternProperties", "$defs"):
                for each in inside.values():
                    yield from keywords(each)
            elif word not in ("examples", "default", "const", "enum", "required", "discriminator"):
                yield from keywords(inside)


# --- What really passes


def test_a_referral_fits() -> None:
    body = referral().model_dump(mode="json")
    assert faults("referral", None, body) == []
    assert faults("referral", None, {**body, "force": None}) != []


def test_every_command_stands_in_it_with_who_may_give_it() -> None:
    shapes = contract.document("commands")["$defs"]
    assert {name for name in shapes if name in contract.names()} == set(COMMANDS)
    assert {name: shapes[name]["x-given-by"] for name in COMMANDS} == {
        name: sorted(kind.given_by) for name, kind in COMMANDS.items()
    }


@pytest.mark.parametrize("name", ACTS)
def test_the_body_of_a_command_fits(name: str) -> None:
    body = ordinary(name).before(name).body(name)
    if "officer" in body and "officers" in COMMANDS[name].model_fields:
        body["officers"] = [body.pop("officer")]
    assert faults("commands", name, body) == []
    assert faults("commands", name, {**body, "colour": "blue"}) != []
    assert faults("commands", name, {key: value for key, value in body.items() if key != "actor"}) != []


@pytest.mark.parametrize("name", ACTS)
def test_the_events_of_a_command_fit(name: str) -> None:
    for event in told(name).record:
        line = event.model_dump(mode="json")
        assert faults("events", f"{event.type}.{event.schema_version}", line) == []
    assert faults("events", f"{event.type}.{event.schema_version}", {**line, "version": "one"}) != []
    assert faults("events", f"{event.type}.{event.schema_version}", {**line, "type": "painted"}) != []


def test_an_event_fits_none_but_its_own_shape() -> None:
    first = told("assess_referral").record[0].model_dump(mode="json")
    assert faults("events", None, first) == []
    assert faults("events", None, {**first, "type": "painted"}) != []


def test_every_event_in_every_version_stands_in_it() -> None:
    assert {each["$ref"] for each in contract.document("events")["oneOf"]} == {
        f"#/$defs/{file.stem}" for file in schemas.FOLDER.glob("*.json")
    }
    assert {f"{name}.{kind.schema_version}" for name, kind in EVENTS.items()} <= set(contract.names())


def test_the_read_models_are_those_that_are_written() -> None:
    assert set(REPORTED) == set(TABLES)


@pytest.mark.parametrize("name", ACTS)
def test_the_rows_of_a_case_fit(name: str) -> None:
    for table, found in rows(told(name).case).items():
        for row in found:
            assert row.keys() == REPORTED[table].model_fields.keys()
            assert faults("read_models", table, row) == []
            assert faults("read_models", table, {**row, "force": None}) != []


@pytest.mark.parametrize("name", ACTS)
def test_the_answers_about_a_case_fit(name: str) -> None:
    case = told(name).case
    page = summary(case).model_dump(mode="json")
    assert faults("answers", "case_summary", page) == []
    assert [faults("answers", "deadline_summary", each) for each in page["deadlines"].values()] == [[]] * len(
        case.deadlines
    )
    for act in lawful_next(case, CALENDAR):
        assert faults("answers", "possible_act", act.model_dump(mode="json")) == []


def test_what_is_given_may_have_a_field_that_comes_later() -> None:
    case = told("add_party").case
    page = summary(case).model_dump(mode="json")
    page["officers"] = {ref: {**each, "later": 1} for ref, each in page["officers"].items()}
    assert faults("answers", "case_summary", {**page, "later": 1}) == []
    for table, found in rows(case).items():
        assert [faults("read_models", table, {**row, "later": 1}) for row in found] == [[]] * len(found)
    shapes = contract.document("openapi")["components"]["schemas"]
    closed = {name for name, shape in shapes.items() if shape.get("additionalProperties") is False}
    assert "Referral" in closed and not closed & {"CaseSummary", "OfficerSummary", "Opened", "FeedPage", "Problem"}


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_fits(code: str) -> None:
    refusal = Refusal.of(REFUSALS[code]("No.", "reg 11", ("assess_referral",)))
    assert faults("answers", "refusal", refusal.model_dump(mode="json")) == []


# --- One shape by itself


@pytest.mark.parametrize("name", ["impose_restriction", "restriction_imposed.1", "register", "case_summary"])
def test_a_shape_stands_by_itself(name: str) -> None:
    shape = contract.shape(name)
    Draft202012Validator.check_schema(shape)
    assert {ref.removeprefix("#/$defs/") for ref in references(shape)} == set(shape.get("$defs", {}))


def test_what_is_asked_for_is_found_and_an_event_in_its_newest_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert contract.find("events") == contract.document("events")
    assert contract.find("impose_restriction") == contract.shape("impose_restriction")
    monkeypatch.setattr(contract, "names", lambda: {f"painted.{n}": "events" for n in (2, 10, 9)})
    monkeypatch.setattr(contract, "shape", lambda name: {"found": name})
    assert contract.find("painted") == {"found": "painted.10"}
    assert contract.find("painted.9") == {"found": "painted.9"}
    assert contract.find("painte") is None
    assert contract.find("Actor") is None


def test_no_two_shapes_have_one_name() -> None:
    told = [name for within in contract.NAMES for name in contract.document(within).get("$defs", {})]
    own = [name for name in told if name in contract.names()]
    assert len(own) == len(set(own))


# --- AsyncAPI


def test_every_event_is_told_on_the_feed_and_by_webhooks_and_every_reference_leads_somewhere() -> None:
    document = contract.document("asyncapi")
    assert (document["asyncapi"], document["info"]["version"]) == ("3.0.0", str(contract.VERSION))
    events = {each["$ref"].removeprefix("#/$defs/") for each in contract.document("events")["oneOf"]}
    assert document["channels"]["feed"]["messages"].keys() == events | {"checkpoint"}
    for ref in references(document):
        file, _, inside = ref.partition("#/")
        found: Any = contract.document(Path(file).stem) if file else document
        for step in inside.split("/"):
            found = found[step]


@cache
def sent(message: str, part: str = "payload") -> Draft202012Validator:
    """What a message has to look like."""
    document = contract.document("asyncapi")
    told = document["components"]["messages"][message][part]
    whole = {**told.get("schema", told), "components": document["components"]}
    here = json.loads(json.dumps(whole).replace("./events.json#/$defs/", "#/$defs/"))
    return Draft202012Validator(
        {**here, "$defs": contract.document("events")["$defs"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


@pytest.mark.parametrize("name", ACTS)
def test_what_is_sent_to_a_subscriber_fits(name: str) -> None:
    event = Readable.model_validate(told(name).record[-1].model_dump())
    body = json.loads(cloudevent.body(event, "force-1"))
    check = sent(f"{body['type']}.{event.schema_version}")
    assert [each.message for each in check.iter_errors(body)] == []
    for field, wrong in (("type", "probity.painted"), ("specversion", "0.3"), ("force", None), ("data", {})):
        assert not check.is_valid({**body, field: wrong}), field


def test_a_test_and_the_headers_of_a_webhook_fit() -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    body = cloudevent.test_body(UUID(int=1), "hr-system", noon)
    headers = cloudevent.headers(UUID(int=1), noon, body, [b"s" * 32])
    assert [each.message for each in sent(cloudevent.TEST).iter_errors(json.loads(body))] == []
    assert [each.message for each in sent(cloudevent.TEST, "headers").iter_errors(headers)] == []
    assert not sent(cloudevent.TEST, "headers").is_valid({**headers, "webhook-signature": None})


# --- OpenAPI: that it is valid is tested with the gateway


def test_the_check_of_changes_knows_every_word_of_the_gateway_s_schemas() -> None:
    document = contract.document("openapi")
    told = [*document["components"]["schemas"].values(), *schemas_within(document["paths"])]
    assert len(told) > 200
    assert {word for schema in told for word in keywords(schema)} <= KEYWORDS


def schemas_within(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        for word, inside in node.items():
            yield from [inside] if word == "schema" else schemas_within(inside)
    elif isinstance(node, list):
        for each in node:
            yield from schemas_within(each)


# --- What is released


def shortened(documents: Mapping[str, Any], name: str, *path: str) -> dict[str, Any]:
    """The same documents with something taken out of one."""
    changed = json.loads(json.dumps(documents))
    *way, last = path
    inside = changed[name]
    for step in way:
        inside = inside[step]
    del inside[last]
    return dict(changed)


@cache
def little() -> Mapping[str, Any]:
    """The contract with one command, event, row and call: enough to take something from, and quickly compared."""
    kept = {"assess_referral", "restriction_imposed.1", "register", "receipt", "refusal"}
    documents = json.loads(json.dumps(made()))
    for document in documents.values():
        shapes = document.get("$defs", {})
        for name in [name for name in shapes if not is_part(name) and name not in kept]:
            del shapes[name]
    documents["openapi"]["paths"] = {"/cases": documents["openapi"]["paths"]["/cases"]}
    return dict(documents)


class TestARelease:
    """Of a little contract, in a folder of its own."""

    def test_may_be_added_to(self, tmp_path: Path) -> None:
        before = shortened(little(), "commands", "$defs", "assess_referral", "properties", "illustrative")
        before = shortened(before, "events", "$defs", "restriction_imposed.1")
        assert make.write(tmp_path, before, release=True) == []
        assert make.write(tmp_path, little()) == []
        assert make.kept(tmp_path) == before

    @pytest.mark.parametrize(
        ("document", "path", "sentence"),
        [
            ("commands", ("$defs", "assess_referral"), "commands: assess_referral: is gone"),
            (
                "commands",
                ("$defs", "assess_referral", "properties", "reasons"),
                "commands: assess_referral: reasons: is gone",
            ),
            ("referral", ("properties", "about"), "referral: about: is gone"),
            ("events", ("$defs", "restriction_imposed.1"), "events: restriction_imposed.1: is gone"),
            (
                "events",
                ("$defs", "Recorded", "properties", "hash"),
                "events: restriction_imposed.1: hash: is gone",
            ),
            ("read_models", ("$defs", "register", "properties", "stage"), "read_models: register: stage: is gone"),
            ("asyncapi", ("channels", "feed"), "asyncapi: feed: is gone"),
            (
                "asyncapi",
                ("components", "schemas", "cloud_event_of_a_case", "properties", "force"),
                "asyncapi: cloud_event_of_a_case: force: is gone",
            ),
            ("openapi", ("paths", "/cases", "get"), "openapi: GET /cases: is gone"),
        ],
    )
    def test_is_not_taken_from_without_a_new_version(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: str, path: tuple[str, ...], sentence: str
    ) -> None:
        make.write(tmp_path, little(), release=True)
        after = shortened(little(), document, *path)
        assert sentence in make.write(tmp_path, after)
        assert json.loads((tmp_path / f"{document}.json").read_text()) == little()[document]
        after["commands"]["$id"] = f"urn:probity:contract:{contract.VERSION + 1}:commands"
        assert make.write(tmp_path, after) == []

    def test_is_not_lost_a_document_of(self) -> None:
        after = {name: each for name, each in little().items() if name != "answers"}
        assert make.broken_since(little(), after) == ["answers: is gone"]
