"""Whose network address a call came from."""

from litestar.types import Scope


def client_of(scope: Scope) -> str:
    """The address at the other end of the connection; no header is believed. Empty where there is none."""
    client = scope.get("client")
    return client[0] if client else ""
