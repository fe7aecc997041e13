"""How Google words refusals, etags and page tokens."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sandbox.serving import Answered

QUOTA = 'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.'
STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


class Refusal(Exception):
    """An answer that is an error. `answer` is what goes over the wire."""

    def __init__(self, status: int, reason: str, message: str, *, domain: str = "global", told: str | None = None) -> None:
        super().__init__(message)
        error: dict[str, Any] = {
            "code": status,
            "message": message,
            "errors": [{"message": message, "domain": domain, "reason": reason}],
        }
        if domain == "global":
            error["status"] = STATUS.get(status, "UNKNOWN")
        if told:
            error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": told, "domain": "googleapis.com"}]
        self.reason = reason
        self.answer = Answered.of_json({"error": error}, status=status)


def no_key() -> Refusal:
    words = "Method doesn't allow unregistered callers (callers without established identity)."
    return Refusal(403, "forbidden", f"{words} Please use API Key or other form of API consumer identity to call this API.")


def wrong_key() -> Refusal:
    return Refusal(400, "badRequest", "API key not valid. Please pass a valid API key.", told="API_KEY_INVALID")


def wrong_token() -> Refusal:
    words = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid credential."
    return Refusal(401, "authError", words)


def no_scope() -> Refusal:
    words = "Request had insufficient authentication scopes."
    return Refusal(403, "insufficientPermissions", words, told="ACCESS_TOKEN_SCOPE_INSUFFICIENT")


def quota_exceeded() -> Refusal:
    return Refusal(403, "quotaExceeded", QUOTA, domain="youtube.quota")


def etag_of(payload: object) -> str:
    words = json.dumps(payload, sort_keys=True, ensure_ascii=False).encode("utf-8")
    return base64.urlsafe_b64encode(hashlib.sha256(words).digest()[:20]).decode().rstrip("=")


def page_token(query: Mapping[str, str], start: int) -> str:
    """Opaque, and good for this question only."""
    return base64.urlsafe_b64encode(f"{start}:{_asked(query)}".encode()).decode().rstrip("=")


def start_of(query: Mapping[str, str]) -> int:
    """Where the page begins that the question's token names."""
    token = query.get("pageToken")
    if not token:
        return 0
    try:
        start, asked = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split(":")
        if asked == _asked(query):
            return int(start)
    except (binascii.Error, ValueError):
        pass
    raise Refusal(400, "invalidPageToken", "The request specifies an invalid page token.", domain="youtube.parameter")


def _asked(query: Mapping[str, str]) -> str:
    words = sorted((name, word) for name, word in query.items() if name not in ("pageToken", "key", "alt", "part", "maxResults"))
    return hashlib.sha256(repr(words).encode()).hexdigest()[:12]
