"""The answers that open, prolong and end a session: tokens for programs, cookies for browsers. Opening is in `services.sessions`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from api.browsers import Browsers
from domain.errors import Unauthenticated
from domain.sessions import SESSION_LIFE, Refreshing
from gateways.credentials import TOKEN_LIFE, Tokens
from gateways.session_secrets import SessionSecrets
from services.sessions import Opened, secret_hash

_FRESH = {"Cache-Control": "no-store"}


class TokenOut(msgspec.Struct, frozen=True, kw_only=True):
    """A short-lived bearer token, and the refresh token that gets the next pair: each is good once."""

    access_token: str
    token_type: str
    expires_in: int
    workspace_id: UUID
    session_id: UUID
    refresh_token: str
    refresh_expires_in: int


class CookieOut(msgspec.Struct, frozen=True, kw_only=True):
    """A session in a cookie. Repeat `csrf_token` in the header `X-CSRF-Token` of every call that changes something."""

    session: Literal["cookie"] = "cookie"
    csrf_token: str
    expires_in: int
    workspace_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class SessionAnswers:
    """What is answered with sessions in one deployment."""

    tokens: Tokens
    secrets: SessionSecrets
    browsers: Browsers

    def device(self, cookies: Mapping[str, str]) -> tuple[str, bytes]:
        """The browser's mark and its hash: the one it brought, else a new one."""
        cookie, known = self.browsers.device_of(cookies)
        if cookie is not None and known is not None:
            return cookie, known
        made = self.secrets.new_device()
        return made, self.secrets.device_of(made) or b""

    def opened(self, opened: Opened, device: str) -> Response[TokenOut | CookieOut]:
        """The answer to a login, whatever proved it."""
        cookies = [self.browsers.cookie_of_device(device)]
        if opened.cookie_secret is None:
            return _answer(self._tokens(opened.session_id, opened.user_id, opened.tenant_id, 0), cookies)
        csrf_token = self.secrets.csrf_token(secret_hash(opened.cookie_secret))
        made = CookieOut(
            csrf_token=csrf_token, expires_in=int(SESSION_LIFE.total_seconds()), workspace_id=opened.tenant_id, session_id=opened.session_id
        )
        return _answer(made, [*cookies, *self.browsers.cookies_of_session(opened.cookie_secret, csrf_token)])

    def refreshed(self, session_id: UUID, found: Refreshing) -> Response[TokenOut]:
        if found.user_id is None or found.tenant_id is None or found.expires_at is None:
            raise Unauthenticated("the session has ended: log in again")
        seconds = int((found.expires_at - datetime.now(UTC)).total_seconds())
        return Response(self._tokens(session_id, found.user_id, found.tenant_id, found.counter, seconds), status_code=200, headers=_FRESH)

    def ended(self, *, came_by_cookie: bool) -> Response[None]:
        """The cookies of a browser go with the session that was in them, not with another one."""
        return Response(None, status_code=204, headers=_FRESH, cookies=self.browsers.taken_back() if came_by_cookie else [])

    def _tokens(self, session_id: UUID, user_id: UUID, tenant_id: UUID, counter: int, seconds: int | None = None) -> TokenOut:
        return TokenOut(
            access_token=self.tokens.issue(user_id=user_id, tenant_id=tenant_id, session_id=session_id, now=datetime.now(UTC)),
            token_type="Bearer", expires_in=int(TOKEN_LIFE.total_seconds()), workspace_id=tenant_id, session_id=session_id,  # noqa: S106 - a scheme
            refresh_token=self.secrets.refresh_token(session_id, counter),
            refresh_expires_in=int(SESSION_LIFE.total_seconds()) if seconds is None else seconds,
        )  # fmt: skip


def _answer(made: TokenOut | CookieOut, cookies: list[Cookie]) -> Response[TokenOut | CookieOut]:
    return Response(made, status_code=200, headers=_FRESH, cookies=cookies)
