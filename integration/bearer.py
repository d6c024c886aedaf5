"""Whom a bearer token speaks for: an OAuth 2 access token is a JWT (RFC 9068) that the issuer's keys have signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import jwt

from domain.errors import Unavailable

__all__ = ["Bearer", "NotAuthentic", "Tokens"]

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")  # no algorithm with a shared secret, and never `none`
LEEWAY = 30  # seconds between the clocks of the issuer and of this machine


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
            self._keys = jwt.PyJWKClient(jwks_url, timeout=5)
        except jwt.PyJWKClientError:
            raise Unavailable("PROBITY_JWKS_URL is not the address of an issuer's keys over HTTPS or HTTP.") from None
        self._issuer = issuer
        self._audience = audience

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """By `PROBITY_JWKS_URL`, `PROBITY_ISSUER`, `PROBITY_AUDIENCE`. Raises `Unavailable` naming what is missing."""
        names = ("PROBITY_JWKS_URL", "PROBITY_ISSUER", "PROBITY_AUDIENCE")
        if lacking := [name for name in names if not env.get(name)]:
            raise Unavailable(f"Tokens cannot be checked: {' and '.join(lacking)} not set (docs/run.md).")
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
        return Bearer(claims["sub"], frozenset(str(claims.get("scope", "")).split()))

    def _claims(self, token: str) -> dict[str, Any]:
        return jwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token),
            algorithms=ALGORITHMS,
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
