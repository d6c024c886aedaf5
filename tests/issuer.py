"""An issuer of tokens, for tests: its keys over HTTP, and tokens that it signed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from integration.bearer import Tokens

__all__ = ["AUDIENCE", "ISSUER", "OTHER", "SIGNING", "Issuer", "issuing", "keys", "token"]

ISSUER, AUDIENCE = "https://issuer.example", "probity"
SIGNING, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Issuer(BaseHTTPRequestHandler):
    """An issuer of tokens, as far as we ask it anything: it shows its keys."""

    def do_GET(self) -> None:
        key = {**RSAAlgorithm.to_jwk(SIGNING.public_key(), as_dict=True), "kid": "k1", "use": "sig", "alg": "RS256"}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"keys": [key]}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def keys(kind: type[Issuer] = Issuer) -> Iterator[str]:
    """The address of an issuer's keys, who answers on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as issuer:
        Thread(target=issuer.serve_forever, args=(0.01,), daemon=True).start()  # to end it waits so long, else 0.5 s
        yield f"http://127.0.0.1:{issuer.server_port}/jwks"
        issuer.shutdown()


@contextmanager
def issuing() -> Iterator[Tokens]:
    """What reads the tokens of that issuer."""
    with keys() as address:
        yield Tokens(address, ISSUER, AUDIENCE)


def token(
    key: Any = SIGNING, algorithm: str = "RS256", *, kid: str = "k1", typ: str | None = "at+jwt", **changed: Any
) -> str:
    """A token for `operator-7`, which may read cases; a claim that is given as None is left out."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "operator-7",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        "scope": "cases:read",
        **changed,
    }
    told = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(told, key, algorithm=algorithm, headers={"kid": kid, "typ": typ})
