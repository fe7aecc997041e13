"""What somebody is answered who comes in: a token, a cookie's session, or the question for a second factor."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import Cookie

from domain.second_factor import CHALLENGE_LIFE
from domain.sign_in import Visitor
from gateways.credentials import SESSION_ENDS, TOKEN_LIFE, Tokens
from services.logging_in import Admitted, Challenged

CHALLENGE_COOKIE = "whyral_challenge"


class TokenOut(msgspec.Struct, frozen=True, kw_only=True):
    """A short-lived bearer token."""

    access_token: str
    token_type: str
    expires_in: int
    workspace_id: UUID


class SecondFactorOut(msgspec.Struct, frozen=True, kw_only=True):
    """A second factor is due: send `challenge` with a code to `POST /auth/second-factor`, within `expires_in` seconds."""

    second_factor_required: bool
    challenge: str
    expires_in: int


def answered(result: Admitted | Challenged, tokens: Tokens) -> TokenOut | SecondFactorOut:
    if isinstance(result, Challenged):
        seconds = int(CHALLENGE_LIFE.total_seconds())
        return SecondFactorOut(second_factor_required=True, challenge=result.secret, expires_in=seconds)
    token = tokens.issue(
        user_id=result.user_id, tenant_id=result.tenant_id, session_id=result.opened.session_id, now=datetime.now(UTC)
    )  # fmt: skip
    return TokenOut(
        access_token=token, token_type="Bearer", expires_in=int(TOKEN_LIFE.total_seconds()), workspace_id=result.tenant_id  # noqa: S106 - a scheme
    )  # fmt: skip


def cookies_of(result: Admitted | Challenged, api_url: str) -> list[Cookie]:
    """For browsers: what a session opens by, or what names the challenge. Pages can read neither."""
    is_secure = urlsplit(api_url).scheme == "https"
    if isinstance(result, Challenged):
        return [_challenge(result.secret, int(CHALLENGE_LIFE.total_seconds()), is_secure=is_secure)]
    if result.opened.cookie_secret is None:
        return []
    session = Cookie(
        session_cookie(api_url), value=result.opened.cookie_secret, path="/", max_age=int(SESSION_ENDS.total_seconds()), httponly=True,
        secure=is_secure, samesite="lax",
    )  # fmt: skip
    return [session, _challenge("", 0, is_secure=is_secure)]


def _challenge(secret: str, seconds: int, *, is_secure: bool) -> Cookie:
    return Cookie(
        CHALLENGE_COOKIE, value=secret, path="/api/v1/auth", max_age=seconds, httponly=True, secure=is_secure, samesite="strict"
    )  # fmt: skip


def session_cookie(api_url: str) -> str:
    """Over TLS a name that no other host and no plain connection can set."""
    return "__Host-whyral_session" if urlsplit(api_url).scheme == "https" else "whyral_session"


def visitor_of(request: Request[Any, Any, Any]) -> Visitor:
    return Visitor(
        address=request.client.host if request.client else None,
        user_agent=request.headers.get("user-agent"),
        request_id=str(request.scope.get("state", {}).get("request_id", "")) or None,
    )
