"""The codec server: opens sealed payloads for the Temporal UI and the `temporal` command line, for who may read cases.

`python -m integration.codec_server --ui-origin https://ui.example` runs it; the codec endpoint of the UI is to name it.
The contract is Temporal's (docs.temporal.io/codec-server): `POST /decode` and `/encode` with `{"payloads": [...]}`. A
token needs the scope `cases:read` to decode and `cases:write` to encode. The log tells who decoded what of which case,
and nothing of what was in it. With `DATABASE_URL` each decoding is recorded before it is answered, in the log of
readers that every case has; where it cannot be recorded, nothing is decoded.
"""

import asyncio
import logging
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from activities.store import Pool, open_pool
from activities.text import reads
from domain.errors import Malformed, NotPermitted, Unavailable
from domain.messages import Actor
from domain.vocabulary import Role
from integration.arriving import body_of
from integration.bearer import Bearer, NotAuthentic, Tokens
from integration.codec import PayloadKeys, SealedPayloads, Unsealed
from integration.listening import check_certificate, listening
from integration.observability.logs import log_as_json, release
from integration.problems import HANDLERS
from integration.settings import log_level, reader
from workflows.case import workflow_id

__all__ = ["Development", "codec_server"]

READ, WRITE, ACT = "cases:read", "cases:write", "act:"
PAGE, LINE = "Opened in the Temporal UI", "Opened on the command line of Temporal"
LARGEST = 16 * 1024 * 1024  # bytes of a body: several pages of history, of at most 4 MiB each
SLOWEST = 30.0  # seconds that a body may take to arrive: until then it is one of the requests that are served at once
SHORTEST = 32  # characters of the key of development mode

log = logging.getLogger("probity.codec")


@dataclass(frozen=True)
class Development:
    """Development mode: no issuer, but one key for all who may read, who are all recorded as `who`.

    The Temporal UI of a first look has no tokens to show, so the key may stand in the address that it is given.
    Raises `Unavailable` for a key that could be guessed.
    """

    key: str
    who: Actor

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST:
            raise Unavailable(f"PROBITY_CODEC_KEY has fewer than {SHORTEST} characters.")

    def read(self, authorization: str | None, in_address: str | None) -> Bearer:
        """The bearer of the key. Raises `NotAuthentic`."""
        shown = in_address or (authorization or "").removeprefix("Bearer ")
        if not secrets.compare_digest(shown.encode(), self.key.encode()):
            raise NotAuthentic("The key is needed that this server was started with, in the address or as a token.")
        return Bearer(self.who.id, frozenset({READ, WRITE, f"{ACT}{self.who.role}"}))


router = APIRouter()


def codec_server(
    keys: PayloadKeys,
    tokens: "Tokens | Development",
    ui_origin: str | None,
    database_url: str | None = None,
    role: Role = Role.CLERK,
) -> FastAPI:
    """The server for the UI at `ui_origin` and for whoever has a token. `role`: in which somebody reads whose token
    does not name one."""

    @asynccontextmanager
    async def recording(server: FastAPI) -> AsyncIterator[None]:
        pool = await open_pool(database_url, size=4) if database_url else None
        server.state.pool = pool
        try:
            yield
        finally:
            if pool is not None:
                await pool.close()

    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, exception_handlers=HANDLERS, lifespan=recording)
    server.state.role = role
    server.state.codec, server.state.tokens, server.state.ui_origin = SealedPayloads(keys), tokens, ui_origin
    server.include_router(router)
    server.add_middleware(
        CORSMiddleware,
        allow_origins=[ui_origin] if ui_origin else [],
        allow_methods=["POST"],
        allow_headers=["authorization", "authorization-extras", "content-type", "x-namespace"],
        allow_credentials=True,
    )
    return server


def bearer(request: Request, authorization: Annotated[str | None, Header()] = None) -> Bearer:
    """Who asks. Not a coroutine: it may wait for the keys of the issuer."""
    tokens: Tokens | Development = request.app.state.tokens
    if isinstance(tokens, Development):
        return tokens.read(authorization, request.path_params.get("key"))
    return tokens.read(authorization)


@router.post("/{key}/decode")
@router.post("/decode")
async def decode(request: Request, reader: Annotated[Bearer, Depends(bearer)]) -> Response:
    """Open payloads."""
    codec: SealedPayloads = request.app.state.codec
    told = list(_opened(codec, await _payloads(request, reader, READ)))
    cases = sorted({each.workflow for each in told if each.workflow})
    await _recorded(request, reader, cases)
    log.info("decoded for %s: %d payloads of %s", reader.subject, len(told), ", ".join(cases) or "no case")
    return _answer(each.payload for each in told)


async def _recorded(request: Request, reader: Bearer, workflows: Iterable[str]) -> None:
    """Enter it in the log of readers of each case. Raises `Unavailable`."""
    pool: Pool | None = request.app.state.pool
    prefix = workflow_id("")
    cases = [each.removeprefix(prefix) for each in workflows if each.startswith(prefix)]
    if pool is None or not cases:
        return
    named = [role for role in Role if f"{ACT}{role}" in reader.scopes and role is not Role.SYSTEM]
    role = named[0] if len(named) == 1 else request.app.state.role
    who = Actor(role=role, id=reader.subject)
    await reads.log_decoded(pool, who, PAGE if "origin" in request.headers else LINE, cases)


