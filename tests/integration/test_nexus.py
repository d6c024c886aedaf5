"""Nexus: a workflow of another namespace starts a case, gives commands and reads it, through an endpoint."""

import asyncio
import os
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from nexusrpc import HandlerError, OperationError
from nexusrpc.handler import StartOperationContext
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, NexusOperationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from deploy.embedded import Stack, temporal_binary
from domain.errors import Unavailable
from integration import contract
from integration.client import Probity, connect_temporal
from integration.codec import PayloadKeys, data_converter
from integration.nexus import CasesHandler, served
from integration.settings import Settings
from tests.acceptance.test_without_our_code import blocks
from tests.engine import at_work, reference, referral, running, suspension, unreadable

KEYS = PayloadKeys([b"n" * 32])
PAGE = "nexus.md"


@workflow.defn(name="Neighbour")
class Neighbour:
    """A workflow of another service: it calls what it is told to, and tells what it was answered."""

    @workflow.run
    async def run(self, endpoint: str, calls: list[Any]) -> list[Any]:
        """Each call is an operation and its input."""
        cases = workflow.create_nexus_client(service="probity", endpoint=endpoint)
        return [await self._called(cases, *call) for call in calls]

    async def _called(self, cases: Any, operation: str, told: Any) -> Any:
        try:
            patience = timedelta(seconds=30)
            if isinstance(told, str):  # as it stands, in hexadecimal digits
                told = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=bytes.fromhex(told)))
            return await cases.execute_operation(operation, told, output_type=dict, schedule_to_close_timeout=patience)
        except NexusOperationError as failed:
            if isinstance(failed.cause, HandlerError):
                return {"handler": failed.cause.type.name, "retryable": failed.cause.retryable}
            assert isinstance(failed.cause, ApplicationError) and failed.cause.non_retryable
            refusal = failed.cause.cause
            assert isinstance(refusal, ApplicationError) and refusal.non_retryable
            return {"refused": refusal.type, "detail": refusal.details[0], "sentence": failed.cause.message}


@pytest.fixture
async def settings(stack: Stack, database_url: str) -> Settings:
    settings = replace(running(stack, database_url), nexus=True)
    return settings


async def neighbour(settings: Settings) -> str:
    """The name of a namespace, and of an endpoint to the workers: made by the commands of the page."""
    name = f"neighbour-{uuid4().hex[:8]}"
    own = {"personnel": name, "probity-cases": name, "queue probity": f"queue {settings.task_queue}"}
    for _, block in blocks(PAGE, "sh"):
        for word, said in own.items():
            block = block.replace(word, said)
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euc", block.replace("temporal ", f"{temporal_binary()} ")),
            env={**os.environ, "TEMPORAL_ADDRESS": settings.temporal_address},
            stdout=PIPE,
            stderr=STDOUT,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()
    return name


async def asked(settings: Settings, name: str, kind: type[Any], *args: Any) -> Any:
    """What a workflow of the other namespace comes to, with the engine at work beside it."""
    converter = data_converter(settings.payload_keys)
    other = await Client.connect(settings.temporal_address, namespace=name, data_converter=converter)
    calling = Worker(other, task_queue="own", workflows=[kind], workflow_runner=UnsandboxedWorkflowRunner())
    async with at_work(settings), calling:
        limit = timedelta(seconds=60)
        return await other.execute_workflow(kind.run, args=args, id=name, task_queue="own", execution_timeout=limit)


async def in_the_clear(settings: Settings, name: str) -> list[bool]:
    """Of each input and answer that passed through the endpoint, whether it lies open in the other namespace."""
    other = await Client.connect(settings.temporal_address, namespace=name)
    history = await other.get_workflow_handle(name).fetch_history()
    passed = [
        payload
        for event in history.events
        for kind in ("nexus_operation_scheduled_event_attributes", "nexus_operation_completed_event_attributes")
        if event.HasField(kind)
        for payload in (getattr(getattr(event, kind), "input" if "scheduled" in kind else "result"),)
    ]
    return [payload.metadata["encoding"] != b"binary/encrypted" for payload in passed]


def faults(shape: str, value: Any) -> list[str]:
    return [each.message for each in Draft202012Validator(contract.shape(shape)).iter_errors(value)]


