"""Each refusal of Google has one name with us. The bodies are written by hand, after the documentation."""

import json
from datetime import UTC, datetime

import pytest

from domain.errors import SourceRefused, SourceUnavailable
from gateways.youtube.troubles import failure, retry_after

NOW = datetime(2026, 11, 25, 20, tzinfo=UTC)


def body(reason: str = "", message: str = "no", told: str | None = None) -> bytes:
    error = {"code": 0, "message": message, "errors": [{"reason": reason}] if reason else []}
    return json.dumps({"error": error | ({"details": [{"reason": told}]} if told else {})}).encode()


UNAVAILABLE = [
    (403, body("quotaExceeded"), "quota"),
    (403, body("dailyLimitExceeded"), "quota"),
    (429, body("rateLimitExceeded", "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day'"), "quota"),
    (403, body("rateLimitExceeded"), "rate_limit"),
    (403, body("userRateLimitExceeded"), "rate_limit"),
    (429, body("rateLimitExceeded", "Quota exceeded for 'Queries per minute'"), "rate_limit"),
    (429, b"", "rate_limit"),
    (429, b"<html>Our systems have detected unusual traffic</html>", "rate_limit"),
    (500, body("backendError"), "api_error"),
    (502, b"<html>502</html>", "api_error"),
    (503, body("SERVICE_UNAVAILABLE"), "api_error"),
    (599, b"", "api_error"),
    (408, b"", "api_error"),
    (400, body("invalidPageToken"), "api_error"),
    (403, b"<html>Sorry...</html>", "blocked"),
    (302, b"", "blocked"),
    (407, b"", "blocked"),
]
REFUSED = [
    (401, body("authError"), True, "not_configured"),
    (401, body("authError"), False, "invalid_grant"),
    (400, body("badRequest", told="API_KEY_INVALID"), True, "not_configured"),
    (400, body("keyInvalid"), True, "not_configured"),
    (403, body("accessNotConfigured", told="SERVICE_DISABLED"), True, "not_configured"),
    (403, body("forbidden", "Method doesn't allow unregistered callers"), True, "not_configured"),
    (403, body("insufficientPermissions"), False, "no_scope"),
    (403, body("forbidden", told="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), False, "no_scope"),
    (403, body("forbidden"), False, "private"),
    (403, body("playlistItemsNotAccessible"), True, "private"),
    (404, body("videoNotFound"), True, "not_found"),
    (410, b"", True, "not_found"),
    (400, body("invalidParameter"), True, "api_error"),
    (418, body("somethingNew"), True, "api_error"),
]


@pytest.mark.parametrize(("status", "said", "category"), UNAVAILABLE)
def test_what_passes_by_itself_may_be_tried_again(status, said, category):
    found = failure("youtube_api", status, said, {}, now=NOW)

    assert isinstance(found, SourceUnavailable)
    assert found.category == category


@pytest.mark.parametrize(("status", "said", "has_key", "category"), REFUSED)
def test_what_stays_is_not_tried_again(status, said, has_key, category):
    found = failure("youtube_api", status, said, {}, now=NOW, has_key=has_key)

    assert isinstance(found, SourceRefused)
    assert found.category == category


def test_a_quota_is_full_again_at_midnight_in_los_angeles_whatever_the_header_says():
    found = failure("youtube_api", 403, body("quotaExceeded"), {"retry-after": "1"}, now=NOW)

    assert found.retry_after_seconds == 12 * 3600


@pytest.mark.parametrize(
    "said", [b"[]", b'{"error": "error message"}', b'{"error": {"errors": [1]}}', b'{"error": {"errors": {"a": 1}}}', b"\xff\xfe"]
)
def test_an_error_body_of_any_shape_is_borne(said):
    assert failure("youtube_api", 500, said, {}, now=NOW).category == "api_error"


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("999999999999", 86_400.0),
        ("Wed, 25 Nov 2026 20:01:00 GMT", 60.0),
        ("Wed, 25 Nov 2026 19:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_how_long_to_wait_is_read_as_seconds_or_as_a_date(words, seconds):
    assert retry_after(words, NOW) == seconds
