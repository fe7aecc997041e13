"""Whose network address a call came from."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.types import Scope

from services.sessions import Caller

AnyConnection = ASGIConnection[Any, Any, Any, Any]


def client_of(scope: Scope) -> str:
    """The address at the other end of the connection; no header is believed. Empty where there is none."""
    client = scope.get("client")
    return client[0] if client else ""


def caller_of(connection: AnyConnection) -> Caller:
    """What the authentication log keeps of a call."""
    request_id = connection.scope.get("state", {}).get("request_id")
    return Caller(client_of(connection.scope), connection.headers.get("user-agent"), str(request_id) if request_id else None)
