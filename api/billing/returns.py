"""Where payers come back to: pages of ours that know nobody, or addresses of the caller's on origins that the operator named."""

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from litestar import Controller, MediaType, Response, get

from api.consents import QUIET
from api.docs import PAGE
from api.security import PUBLIC
from domain.errors import FieldProblem, Unacceptable
from services.billing.buying import Pages

PATH = "/billing/return"
_PLAIN = re.compile(r"https?://[!-\[\]-~]{1,1990}")  # printable, and no backslash, which browsers take for a slash


class Returns:
    """Our own pages, and which others may be named."""

    def __init__(self, api_url: str, account_url: str | None, origins: Iterable[str]) -> None:
        self._base, self._home = f"{api_url}/api/v1{PATH}", account_url or f"{api_url}/"
        self._origins = {*origins, origin_of(api_url), *([origin_of(account_url)] if account_url else [])}

    def after_checkout(self, success_url: str | None, cancel_url: str | None) -> Pages:
        """Raises Unacceptable for an address elsewhere: a page of ours would send people there."""
        return Pages(
            self._checked(success_url, "/success_url") or f"{self._base}/success",
            self._checked(cancel_url, "/cancel_url") or f"{self._base}/cancel",
        )

    def after_portal(self, return_url: str | None) -> str:
        """The front end, where there is one."""
        return self._checked(return_url, "/return_url") or self._home

    def _checked(self, url: str | None, pointer: str) -> str | None:
        if url is not None and (not _PLAIN.fullmatch(url) or origin_of(url) not in self._origins):
            problem = FieldProblem(pointer, "name an address on an origin of WHYRAL_CORS_ORIGINS or WHYRAL_ACCOUNT_URL, or leave it out")
            raise Unacceptable("payers are sent back to known pages only", (problem,))
        return url


def origin_of(url: str) -> str:
    """Scheme, host and port as they stand there; nothing where it is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


class ReturnController(Controller):
    """Pages for browsers that come back from a checkout."""

    path = PATH
    tags = ["money"]
    security = PUBLIC

    @get("/success", sync_to_thread=False, media_type=MediaType.HTML)
    def bought(self) -> Response[str]:
        """A page that says what comes next after a purchase. It knows nobody: whether a payment went through is read elsewhere."""
        return _page(
            "Thank you",
            "The plan begins when the payment is confirmed, most often within a minute. You may close this page.",
            "If Whyral still shows the plan of before, have it read anew there.",
        )

    @get("/cancel", sync_to_thread=False, media_type=MediaType.HTML)
    def left(self) -> Response[str]:
        """A page that says what comes next where nothing was bought."""
        return _page(
            "Nothing was bought",
            "You left the checkout, and nothing was charged. The workspace keeps the plan that it has.",
            "To buy a plan, begin again in Whyral. You may close this page.",
        )


def _page(title: str, *lines: str) -> Response[str]:
    body = f"<h1>{escape(title)}</h1>" + "".join(f"<p>{escape(line)}</p>" for line in lines)
    return Response(PAGE.format(title=f"Whyral: {escape(title)}", body=body), media_type=MediaType.HTML, headers=QUIET)
