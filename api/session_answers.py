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
from domain.second_factor import CHALLENGE_LIFE
from domain.sessions import SESSION_LIFE, Refreshing
from gateways.credentials import TOKEN_LIFE, Tokens
from gateways.session_secrets import SessionSecrets
from services.logging_in import Challenged, Wanted
from services.sessions import Kind, Opened, secret_hash

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


class SecondFactorOut(msgspec.Struct, frozen=True, kw_only=True):
    """A second factor is due: send `challenge` with a code to `POST /auth/second-factor`, within `expires_in` seconds."""

    second_factor_required: bool
    challenge: str
    expires_in: int


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

    def arriving(self, cookies: Mapping[str, str], kind: Kind, workspace_id: UUID | None = None) -> tuple[str, Wanted]:
        """The mark of the browser that comes in, and what it asks for: a new cookie's session replaces the one that it is in."""
        mark, device = self.device(cookies)
        left = self.browsers.session_of(cookies) if kind == "cookie" else None
        return mark, Wanted(workspace_id, kind, device, secret_hash(left) if left is not None else None)

    def admitted(self, result: Opened | Challenged, kind: Kind, device: str) -> Response[TokenOut | CookieOut | SecondFactorOut]:
        """The answer to a first factor: a session, or the question for the second one, which a browser keeps in a cookie as well."""
        if isinstance(result, Opened):
            return Response(self._opened(result), status_code=200, headers=_FRESH, cookies=self.cookies_of(result, device))
        made = SecondFactorOut(second_factor_required=True, challenge=result.secret, expires_in=int(CHALLENGE_LIFE.total_seconds()))
        cookies = self.cookies_of(result, device) if kind == "cookie" else []
        return Response(made, status_code=200, headers=_FRESH, cookies=cookies)

    def opened(self, opened: Opened, device: str) -> Response[TokenOut | CookieOut]:
        """The answer to a login that is through, whatever proved it."""
        return Response(self._opened(opened), status_code=200, headers=_FRESH, cookies=self.cookies_of(opened, device))

    def cookies_of(self, result: Opened | Challenged, device: str) -> list[Cookie]:
        """What a browser keeps of it. It is known by its mark once it is in, not before."""
        if isinstance(result, Challenged):
            return [self.browsers.cookie_of_challenge(result.secret, int(CHALLENGE_LIFE.total_seconds()))]
        cookies = [self.browsers.cookie_of_device(device)]
        if result.cookie_secret is None:
            return cookies
        return [*cookies, *self.browsers.cookies_of_session(result.cookie_secret, self._csrf_token(result.cookie_secret))]

    def refreshed(self, session_id: UUID, found: Refreshing) -> Response[TokenOut]:
        if found.user_id is None or found.tenant_id is None or found.expires_at is None:
            raise Unauthenticated("the session has ended: log in again")
        seconds = int((found.expires_at - datetime.now(UTC)).total_seconds())
        return Response(self._tokens(session_id, found.user_id, found.tenant_id, found.counter, seconds), status_code=200, headers=_FRESH)

    def ended(self, *, came_by_cookie: bool) -> Response[None]:
        """The cookies of a browser go with the session that was in them, not with another one; what it kept of answers goes, too."""
        if not came_by_cookie:
            return Response(None, status_code=204, headers=_FRESH)
        return Response(None, status_code=204, headers={**_FRESH, "Clear-Site-Data": '"cache"'}, cookies=self.browsers.taken_back())

    def _csrf_token(self, secret: str) -> str:
        return self.secrets.csrf_token(secret_hash(secret))

    def _opened(self, opened: Opened) -> TokenOut | CookieOut:
        if opened.cookie_secret is None:
            return self._tokens(opened.session_id, opened.user_id, opened.tenant_id, 0)
        return CookieOut(
            csrf_token=self._csrf_token(opened.cookie_secret), expires_in=int(SESSION_LIFE.total_seconds()),
            workspace_id=opened.tenant_id, session_id=opened.session_id,
        )  # fmt: skip

    def _tokens(self, session_id: UUID, user_id: UUID, tenant_id: UUID, counter: int, seconds: int | None = None) -> TokenOut:
        return TokenOut(
            access_token=self.tokens.issue(user_id=user_id, tenant_id=tenant_id, session_id=session_id, now=datetime.now(UTC)),
            token_type="Bearer", expires_in=int(TOKEN_LIFE.total_seconds()), workspace_id=tenant_id, session_id=session_id,  # noqa: S106 - a scheme
            refresh_token=self.secrets.refresh_token(session_id, counter),
            refresh_expires_in=int(SESSION_LIFE.total_seconds()) if seconds is None else seconds,
        )  # fmt: skip
