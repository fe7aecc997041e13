"""Browsers that are sent to a provider and come back: the cookie that knows them again, and headers that keep a code to themselves."""

import secrets
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from domain.connections import STATE_LIFE
from services.consents import Browser

COOKIE = "whyral_consent"
CALLBACK = "/api/v1/auth/google/callback"
# The page's address holds a code: neither caches nor the next page shall learn it.
QUIET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def cookie_name(api_url: str) -> str:
    """Over https it is bound to the host: one that a neighbouring host planted would lead a victim into the planter's account."""
    return f"__Host-{COOKIE}" if api_url.startswith("https://") else COOKIE


def begins(request: Request[Any, Any, Any], api_url: str) -> Browser:
    """The browser that begins a consent: with the secret that it has, or a new one."""
    return Browser(_secret_of(request, api_url) or secrets.token_urlsafe(32), f"{api_url}{CALLBACK}")


def returns(request: Request[Any, Any, Any], api_url: str) -> Browser:
    """The browser that comes back: with the secret that it has, or none."""
    return Browser(_secret_of(request, api_url), f"{api_url}{CALLBACK}")


def consent_cookie(browser: Browser, api_url: str) -> Cookie:
    return Cookie(
        cookie_name(api_url), value=browser.secret, path="/", max_age=int(STATE_LIFE.total_seconds()),
        httponly=True, secure=api_url.startswith("https://"), samesite="lax",
    )  # fmt: skip


def _secret_of(request: Request[Any, Any, Any], api_url: str) -> str | None:
    """One that we cannot have made counts for none."""
    given = request.cookies.get(cookie_name(api_url))
    return given if given and 32 <= len(given) <= 100 else None
