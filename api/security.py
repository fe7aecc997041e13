"""Who calls: a bearer token, an API key or a cookie becomes the entry that opens a transaction. The database itself checks them."""

from typing import Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler

from api.bounds import DEPTH, is_too_deep
from api.browsers import SAFE, Browsers
from api.estimates import is_costly
from api.impersonated import accompany
from domain.errors import Refused, Unauthenticated
from domain.roles import SCOPES, Action, Role, granted, may
from gateways.credentials import Tokens, hash_key, looks_like_key
from services.sessions import secret_hash
from store.calls import current_call
from store.database import Database, Entry, KeyEntry, SessionEntry
from store.work import UnitOfWork

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
PUBLIC: list[dict[str, list[str]]] = [{}]


def entry_of(connection: ASGIConnection[Any, Any, Any, Any], tokens: Tokens, browsers: Browsers) -> Entry:
    """`Authorization: Bearer <token or key>`, or `X-API-Key: <key>`; without either, the cookie of a session.

    Raises Unauthenticated, and Forged for a call by cookie that changes something and was not made by a page of ours.
    """
    headers = connection.headers
    if "authorization" not in headers and "x-api-key" not in headers:
        found = _cookie_entry(connection, browsers)
        if found is not None:
            return found
    credential = headers.get("x-api-key") or _bearer(headers.get("authorization", ""))
    if looks_like_key(credential):
        return KeyEntry(hash_key(credential))
    claims = tokens.read(credential)
    return SessionEntry(claims.session_id, tenant_id=claims.tenant_id, impersonator=claims.impersonator)


def _cookie_entry(connection: ASGIConnection[Any, Any, Any, Any], browsers: Browsers) -> Entry | None:
    secret = browsers.session_of(connection.cookies)
    if secret is None:
        return None
    found = secret_hash(secret)
    method = str(connection.scope.get("method"))
    if method not in SAFE:
        browsers.check_token(connection.headers, found)
    elif is_costly(method, connection.scope["path"]):  # a link on another site's page would do
        browsers.check_origin(connection.headers)
    return SessionEntry(secret_hash=found)


def _bearer(header: str) -> str:
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated("missing credential: send 'Authorization: Bearer <token or API key>'")
    return credential.strip()


async def known_caller(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard: nobody gets as far as the body. The entry is kept for the handler's transaction. Async: a plain one costs a thread."""
    if connection.scope["state"].get("entry") is None:  # it may have been read already, when the call was counted
        connection.state.entry = entry_of(connection, connection.app.state.tokens, connection.app.state.browsers)
    entry, call = connection.state.entry, current_call()
    if call is not None:
        call.entry = entry
    if isinstance(entry, SessionEntry) and entry.impersonator is not None:
        await accompany(connection, entry)


async def needs_json(request: Request[Any, Any, Any]) -> None:
    """Where a JSON body is wanted, another media type is refused by name, and one that nests too deeply; no type is taken for JSON."""
    field = request.route_handler.parsed_data_field
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if field is None or getattr(field.kwarg_definition, "media_type", None) != RequestEncodingType.JSON:
        return
    if given not in ("", "application/json") and not given.endswith("+json"):
        raise HTTPException(status_code=415, detail="send application/json")
    if is_too_deep(await request.body()):
        raise HTTPException(status_code=400, detail=f"the body is nested deeper than {DEPTH} levels")


def needs(uow: UnitOfWork, action: Action) -> None:
    """Whether this call may do it, by what its user is now and by the scopes of its key. Asked before anything is done. Raises Refused."""
    role = Role(uow.role) if uow.role is not None else None
    scopes = uow.scopes if uow.key_id is not None else None
    is_impersonated = uow.session is not None and uow.session.impersonator is not None
    if role is None or not granted(role, action, scopes=scopes, is_impersonated=is_impersonated):
        raise Refused(_why(role, action, by_key=scopes is not None))


def needs_write(uow: UnitOfWork) -> None:
    """Most of what changes anything."""
    needs(uow, Action.WRITE)


def _why(role: Role | None, action: Action, *, by_key: bool) -> str:
    if role is not None and not may(role, action):
        return f"this needs the permission '{action}', which the role '{role}' of this workspace lacks"
    scope = next((scope for scope, actions in SCOPES.items() if action in actions), None)
    if by_key and scope is not None:
        return f"this needs the scope '{scope}': use a key that has it"
    return (
        "no API key may do this: log in" if by_key else f"this needs the permission '{action}', which nobody has who acts as somebody else"
    )


def writing_tenant(database: Database, entry: Entry) -> UUID:
    """Before a byte is kept: may this caller write, and for whom."""
    with database.begin(entry) as uow:
        needs_write(uow)
        return uow.tenant_id