@pytest.mark.parametrize("keys", [None, KEYS], ids=["in the clear", "sealed"])
async def test_a_workflow_of_another_namespace_runs_a_case(settings: Settings, keys: PayloadKeys | None) -> None:
    settings = replace(settings, payload_keys=keys)
    ref, now = reference(), datetime.now(UTC)
    matter = referral(ref)
    act = {"reference": ref, "command": "impose_restriction", "body": suspension(now), "command_id": "act-1"}
    other = {**matter, "force": "force-02"}
    calls = [("refer", matter), ("refer", matter), ("refer", other), ("refer", [])]
    calls += [
        ("give", act),
        ("give", act),
        ("give", {**act, "command_id": "act-2"}),
        ("give", {**act, "expected": "x"}),
    ]
    calls += [("read", {"reference": ref}), ("read", {"reference": "NO-SUCH-CASE"}), ("read", {"name": ref})]
    name = await neighbour(settings)
    told = await asked(settings, name, Neighbour, name, calls)
    opened, again, taken, no_object, done, done_again, twice, no_number, page, unknown, no_reference = told
    assert opened == again and opened["reference"] == ref
    assert done == done_again and done["events"][0]["type"] == "restriction_imposed"
    assert page["case"]["officers"]["A"]["restriction"] == "suspension"
    assert {each["command"] for each in page["next"]} >= {"lift_restriction", "vary_restriction"}
    assert [faults(*each) for each in (("receipt", done), ("case_read", page), ("nexus_give", act))] == [[], [], []]
    refusals = [each["refused"] for each in (taken, no_object, twice, no_number, unknown, no_reference)]
    assert refusals == ["duplicate_reference", "malformed", "already_done", "malformed", "unknown_case", "malformed"]
    assert twice["sentence"].endswith(f"already_done: {twice['detail']['sentence']}")
    assert "lift_restriction" in twice["detail"]["lawful"]
    assert await in_the_clear(settings, name) == [keys is None] * 16


async def test_a_case_that_cannot_be_read_is_told_so_and_not_asked_again(settings: Settings, owner_url: str) -> None:
    ref = reference()
    async with at_work(settings) as probity:
        await probity.refer(referral(ref))
    await unreadable(owner_url, ref)
    name = await neighbour(settings)
    (told,) = await asked(settings, name, Neighbour, name, [("read", {"reference": ref})])
    assert told["refused"] == told["detail"]["code"] == "unreadable"
    assert f"Event 2 of case {ref}" in told["sentence"]


async def test_what_is_no_json_in_utf8_is_a_bad_request(settings: Settings) -> None:
    name = await neighbour(settings)
    bodies = [b'{"reference": "\xff"}', b'{"reference": ', b'{"reference": "\\ud800"}']
    told = await asked(
        settings, name, Neighbour, name, [(op, body.hex()) for op in ("refer", "read") for body in bodies]
    )
    assert told == [{"handler": "BAD_REQUEST", "retryable": False}] * 6


async def test_the_caller_of_the_page_does_what_it_says(settings: Settings) -> None:
    ((_, code),) = blocks(PAGE, "python")
    shown: dict[str, Any] = {"__name__": __name__}
    exec(compile(code, PAGE, "exec"), shown)
    ref, name = reference(), await neighbour(settings)
    told = await asked(settings, name, shown["Personnel"], name, referral(ref), suspension(datetime.now(UTC)))
    assert told[1:] == ["refused: malformed", "suspension"]
    assert told[0].startswith("done, version ")


def context(request_id: str) -> StartOperationContext:
    return StartOperationContext(
        service="probity",
        operation="give",
        headers={},
        request_id=request_id,
        task_cancellation=None,  # type: ignore[arg-type]  # nothing here asks it
    )


async def test_an_act_without_an_id_is_done_once_for_all_attempts_of_a_request(settings: Settings) -> None:
    ref = reference()
    act = {"reference": ref, "command": "impose_restriction", "body": suspension(datetime.now(UTC))}
    async with at_work(settings) as probity:
        await probity.refer(referral(ref))
        give: Any = CasesHandler(probity).give
        first, second = [await give(context("request-1"), act) for _ in range(2)]
        assert first == second and {each.command_id for each in first.events} == {"request-1"}
        with pytest.raises(OperationError, match=r"^malformed: The command id "):  # empty is not left out
            await give(context("request-1"), {**act, "command_id": ""})


async def test_what_cannot_be_reached_is_tried_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_: Any) -> None:
        raise Unavailable("The database cannot be reached.")

    async with Probity.connect(settings) as probity:
        monkeypatch.setattr(probity, "case", away)
        with pytest.raises(HandlerError) as failed:
            read: Any = CasesHandler(probity).read
            await read(context("request-1"), {"reference": "X-2020-0001"})
    assert (failed.value.type.name, failed.value.retryable) == ("UNAVAILABLE", True)


async def test_it_is_served_only_where_it_is_switched_on(settings: Settings) -> None:
    client = await connect_temporal(settings)
    told = {"DATABASE_URL": settings.database_url}
    assert [Settings.from_environment({**told, **each}).nexus for each in ({}, {"PROBITY_NEXUS": "on"})] == [
        False,
        True,
    ]
    with pytest.raises(Unavailable, match="PROBITY_NEXUS is either on or off"):
        Settings.from_environment({**told, "PROBITY_NEXUS": "perhaps"})
    async with served(replace(settings, nexus=False), client) as nothing, served(settings, client) as services:
        assert (nothing, [type(each) for each in services]) == ([], [CasesHandler])
