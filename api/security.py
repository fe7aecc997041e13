"""Who calls: a bearer token or an API key becomes the entry that opens a transaction. Keys are checked by the database itself."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler

from api.impersonated import accompany
from domain.errors import Refused, Unauthenticated
from domain.roles import Action, Role, may
from gateways.credentials import Tokens, hash_key, looks_like_key
from store.database import Database, Entry, KeyEntry, SessionEntry
from store.work import UnitOfWork

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
PUBLIC: list[dict[str, list[str]]] = [{}]


def entry_of(headers: Mapping[str, str], tokens: Tokens) -> Entry:
    """`Authorization: Bearer <token or key>`, or `X-API-Key: <key>`. Raises Unauthenticated."""
    credential = headers.get("x-api-key") or _bearer(headers.get("authorization", ""))
    if looks_like_key(credential):
        return KeyEntry(hash_key(credential))
    claims = tokens.read(credential)
    return SessionEntry(claims.session_id, tenant_id=claims.tenant_id, impersonator=claims.impersonator)


def _bearer(header: str) -> str:
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated("missing credential: send 'Authorization: Bearer <token or API key>'")
    return credential.strip()


async def known_caller(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard: nobody gets as far as the body. The entry is kept for the handler's transaction. Async: a plain one costs a thread."""
    connection.state.entry = entry = entry_of(connection.headers, connection.app.state.tokens)
    if isinstance(entry, SessionEntry) and entry.impersonator is not None:
        await accompany(connection, entry)


async def needs_json(request: Request[Any, Any, Any]) -> None:
    """Where a JSON body is wanted, another media type is refused by name; none at all is taken for JSON."""
    field = request.route_handler.parsed_data_field
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = given in ("", "application/json") or given.endswith("+json")
    if field is not None and getattr(field.kwarg_definition, "media_type", None) == RequestEncodingType.JSON and not is_json:
        raise HTTPException(status_code=415, detail="send application/json")


def needs_write(uow: UnitOfWork) -> None:
    """A key made for reading does not write; neither does a viewer."""
    if (uow.key_id is not None and "write" not in uow.scopes) or (uow.role is not None and not may(Role(uow.role), Action.WRITE)):
        raise Refused("this needs the scope 'write': use a key that has it")


def writing_tenant(database: Database, entry: Entry) -> UUID:
    """Before a byte is kept: may this caller write, and for whom."""
    with database.begin(entry) as uow:
        needs_write(uow)
        return uow.tenant_id
