"""Whom a bearer token speaks for: an OAuth 2 access token is a JWT (RFC 9068) that the issuer's keys have signed."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import jwt
from pydantic import TypeAdapter, ValidationError

from domain.errors import Unavailable
from domain.messages import OpaqueId

__all__ = ["Bearer", "NotAuthentic", "Tokens"]

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")  # no algorithm with a shared secret, and never `none`
TYPES = ("at+jwt", "application/at+jwt")  # RFC 9068, 2.1: an ID token or a logout token is none, and gives nothing
LEEWAY = 30  # seconds between the clocks of the issuer and of this machine
PATIENCE = 5  # seconds for the issuer to show its keys
COOLDOWN = 10  # seconds in which the issuer is not asked again, whether it answered or not

subject: TypeAdapter[str] = TypeAdapter(OpaqueId)


class NotAuthentic(Exception):
    """There is no token, or it is not one that the issuer gave for us and that holds now. `str()` is one sentence."""


@dataclass(frozen=True)
class Bearer:
    """Who asks: the token's subject, and what its scopes let it do."""

    subject: str
    scopes: frozenset[str]


class Tokens:
    """Reads tokens of one issuer, for one audience. It fetches the issuer's keys when it needs them, and keeps them.

    Raises `Unavailable` when the address of the keys is none.
    """

    def __init__(self, jwks_url: str, issuer: str, audience: str) -> None:
        try:
            self._keys = _Keys(jwks_url, timeout=PATIENCE)
        except jwt.PyJWKClientError:
            raise Unavailable("PROBITY_JWKS_URL is not the address of an issuer's keys over HTTPS or HTTP.") from None
        self._issuer = issuer
        self._audience = audience

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """By `PROBITY_JWKS_URL`, `PROBITY_ISSUER`, `PROBITY_AUDIENCE`. Raises `Unavailable` naming what is missing."""
        names = ("PROBITY_JWKS_URL", "PROBITY_ISSUER", "PROBITY_AUDIENCE")
        if lacking := [name for name in names if not env.get(name)]:
            told = f"Tokens cannot be checked: {' and '.join(lacking)} not set (docs/gateway.md)"
            raise Unavailable(f"{told}. For a first look --development asks for none, on this machine only.")
        return cls(*(env[name] for name in names))

    def read(self, authorization: str | None) -> Bearer:
        """The bearer of a header `Authorization`. May wait for the network. Raises `NotAuthentic`, `Unavailable`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthentic("A bearer token is needed.")
        try:
            claims = self._claims(token.strip())
        except jwt.PyJWKClientConnectionError:
            raise Unavailable("The keys of the issuer of tokens cannot be fetched.") from None
        except jwt.PyJWTError as why:  # its text may quote the token
            raise NotAuthentic(f"The bearer token is not accepted ({type(why).__name__}).") from None
        try:
            who = subject.validate_python(claims["sub"])
        except ValidationError:
            raise NotAuthentic("The subject of the bearer token is no opaque id.") from None
        return Bearer(who, frozenset(str(claims.get("scope", "")).split()))

    def _claims(self, token: str) -> dict[str, Any]:
        told = jwt.decode_complete(
            token,
            self._keys.get_signing_key_from_jwt(token),
            algorithms=ALGORITHMS,
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        if str(told["header"].get("typ")).lower() not in TYPES:
            raise NotAuthentic("The bearer token is no access token: its `typ` has to be at+jwt (RFC 9068).")
        claims: dict[str, Any] = told["payload"]
        return claims


class _Keys(jwt.PyJWKClient):
    """The issuer's keys. Those that are held are found without waiting for anyone: otherwise whoever makes up tokens
    of unknown keys would hold up everybody for as long as the issuer is slow."""

    _asked = float("-inf")

    def __init__(self, uri: str, timeout: float) -> None:
        super().__init__(uri, timeout=timeout)
        self._asking = threading.Lock()

    def get_signing_key(self, kid: str) -> jwt.PyJWK:
        """The key of this id. Raises `PyJWKClientError`, and as `PyJWKClientConnectionError` where none are held."""
        held = self._held()
        # One asks, and who comes meanwhile waits for that only where there is no key yet that could be theirs.
        if kid not in held and self._asking.acquire(blocking=not held):
            try:
                held = self._held()
                if kid not in held and time.monotonic() - self._asked >= COOLDOWN:
                    held = self._fetched()
            finally:
                self._asking.release()
        if not held:
            raise jwt.PyJWKClientConnectionError("the issuer did not show its keys a moment ago")
        if kid not in held:
            raise jwt.PyJWKClientError("no key has this id")
        return held[kid]

    def _held(self) -> dict[str | None, jwt.PyJWK]:
        kept = self.jwk_set_cache.get() if self.jwk_set_cache else None
        return {key.key_id: key for key in self._get_signing_keys_from_jwk_set(kept)} if kept else {}

    def _fetched(self) -> dict[str | None, jwt.PyJWK]:
        try:
            self.fetch_data()
        except (ValueError, jwt.PyJWKClientError, jwt.PyJWKSetError):  # it did not answer, or with something else
            raise jwt.PyJWKClientConnectionError("the issuer did not show its keys") from None
        finally:
            self._asked = time.monotonic()
        return self._held()