@router.post("/{key}/encode")
@router.post("/encode")
async def encode(request: Request, writer: Annotated[Bearer, Depends(bearer)]) -> Response:
    """Seal payloads: the UI asks for it when an operator starts a case or sends an update from there.

    Neither it nor the command line says for which workflow, so none is asked for, and none is taken from the payloads:
    whoever opened them would be recorded as a reader of a case that they may not be of.
    """
    codec: SealedPayloads = request.app.state.codec
    return _answer(await codec.encode(await _payloads(request, writer, WRITE)))


async def _payloads(request: Request, bearer: Bearer, scope: str) -> Sequence[Payload]:
    """What is to be encoded or decoded, if this bearer may ask for it from where they do."""
    ui_origin = request.app.state.ui_origin
    if request.headers.get("origin", ui_origin) != ui_origin:  # also a page whose host name was made to point here
        raise NotPermitted("Requests from this origin are not served.")
    if scope not in bearer.scopes:
        raise NotPermitted(f"The token lacks the scope {scope}.")
    body = await body_of(request, LARGEST, SLOWEST)
    with suppress(ParseError, UnicodeDecodeError):
        if body.lstrip().startswith(b"{"):  # also without payloads: the command line asks so for a query's arguments
            return Parse(body, Payloads(), ignore_unknown_fields=True).payloads
    raise Malformed("The body is not JSON with a list of payloads.")


def _opened(codec: SealedPayloads, payloads: Iterable[Payload]) -> Iterator[Unsealed]:
    """Each in the clear; one whose key is gone stays sealed, and does not hide the others."""
    for payload in payloads:
        try:
            yield codec.opened(payload)
        except Unavailable:
            yield Unsealed(payload, None)


def _answer(payloads: Iterable[Payload]) -> Response:
    return Response(MessageToJson(Payloads(payloads=payloads), indent=None), media_type="application/json")


def serve(
    ui_origin: Annotated[str | None, typer.Option(help="Where the Temporal UI is, as scheme://host[:port].")] = None,
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: one that the system chooses.", min=0, max=65535)] = 0,
    certificate: Annotated[Path | None, typer.Option(help="To serve HTTPS: the certificate (PEM).")] = None,
    private_key: Annotated[Path | None, typer.Option(help="And its key (PEM).")] = None,
    role: Annotated[Role, typer.Option(help="Recorded as the reader's, where the token has not one `act:ROLE`.")] = (
        Role.CLERK
    ),
    listener: Annotated[int | None, typer.Option(help="An open socket to listen on, by its number.")] = None,
    development: Annotated[
        bool, typer.Option("--development", help="One key for all who read, and no tokens. On this machine only.")
    ] = False,
) -> None:
    """Serve until SIGTERM or SIGINT."""
    keys = _keys()
    if development and host not in ("127.0.0.1", "::1", "localhost"):
        raise Unavailable("In development mode the codec server listens on this machine only.")
    check_certificate(certificate, private_key)
    tokens = _development() if development else Tokens.from_environment(os.environ)
    database_url = os.environ.get("DATABASE_URL") or None
    if database_url is None:
        log.warning("DATABASE_URL is not set: who reads is told in this log only, not in the log of readers")
    config = uvicorn.Config(
        codec_server(keys, tokens, ui_origin, database_url, role),
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
        access_log=False,
        log_config=None,
        server_header=False,
        limit_concurrency=200,
    )
    with socket.socket(fileno=listener) if listener is not None else listening(host, port) as bound:
        asyncio.run(_Server(config, f"http{'s' if certificate else ''}://{host}", tokens).serve(sockets=[bound]))


def _keys() -> PayloadKeys:
    if path := os.environ.get("PROBITY_PAYLOAD_KEYS"):
        return PayloadKeys.of_file(Path(path))
    raise Unavailable("PROBITY_PAYLOAD_KEYS is not set; it names the file of the keys for payloads.")


def _development() -> Development:
    """The key of whoever started this, or a new one, told in the address; and who reads by it."""
    who = reader(os.environ.get("PROBITY_READER")) or Actor(role=Role.CLERK, id="development")
    log.warning("DEVELOPMENT MODE: whoever has the key may read cases, and is recorded as %s:%s", who.role, who.id)
    return Development(os.environ.get("PROBITY_CODEC_KEY") or secrets.token_urlsafe(SHORTEST), who)


class _Server(uvicorn.Server):
    """Says where it is, once it answers."""

    def __init__(self, config: uvicorn.Config, at: str, tokens: Tokens | Development) -> None:
        super().__init__(config)
        self._at, self._key = at, f"/{tokens.key}" if isinstance(tokens, Development) else ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started and sockets:
            at = f"{self._at}:{sockets[0].getsockname()[1]}"
            print(f"probity codec server ready: {at}{self._key}", flush=True)
            log.info("ready: version %s at %s", release(), at)  # without the key


if __name__ == "__main__":
    try:
        log_as_json(sys.stderr, log_level(os.environ))
        typer.run(serve)
    except Unavailable as away:
        sys.exit(f"{away.code}: {away}")
