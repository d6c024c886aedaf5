"""Who asks, and what they may: the scopes of a bearer token, the roles they act in, what they may see.

| Scope | Lets its bearer |
|---|---|
| `cases:read` | read cases, the register and the feed; free text stays sealed |
| `cases:text` | read free text about people too, with a header `Probity-Purpose`; each reading is recorded |
| `cases:restricted` | see that restricted cases exist, and do with them what the other scopes let them |
| `act:ROLE` | refer matters and give commands in that role |

Who acts is the subject of the token and nobody else. In development mode nobody is asked for a token: everyone may do
everything, and act as whoever they say they are.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any
from unicodedata import category

from fastapi import Depends, Header, Request
from fastapi.security import HTTPBearer
from pydantic import BeforeValidator, StringConstraints

from activities.text.reads import LONGEST_PURPOSE, Reader
from domain.errors import Malformed, NotPermitted
from domain.messages import Actor, read
from domain.vocabulary import Role
from integration.bearer import Bearer, NotAuthentic, Tokens
from integration.gateway.head import bare
from integration.gateway.limits import Limits
from integration.problems import Stopped

__all__ = ["ACT", "DEVELOPER", "READ", "RESTRICTED", "SCOPES", "TEXT", "Asking", "Caller", "Reading", "needs"]

READ, TEXT, RESTRICTED, ACT = "cases:read", "cases:text", "cases:restricted", "act:"
ROLES = tuple(role for role in Role if role is not Role.SYSTEM)  # the engine's own is nobody's to take
SCOPES = {
    READ: "read cases, the register and the feed; free text stays sealed",
    TEXT: "read free text about people; each reading is recorded",
    RESTRICTED: "see restricted cases",
    **{f"{ACT}{role}": f"refer matters and give commands as {role.replace('_', ' ')}" for role in ROLES},
}

scheme = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="An OAuth 2 access token of the issuer (RFC 9068)."
)


@dataclass(frozen=True)
class Caller:
    """Who asks. `anyone`: in development mode, where whoever is named may be meant."""

    subject: str
    scopes: frozenset[str]
    anyone: bool = False
    roles: frozenset[Role] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", frozenset(role for role in ROLES if f"{ACT}{role}" in self.scopes))

    @classmethod
    def of(cls, bearer: Bearer) -> "Caller":
        """The bearer of a token."""
        return cls(bearer.subject, bearer.scopes)

    @property
    def sees_restricted(self) -> bool:
        """Whether restricted cases exist for them."""
        return RESTRICTED in self.scopes

    def acting(self, body: Mapping[str, Any], given_by: frozenset[Role]) -> dict[str, Any]:
        """The body with who acts in it. What it says of the actor has to agree with the token."""
        told = body.get("actor")
        if self.anyone:
            return dict(body)
        if told is None:
            roles = sorted(self.roles & given_by)
            if not roles:
                raise NotPermitted("The token gives its bearer none of the roles that may do this.")
            if len(roles) > 1:
                raise Malformed("actor: say in which role; the token leaves several.")
            (role,) = roles
            told = {"role": role, "id": self.subject}
        actor = self.checked(read(Actor, told, "actor"))
        return {**body, "actor": actor.model_dump(mode="json")}

    def checked(self, actor: Actor) -> Actor:
        """The actor, if the token lets its bearer be this one."""
        if not self.anyone and actor.role not in self.roles:
            raise NotPermitted(f"The token does not let its bearer act as {actor.role.replace('_', ' ')}.")
        if not self.anyone and actor.id != self.subject:
            raise NotPermitted("Who acts has to be the subject of the token.")
        return actor


DEVELOPER = Caller("development", frozenset(SCOPES), anyone=True)


def _caller(request: Request, _: Annotated[Any, Depends(scheme)]) -> Caller:
    """Who asks, unless they ask too often. Not a coroutine: it may wait for the keys of the issuer."""
    tokens: Tokens | None = request.app.state.tokens
    limits: Limits = request.app.state.limits
    host = request.client.host if request.client else "unknown"
    try:
        caller = Caller.of(tokens.read(request.headers.get("authorization"))) if tokens else DEVELOPER
    except NotAuthentic:
        limits.check_failures(host)  # only here: behind a proxy all have one address, and one may guess for all
        limits.failed(host)
        raise
    request.state.subject = caller.subject
    limits.count(caller.subject)
    return caller


Asking = Annotated[Caller, Depends(_caller)]


def needs(caller: Caller, scope: str) -> None:
    """Refuse whoever's token lacks a scope."""
    if scope not in caller.scopes:
        told = {"WWW-Authenticate": f'Bearer realm="probity", error="insufficient_scope", scope="{scope}"'}
        raise Stopped("not_permitted", f"The token lacks the scope {scope}.", told)


def _as_meant(sent: str) -> str:
    """A header as its sender wrote it: in UTF-8, or else in Latin-1, as which it came here."""
    with suppress(UnicodeDecodeError):
        sent = sent.encode("latin-1").decode("utf-8")
    if any(category(sign) == "Cc" for sign in sent):
        raise ValueError("holds a control character")
    return sent


Purpose = Annotated[
    Annotated[str, StringConstraints(max_length=LONGEST_PURPOSE)] | None,
    BeforeValidator(_as_meant),
    Header(
        alias="Probity-Purpose",
        description="Why free text about people is read, which is recorded for good: name no person. "
        "Without it the text stays sealed.",
    ),
]
InRole = Annotated[
    Role | None, Header(alias="Probity-Role", description="In which role it is read, where the token leaves several.")
]


def _reading(request: Request, caller: Asking, purpose: Purpose = None, role: InRole = None) -> Reader | None:
    """Who reads free text, and why; None where nobody says so, and it stays sealed."""
    needs(caller, READ)
    if not purpose or not (why := purpose.strip()):
        return None
    needs(caller, TEXT)
    ring = request.app.state.ring
    if ring is None:
        raise Stopped("unavailable", "No free text can be read here: the gateway has no master keys.")
    reader = Reader(_reader(request, caller, role), why, ring)
    return None if bare(request) else reader  # what nobody is shown is no reading, and the log would say that it was


def _reader(request: Request, caller: Caller, role: Role | None) -> Actor:
    if caller.anyone:
        first_look: Actor | None = request.app.state.who
        return first_look or Actor(role=role or Role.CLERK, id=caller.subject)
    roles = sorted(caller.roles)
    if not roles:
        raise NotPermitted("The token gives its bearer no role in which to read free text: it lacks a scope act:ROLE.")
    if role is None and len(roles) > 1:
        raise Malformed("Probity-Role: say in which role free text is read; the token leaves several.")
    return caller.checked(read(Actor, {"role": role or roles[0], "id": caller.subject}, "reader"))


Reading = Annotated[Reader | None, Depends(_reading)]
