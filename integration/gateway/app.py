"""The app: routes, what stands around them, health, the contract and the page to try it from."""

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from activities.text.sealing import Ring
from domain.errors import Malformed
from domain.messages import Actor, Model
from integration.bearer import Tokens
from integration.client import Probity
from integration.gateway import acts, cases, feed, owed
from integration.gateway.around import DEVELOPMENT, Around
from integration.gateway.head import Head
from integration.gateway.limits import Limits
from integration.gateway.openapi import describe
from integration.observability.health import holds
from integration.observability.logs import release
from integration.problems import HANDLERS

__all__ = ["gateway", "openapi"]

ABOUT = """Refer matters, give commands, read cases, search the register, follow the feed.

- **Done once.** Whatever is told has an `Idempotency-Key`: sent again under it, it is answered as the first time.
- **Refusals** are `application/problem+json`: branch on `code`, show `detail`. `citation` says where the law stands and
  how that was verified, `lawful` what the same actor may do instead. Nothing of what is refused is recorded.
- **Versions.** The ETag of a case is its version; a command with `If-Match` is refused as `stale` once it has moved on.
- **Free text about people** stays sealed unless a header `Probity-Purpose` says why it is read, and that is recorded.
- **HEAD** is answered wherever GET is, without a body; it opens no text and follows nothing.
- **Restricted cases** do not exist for a token without `cases:restricted`.
"""
TAGS = [
    {"name": "cases", "description": "Open a case, read one, search the register."},
    {
        "name": "commands",
        "description": "One route a command; `GET /cases/{reference}/next` says which are lawful.",
    },
    {"name": "feed", "description": "Every event of every case, once, in an order to go on from."},
    {"name": "health", "description": "Whether the gateway lives, and whether it can serve."},
]
PAGE = {"": "text/html", "page.js": "text/javascript", "page.css": "text/css"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'"
)
AT_ONCE = 200  # requests; each further one is answered with 503
# Its own spans tell the path and the query, which tell of cases and people; ours do not (traced.py).
SILENT: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}

plain = APIRouter()


ROUTERS = (cases.router, owed.router, acts.router, feed.router, plain)


class Alive(Model):
    """The process answers."""

    alive: bool


class Ready(Model):
    """Which parts answer."""

    postgres: bool
    temporal: bool


def gateway(
    probity: Probity | None,
    tokens: Tokens | None,
    limits: Limits | None = None,
    *,
    ring: Ring | None = None,
    who: Actor | None = None,
    at_once: int = AT_ONCE,
) -> FastAPI:
    """The server over a connection, for whoever has a token. Without `tokens` everybody may do everything: that is
    development mode, which says so in every answer. `who`: the reader of free text there."""
    development = "" if tokens else f"**DEVELOPMENT MODE. {DEVELOPMENT.partition(': ')[2].capitalize()}.**\n\n"
    app = FastAPI(
        title="Probity gateway",
        version=release(),
        description=development + ABOUT,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers=HANDLERS,
        telemetry=SILENT,
    )
    state = app.state
    state.probity, state.tokens, state.limits = probity, tokens, limits or Limits()
    state.ring, state.who, state.heard, state.contract = ring, who, feed.Heard(), b""
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(known_parameters)])
    app.add_middleware(Head)
    app.add_middleware(Around, development=tokens is None, at_once=at_once)
    return app


def openapi() -> dict[str, Any]:
    """The contract of the gateway, OpenAPI 3.1; it takes no server."""
    app = FastAPI(title="Probity gateway", version=release(), description=ABOUT, openapi_tags=TAGS)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(known_parameters)])
    return describe(app)


async def known_parameters(request: Request) -> None:
    """Refuse a question by a name that it does not have: passed over, `overdu=true` would answer with all cases.

    And one by a name that stands there twice: which of the two holds, a proxy in front may read otherwise.
    """
    known = [param.alias for param in request.scope["route"].dependant.query_params]
    if not set(request.query_params) <= set(known):
        raise Malformed(f"The query has a name that is not known here; known are: {', '.join(known) or 'none'}.")
    asked = [name for name, _ in request.query_params.multi_items()]
    if twice := next((name for name in known if asked.count(name) > 1), None):
        raise Malformed(f"{twice}: stands there twice.")


@plain.get("/health", tags=["health"], operation_id="health", responses={200: {"model": Alive}})
async def health() -> Response:
    """Answered while the process lives."""
    return JSONResponse({"alive": True})


@plain.get("/ready", tags=["health"], operation_id="ready", responses={200: {"model": Ready}, 503: {"model": Ready}})
async def ready(request: Request) -> Response:
    """Answered with 200 while Postgres and Temporal answer, else with 503."""
    probity: Probity = request.app.state.probity
    found = {"postgres": await holds(probity.postgres_answers), "temporal": await holds(probity.temporal_answers)}
    return JSONResponse(found, 200 if all(found.values()) else 503)


@plain.get("/openapi.json", include_in_schema=False)
async def contract(request: Request) -> Response:
    """The contract of this very server."""
    state = request.app.state
    state.contract = state.contract or to_json(describe(request.app))
    return Response(state.contract, media_type="application/json")


@plain.get("/", include_in_schema=False)
@plain.get("/docs", include_in_schema=False)
async def to_the_page(request: Request) -> Response:
    """The page lies in a folder, so that it can name what it needs relative to itself."""
    return Response(status_code=307, headers={"Location": f"{request.scope.get('root_path', '')}/docs/"})


@plain.get("/docs/{name}", include_in_schema=False)
@plain.get("/docs/", include_in_schema=False)
async def page(name: str = "") -> Response:
    """The page to read the contract on and to try it from. All of it is served here, nothing by others."""
    if name not in PAGE:
        raise HTTPException(404)
    body = files("integration.gateway").joinpath("page", name or "index.html").read_bytes()
    headers = {"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY", "Cache-Control": "no-cache"}
    return Response(body, media_type=PAGE[name], headers=headers)
