"""Browsers that are sent to a provider and come back: the cookie that knows them again, and headers that keep a code to themselves."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from domain.connections import STATE_LIFE
from services.consents import Browser

COOKIE = "whyral_consent"
CALLBACK = "/api/v1/auth/google/callback"
# The page's address holds a code: neither caches nor the next page shall learn it.
QUIET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def secret_of(request: Request[Any, Any, Any]) -> str | None:
    """The browser's secret; one that we cannot have made counts for none."""
    given = request.cookies.get(COOKIE)
    return given if given and 32 <= len(given) <= 100 else None


def consent_cookie(browser: Browser, api_url: str) -> Cookie:
    is_secure = urlsplit(api_url).scheme == "https"
    return Cookie(
        COOKIE, value=browser.secret, path="/api/v1", max_age=int(STATE_LIFE.total_seconds()),
        httponly=True, secure=is_secure, samesite="lax",
    )  # fmt: skip
