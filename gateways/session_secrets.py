"""Secrets that go with sessions: refresh tokens, what a browser has to repeat against forged calls, and the mark of a known device.

All are HMAC-SHA256 by keys derived from the deployment's secret, one per purpose. Cookies themselves are in `api.browsers`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from uuid import UUID

from domain.errors import Unauthenticated

_PREFIX = "whr_"
_BODY, _MAC = 20, 32
_COUNTERS = 2**31


class SessionSecrets:
    """Of one deployment."""

    def __init__(self, secret_key: str) -> None:
        self._refresh, self._csrf, self._device = (
            hashlib.sha256(f"{purpose}:{secret_key}".encode()).digest() for purpose in ("refresh token", "csrf token", "device")
        )

    def refresh_token(self, session_id: UUID, counter: int) -> str:
        """Names a session and the how-manieth token of it this is, so that the reuse of any older one is seen; nothing of it is stored."""
        body = session_id.bytes + counter.to_bytes(4)
        return _PREFIX + _text(body + _mac(self._refresh, body))

    def read_refresh_token(self, token: str) -> tuple[UUID, int]:
        """The session and the counter. Raises Unauthenticated for what we did not issue."""
        raw = _raw(token.removeprefix(_PREFIX)) if token.startswith(_PREFIX) and len(token) < 100 else b""
        body = raw[:_BODY]
        # Written again it is the same: base64 has several spellings of one last byte.
        is_ours = len(raw) == _BODY + _MAC and hmac.compare_digest(raw[_BODY:], _mac(self._refresh, body)) and token == _PREFIX + _text(raw)
        counter = int.from_bytes(body[16:])
        if not is_ours or counter >= _COUNTERS:
            raise Unauthenticated("the refresh token cannot be accepted: log in again")
        return UUID(bytes=body[:16]), counter

    def csrf_token(self, secret_hash: bytes) -> str:
        """What a cookie's caller repeats in a header: bound to the session, so that a cookie planted by others does not help."""
        return _text(_mac(self._csrf, secret_hash))

    def is_csrf_token(self, given: str, secret_hash: bytes) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self.csrf_token(secret_hash).encode())

    def new_device(self) -> str:
        """A cookie for a browser in which somebody logged in (OWASP, device cookies)."""
        nonce = secrets.token_bytes(16)
        return _text(nonce + _mac(self._device, nonce))

    def device_of(self, cookie: str | None) -> bytes | None:
        """The hash under which a device is known; None for a cookie that is not ours."""
        raw = _raw(cookie) if cookie is not None and len(cookie) < 100 else b""
        nonce = raw[:16]
        is_ours = len(raw) == 16 + _MAC and hmac.compare_digest(raw[16:], _mac(self._device, nonce))
        return hashlib.sha256(nonce).digest() if is_ours else None


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
