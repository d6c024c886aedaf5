"""Cases as they are read over HTTP: one case, its chronology, deadlines, what may be done next; and the register."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from activities.reporting.search import Found, Sought
from activities.text.opening import Readable
from domain.case import Possible
from domain.case import lawful_next as allowed
from domain.deadlines import explain
from domain.errors import NotFound, UnknownCase
from domain.messages import REFERENCE, Model, OpaqueId, Reference
from domain.state import Case
from domain.summary import CaseSummary, DeadlineSummary, summary
from domain.vocabulary import Stage
from domain.working_days import england_and_wales
from integration.client import Probity
from integration.gateway.access import READ, Asking, Caller, Reading, needs
from integration.gateway.answers import etag, told
from integration.gateway.openapi import answers
from integration.suggest import nearest

__all__ = ["MOST", "PAGE", "CaseReference", "IfNoneMatch", "Rehearsed", "known_reference", "router", "visible"]

router = APIRouter()
CaseReference = Annotated[
    str, Path(description="The reference of the case.", json_schema_extra={"pattern": f"^{REFERENCE.pattern}$"})
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="The ETag of what the caller has: answered with 304 if it holds."),
]
Rehearsed = Annotated[
    bool,
    Query(
        description="With `overdue`: what is overdue in rehearsed cases counts as overdue too. Without it they are "
        "among the others, since it is nobody's to do."
    ),
]
PAGE, MOST = 100, 1000


class Told(Readable):
    """An event of a case, with the sentence that tells it."""

    says: str


class Chronology(Model):
    """The record of a case, in order."""

    reference: str
    version: int
    events: tuple[Told, ...]


class Next(Model):
    """What may lawfully be done next, as far as the state of the case says it: an act's facts may still be refused."""

    reference: str
    version: int
    acts: tuple[Possible, ...]


class Deadlines(Model):
    """The deadlines of a case by their ids, those that are settled too."""

    reference: str
    version: int
    deadlines: dict[str, DeadlineSummary]


class Explained(Model):
    """One deadline, and in words how it came about, how its day was reached and what became of it."""

    reference: str
    version: int
    id: str
    deadline: DeadlineSummary
    explanation: str = Field(description="Every day that was left out is named.")


def known_reference(reference: str) -> str:
    """The reference, if it is one. What is none belongs to no case."""
    if not REFERENCE.fullmatch(reference):
        raise UnknownCase("There is no case of that reference.")
    return reference


async def visible(probity: Probity, caller: Caller, reference: str) -> Case:
    """The case, if there is one for this caller. Raises `UnknownCase`.

    Of one that they may not see nothing is read: it is answered in the time of one that is not there.
    """
    known_reference(reference)
    if not caller.sees_restricted and await probity.hides(reference):
        raise UnknownCase(f"There is no case {reference}.")
    return await probity.case(reference)


async def _seen(request: Request, caller: Caller, reference: str) -> Case:
    needs(caller, READ)
    request.state.case = known_reference(reference)
    return await visible(request.app.state.probity, caller, reference)


@router.get("/cases", tags=["cases"], operation_id="search", responses=answers(Found, "search"))
async def search(
    request: Request,
    caller: Asking,
    force: Annotated[OpaqueId | None, Query(description="Only cases of this force.")] = None,
    stage: Annotated[Stage | None, Query(description="Only cases at this stage.")] = None,
    overdue: Annotated[bool | None, Query(description="Only cases with, or without, a duty that is overdue.")] = None,
    rehearsed: Rehearsed = False,
    open: Annotated[bool | None, Query(description="Only cases that are open, or closed.")] = None,
    after: Annotated[Reference | None, Query(description="Go on after this reference: the `next` of a page.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = PAGE,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Search the register: opaque references, dates and words of closed lists; no personal data."""
    needs(caller, READ)
    probity: Probity = request.app.state.probity
    found = await probity.search(
        Sought(force, stage and stage.value, overdue, open, caller.sees_restricted, rehearsed, after or "", limit)
    )
    return told(request, found)


@router.get("/cases/{reference}", tags=["cases"], operation_id="case", responses=answers(CaseSummary, "case"))
async def case(
    request: Request, reference: CaseReference, caller: Asking, if_none_match: IfNoneMatch = None
) -> Response:
    """How a case stands, on one page. Its ETag is its version: give it as `If-Match` with a command."""
    found = await _seen(request, caller, reference)
    return told(request, summary(found), etag(found.version))


@router.get("/cases/{reference}/events", tags=["cases"], operation_id="events", responses=answers(Chronology, "case"))
async def events(
    request: Request,
    reference: CaseReference,
    caller: Asking,
    reader: Reading,
    after: Annotated[int, Query(ge=0, le=2**53, description="Only what came after this version.")] = 0,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The chronology of a case, each event with a sentence. Free text is sealed unless a purpose is given."""
    found = await _seen(request, caller, reference)
    probity: Probity = request.app.state.probity
    recorded = await probity.read_by(reader).events(reference, after)
    shown = [Told.model_validate({**each.model_dump(), "says": each.event().tell()}) for each in recorded]
    version = shown[-1].version if shown else found.version
    return told(request, Chronology(reference=reference, version=version, events=tuple(shown)))


@router.get("/cases/{reference}/next", tags=["cases"], operation_id="next", responses=answers(Next, "case"))
async def lawful_next(
    request: Request, reference: CaseReference, caller: Asking, if_none_match: IfNoneMatch = None
) -> Response:
    """What may lawfully be done next, by whom, and for which officers."""
    found = await _seen(request, caller, reference)
    acts = tuple(allowed(found, england_and_wales()))
    return told(request, Next(reference=reference, version=found.version, acts=acts))


@router.get(
    "/cases/{reference}/deadlines", tags=["cases"], operation_id="deadlines", responses=answers(Deadlines, "case")
)
async def deadlines(
    request: Request, reference: CaseReference, caller: Asking, if_none_match: IfNoneMatch = None
) -> Response:
    """Every deadline of a case: whose duty, when it ends, how it stands, where the law says so and how verified."""
    found = await _seen(request, caller, reference)
    whole = summary(found).deadlines
    return told(request, Deadlines(reference=reference, version=found.version, deadlines=whole))


@router.get(
    "/cases/{reference}/deadlines/{deadline:path}",
    tags=["cases"],
    operation_id="explain",
    responses=answers(Explained, "explain"),
)
async def explained(
    request: Request,
    reference: CaseReference,
    deadline: Annotated[str, Path(description="The id of the deadline, as suspension_review_first/A.")],
    caller: Asking,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One deadline, with its count explained day by day."""
    found = await _seen(request, caller, reference)
    if deadline not in found.deadlines:
        near = nearest(deadline, found.deadlines)
        raise NotFound(f"There is no such deadline in the case.{f' Did you mean {near}?' if near else ''}")
    counted, probity = found.deadlines[deadline], request.app.state.probity
    recorded = await probity.read_by(None).events(reference)
    words = explain(counted, england_and_wales(counted.calendar), recorded)
    told_of = summary(found).deadlines[deadline]
    answer = Explained(reference=reference, version=found.version, id=deadline, deadline=told_of, explanation=words)
    return told(request, answer)
