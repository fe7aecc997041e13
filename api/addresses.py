"""Where a call comes from."""

from typing import Any

from litestar.connection import ASGIConnection

from services.sessions import Caller

AnyConnection = ASGIConnection[Any, Any, Any, Any]


def client_of(connection: AnyConnection) -> str:
    """The address of the network that called us; empty where there is none."""
    return connection.client.host if connection.client else ""


def caller_of(connection: AnyConnection) -> Caller:
    """What the authentication log keeps of a call."""
    request_id = connection.scope.get("state", {}).get("request_id")
    return Caller(client_of(connection), connection.headers.get("user-agent"), str(request_id) if request_id else None)
