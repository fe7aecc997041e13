"""Signing in with Google: sending the browser there, and the answer when it comes back. The callback is in `api.channels.grants`."""

from html import escape
from typing import Annotated, Any

import msgspec
from litestar import Controller, MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from api.addresses import caller_of
from api.consents import QUIET, begins, consent_cookie
from api.docs import PAGE
from api.security import PUBLIC
from api.session_answers import SessionAnswers
from domain.connections import STATE_LIFE
from domain.ports import Platforms
from services import logging_in, signing_in
from services.consents import Browser
from services.logging_in import Challenged
from services.signing_in import SignedIn
from store.database import Database

Asked = Request[Any, Any, Any]
ReturnTo = Annotated[str | None, QueryParameter(name="return_to", max_length=500, description="a path of this server, for afterwards")]


class ReturnIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`return_to`: a path of this server that the browser goes to afterwards."""

    return_to: str | None = None


class AwayOut(msgspec.Struct, frozen=True, kw_only=True):
    """Send the browser to `consent_url`, within `expires_in` seconds. It must be the browser that got this answer's cookie."""

    consent_url: str
    expires_in: int


class GoogleLoginController(Controller):
    """Where a sign-in with Google begins."""

    path = "/auth/google/login"
    tags = ["identity"]
    security = PUBLIC

    @get("/", sync_to_thread=True, status_code=303, media_type=MediaType.TEXT)
    def go(
        self, request: Asked, database: NamedDependency[Database], platforms: NamedDependency[Platforms], api_url: NamedDependency[str],
        return_to: ReturnTo = None,
    ) -> Response[None]:  # fmt: skip
        """Send this browser to Google's page. It comes back with a session in a cookie, to `return_to` or to a page that says so."""
        browser, url = _begun(request, database, platforms, api_url, return_to)
        return Response(None, status_code=303, headers={**QUIET, "Location": url}, cookies=[consent_cookie(browser, api_url)])

    @post("/", sync_to_thread=True, status_code=200)
    def begin(
        self, request: Asked, data: JSONBody[ReturnIn], database: NamedDependency[Database], platforms: NamedDependency[Platforms],
        api_url: NamedDependency[str],
    ) -> Response[AwayOut]:  # fmt: skip
        """The same for a page that sends its browser there itself: the address of Google's page."""
        browser, url = _begun(request, database, platforms, api_url, data.return_to)
        return away(url, browser, api_url)


def away(url: str, browser: Browser, api_url: str) -> Response[AwayOut]:
    answer = AwayOut(consent_url=url, expires_in=int(STATE_LIFE.total_seconds()))
    return Response(answer, headers={"Cache-Control": "no-store"}, cookies=[consent_cookie(browser, api_url)])


def _begun(request: Asked, database: Database, platforms: Platforms, api_url: str, return_to: str | None) -> tuple[Browser, str]:
    logging_in.hold_back(database, caller_of(request))
    browser = begins(request, api_url)
    with database.begin_anonymous() as uow:
        return browser, signing_in.begin(uow, platforms, browser, return_to=return_to)


def arrived(done: SignedIn, answers: SessionAnswers, device: str) -> Response[Any]:
    """Back where the browser wanted to go; with `second_factor=required` where the page there has to ask for one."""
    cookies = answers.cookies_of(done.result, device) if done.result else []
    is_due = isinstance(done.result, Challenged)
    if done.return_to is not None:
        return Response(None, status_code=303, headers={**QUIET, "Location": _with(done.return_to, is_due=is_due)}, cookies=cookies)
    words = (
        "A second factor is due: send its code to POST /api/v1/auth/second-factor." if is_due
        else "You are signed in." if done.result else "The sign-in is linked to your account."
    )  # fmt: skip
    page = PAGE.format(title="Whyral: sign-in", body=f"<h1>Google</h1><p>{escape(words)}</p><p>You may close this page.</p>")
    return Response(page, media_type=MediaType.HTML, headers=QUIET, cookies=cookies)


def _with(path: str, *, is_due: bool) -> str:
    if not is_due:
        return path
    before, mark, fragment = path.partition("#")
    return f"{before}{'&' if '?' in before else '?'}second_factor=required{mark}{fragment}"
