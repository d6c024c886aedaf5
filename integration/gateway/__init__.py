"""The gateway: Probity over HTTP. `gateway` makes the server, `openapi` its contract without any server."""

from integration.gateway.app import gateway, openapi

__all__ = ["gateway", "openapi"]
