"""Cookies, and what keeps pages of others from using them. Their secrets are in `gateways.session_secrets`.

A cookie is sent by the browser whoever asks for the call, so a call that changes something needs two things more: where the browser says
from which page it comes (`Origin`, `Sec-Fetch-Site`), that page is of our own site; and `X-CSRF-Token` is the token of the session (OWASP,
Cross-Site Request Forgery Prevention: HMAC-signed double submit). The token is bound to the session: one that others planted does not help.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from domain.errors import Forged
from domain.sessions import SESSION_ENDS
from gateways.session_secrets import SessionSecrets

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_DEVICE_SECONDS = 400 * 86_400
SameSite = Literal["lax", "strict"]


@dataclass(frozen=True, slots=True)
class Browsers:
    """Browsers of one deployment.

    `public_url`: where they reach it; over https all cookies are bound to that host alone (`__Host-`). `origins`: whose pages
    besides may call.
    """

    secrets: SessionSecrets
    public_url: str
    origins: frozenset[str] = frozenset()

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https://")

    def name(self, cookie: str) -> str:
        return f"__Host-whyral_{cookie}" if self.is_secure else f"whyral_{cookie}"

    def session_of(self, cookies: Mapping[str, str]) -> str | None:
        """The secret of the session that the browser is in."""
        return cookies.get(self.name("session")) or None

    def device_of(self, cookies: Mapping[str, str]) -> tuple[str | None, bytes | None]:
        """The cookie of a device in which somebody logged in before, and its hash; None twice where it is not ours."""
        cookie = cookies.get(self.name("device"))
        found = self.secrets.device_of(cookie)
        return (cookie, found) if found is not None else (None, None)

    def cookies_of_session(self, secret: str, csrf_token: str) -> list[Cookie]:
        """The session's own, which no script reads, and the token for scripts of ours."""
        seconds = int(SESSION_ENDS.total_seconds())
        return [self._cookie("session", secret, seconds), self._cookie("csrf", csrf_token, seconds, is_hidden=False)]

    def cookie_of_device(self, device: str) -> Cookie:
        return self._cookie("device", device, _DEVICE_SECONDS)

    def cookie_of_challenge(self, secret: str, seconds: int) -> Cookie:
        """What names the question for a second factor, for calls of our own pages alone."""
        return self._cookie("challenge", secret, seconds, same_site="strict")

    def challenge_of(self, cookies: Mapping[str, str]) -> str | None:
        return cookies.get(self.name("challenge")) or None

    def taken_back(self) -> list[Cookie]:
        """What a logout leaves of the session's cookies. The device stays known."""
        return [self._cookie("session", "", 0), self._cookie("csrf", "", 0, is_hidden=False)]

    def check_token(self, headers: Mapping[str, str], secret_hash: bytes) -> None:
        """Raises Forged for a call by cookie that no page of ours made."""
        self.check_origin(headers)
        if not self.secrets.is_csrf_token(headers.get("x-csrf-token", ""), secret_hash):
            raise Forged("a call by cookie that changes something needs the header X-CSRF-Token with the token of its session")

    def check_origin(self, headers: Mapping[str, str]) -> None:
        """Raises Forged where the browser says that a page of another site made the call. What is no browser says nothing."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        is_ours = origin is not None and (
            origin == _origin(self.public_url) or origin in self.origins or origin.partition("://")[2] == headers.get("host")
        )
        is_foreign = not is_ours if origin is not None else site not in (None, "same-origin", "none")
        if is_foreign or site == "cross-site":
            raise Forged("a page of another site may not make this call")

    def _cookie(self, name: str, value: str, seconds: int, *, is_hidden: bool = True, same_site: SameSite = "lax") -> Cookie:
        return Cookie(
            key=self.name(name), value=value, path="/", max_age=seconds, secure=self.is_secure, httponly=is_hidden, samesite=same_site
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
