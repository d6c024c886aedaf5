"""What is owed over all cases, and who is under a restriction, as it is read over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from activities.reporting.owed import Duties, Restrictions, SoughtDuties, SoughtRestrictions
from domain.messages import OpaqueId
from integration.client import Probity
from integration.gateway.access import READ, Asking, needs
from integration.gateway.answers import told
from integration.gateway.cases import MOST, PAGE, IfNoneMatch, Rehearsed
from integration.gateway.openapi import answers

__all__ = ["router"]

router = APIRouter()
Force = Annotated[OpaqueId | None, Query(description="Only those of this force.")]
After = Annotated[str, Query(description="Go on after this place: the `next` of a page.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]


@router.get("/deadlines", tags=["cases"], operation_id="owed", responses=answers(Duties, "search"))
async def owed(
    request: Request,
    caller: Asking,
    force: Force = None,
    overdue: Annotated[bool | None, Query(description="Only those that are overdue, or the others.")] = None,
    rehearsed: Rehearsed = False,
    after: After = "",
    limit: Limit = PAGE,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The duties still owed, and rights that may be used, over all cases: nearest first, those without a day last.

    What is given another day between two pages may be told twice, or not at all.
    """
    needs(caller, READ)
    probity: Probity = request.app.state.probity
    sought = SoughtDuties(overdue, None, force, rehearsed, caller.sees_restricted, after, limit)
    return told(request, await probity.owed(sought))


@router.get("/restrictions", tags=["cases"], operation_id="restrictions", responses=answers(Restrictions, "search"))
async def restrictions(
    request: Request,
    caller: Asking,
    force: Force = None,
    overdue: Annotated[bool | None, Query(description="Only those whose review was missed, or the others.")] = None,
    called_for: Annotated[
        bool | None, Query(description="Only those whose review is owed with no day set, or the others.")
    ] = None,
    rehearsed: Rehearsed = False,
    after: After = "",
    limit: Limit = PAGE,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Every officer under a restriction, over all cases, by the day of the next review; persons by opaque ids alone."""
    needs(caller, READ)
    probity: Probity = request.app.state.probity
    sought = SoughtRestrictions(overdue, called_for, force, rehearsed, caller.sees_restricted, after, limit)
    return told(request, await probity.restricted(sought))
