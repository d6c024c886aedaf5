"""The socket of a server, open before the server is."""

import socket

from domain.errors import Unavailable

__all__ = ["listening"]


def listening(host: str, port: int) -> socket.socket:
    """Listen there; port 0 is one that the system chooses. Raises `Unavailable`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as taken:
        why = (taken.strerror or "refused").partition(" (")[0].lower()  # Python adds the address, as a tuple of its own
        raise Unavailable(f"Cannot listen on {host}:{port}: {why}.") from None
