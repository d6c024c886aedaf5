"""Acts over HTTP: refer a matter, give a command. One route a command, made from the domain's models.

Each is done once under its `Idempotency-Key`, so that a caller who got no answer sends it again as it was.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response
from pydantic import Field

from domain.duplicates import Likeness
from domain.errors import Unavailable
from domain.faults import form
from domain.handover import HandOverOfficer, TakeOverOfficer
from domain.messages import COMMANDS, Command, read
from domain.referral import Referral
from integration.client import Probity, Receipt
from integration.gateway.access import Asking, Caller
from integration.gateway.answers import etag, expected_version, told
from integration.gateway.cases import CaseReference, known_reference, visible
from integration.gateway.limits import json_body
from integration.gateway.openapi import body_of, problems, receipt_headers

__all__ = ["router"]

router = APIRouter()

Key = Annotated[
    str,
    form(r"^[ -\"$-~]+$", "has to be printable ASCII characters without #"),
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Names the act: sent again under it, it is done once and answered as the first time. "
        "1 to 200 printable ASCII characters, without `#`. It is kept for ever in the clear, and stands in logs: "
        "a UUID, and no person's name.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The ETag of the case that the act is meant for, as `"7"`: refused as `stale` if it has moved on.',
    ),
]
Body = Annotated[dict[str, Any], Depends(json_body)]


class Opened(Receipt):
    """The receipt for a referral."""

    possible_duplicates: tuple[Likeness, ...] = Field(
        default=(),
        description="Cases recorded before it that may be the same matter, until a person has compared or linked them.",
    )


@router.post(
    "/cases",
    status_code=201,
    tags=["cases"],
    summary="Refer a matter: open its case",
    operation_id="refer",
    responses={201: {"model": Opened, "headers": receipt_headers(location=True)}, **problems("refer")},
    openapi_extra=body_of(Referral),
)
async def refer(request: Request, caller: Asking, key: Key, body: Body) -> Response:
    """Open a case with a referral. The same key with the same referral answers with the same receipt, also years after.

    A matter that looks like one that was referred before is taken all the same: the answer names what is alike.
    `actor` may be left out: then it is the subject of the token, in the one role that its scopes leave.
    """
    probity: Probity = request.app.state.probity
    matter = caller.acting(body, Referral.given_by)
    with _to_be_sent_again():
        receipt = await probity.refer_under(matter, caller.subject, key)
        request.state.case = receipt.reference
        alike = await probity.duplicates(receipt.reference, earlier=True)
    opened = Opened(**dict(receipt), possible_duplicates=tuple(alike))
    answer = told(request, opened, etag(receipt.version), 201)
    answer.headers["Location"] = f"{request.scope.get('root_path', '')}/cases/{receipt.reference}"
    return answer


def _route(kind: type[Command]) -> Callable[..., Awaitable[Response]]:
    async def give(
        request: Request,
        reference: CaseReference,
        caller: Asking,
        key: Key,
        body: Body,
        if_match: IfMatch = None,
    ) -> Response:
        request.state.case, request.state.command = known_reference(reference), kind.name
        probity: Probity = request.app.state.probity
        act = caller.acting(body, kind.given_by)
        own = f"{caller.subject}/{key}"  # keys are each caller's own: a subject holds no `/`
        with _to_be_sent_again():
            await _check_sees(probity, caller, reference, kind, act)
            receipt = await probity.do(reference, kind.name, act, command_id=own, expected=expected_version(if_match))
        return told(request, receipt, etag(receipt.version))

    return give


@contextmanager
def _to_be_sent_again() -> Iterator[None]:
    """What is away is told with what the caller, who cannot know whether it was done, may do; unless that is told."""
    try:
        yield
    except Unavailable as away:
        if type(away) is not Unavailable or " again" in away.sentence:
            raise
        raise Unavailable(f"{away.sentence} Send it again as it was, under the same Idempotency-Key.") from None


async def _check_sees(
    probity: Probity, caller: Caller, reference: str, kind: type[Command], act: dict[str, Any]
) -> None:
    """The case, and the one that the act takes over from or hands over to, must exist for the caller too."""
    await visible(probity, caller, reference)
    if kind is TakeOverOfficer:
        await visible(probity, caller, read(TakeOverOfficer, act, kind.name).from_case)
    if kind is HandOverOfficer:
        await visible(probity, caller, read(HandOverOfficer, act, kind.name).to)


def _describe(kind: type[Command]) -> dict[str, Any]:
    who = ", ".join(f"`{role}`" for role in sorted(kind.given_by))
    return {"description": f"{kind.__doc__}\n\nGiven by {who}.", "summary": kind.name.replace("_", " ").capitalize()}


for name, model in sorted(COMMANDS.items()):
    router.add_api_route(
        f"/cases/{{reference}}/commands/{name}",
        _route(model),
        methods=["POST"],
        tags=["commands"],
        operation_id=name,
        responses={200: {"model": Receipt, "headers": receipt_headers()}, **problems("command")},
        openapi_extra=body_of(model),
        **_describe(model),
    )
