"""The socket of a server, open before the server is."""

import socket
import ssl
from pathlib import Path

from domain.errors import Unavailable

__all__ = ["check_certificate", "listening"]


def listening(host: str, port: int) -> socket.socket:
    """Listen there; port 0 is one that the system chooses. Raises `Unavailable`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as taken:
        why = (taken.strerror or "refused").partition(" (")[0].lower()  # Python adds the address, as a tuple of its own
        raise Unavailable(f"Cannot listen on {host}:{port}: {why}.") from None


def check_certificate(certificate: Path | None, private_key: Path | None) -> None:
    """Raises `Unavailable` where HTTPS is asked for and cannot be served with these."""
    if certificate is None and private_key is None:
        return
    if certificate is None:
        raise Unavailable("The private key takes its certificate beside it: --certificate.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, private_key)
    except OSError as wrong:  # of the library for TLS too
        why = type(wrong).__name__
        raise Unavailable(f"The certificate and its key cannot be read, or do not belong together ({why}).") from None
