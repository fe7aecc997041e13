"""Google's consent and token endpoints, against the sandbox and against answers that a test wrote."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.errors import SourceRefused, SourceUnavailable
from domain.ports import GivesConsent
from gateways.google_oauth import GoogleOAuth
from gateways.youtube.transport import Wire
from sandbox.google import CLIENT_ID, CLIENT_SECRET
from sandbox.serving import Answered
from tests.gateways.scripted import saying
from tests.sandbox.google.place import ALL, EPOCH, READ, REDIRECT, VERIFIER, Place


@pytest.fixture
def google(place: Place, wire: Wire) -> GoogleOAuth:
    return GoogleOAuth(wire, CLIENT_ID, CLIENT_SECRET, place.url, now=place.clock.now)


def consent(google: GoogleOAuth, **more: str) -> str:
    port: GivesConsent = google
    return port.consent_url(state="st", verifier=VERIFIER, scopes=ALL, redirect_uri=REDIRECT, **more)


def code(place: Place, google: GoogleOAuth, **form: object) -> str:
    return place.decide(consent(google), **form)["code"]


def test_a_consent_gives_tokens_with_their_scopes_and_their_end(place: Place, google: GoogleOAuth):
    tokens = google.exchange(code(place, google), verifier=VERIFIER, redirect_uri=REDIRECT)

    assert tokens.scopes == set(ALL)
    assert tokens.refresh_token
    assert timedelta(minutes=59) < tokens.expires_at - EPOCH <= timedelta(hours=1)
    assert place.get("/oauth2/v3/userinfo", tokens.access_token).status_code == 200
    assert tokens.access_token not in repr(tokens)


def test_the_address_asks_for_offline_access_keeps_earlier_scopes_and_hides_the_verifier(google: GoogleOAuth):
    words = {name: each[0] for name, each in parse_qs(urlsplit(consent(google, login_hint="a@example.com")).query).items()}

    assert (words["access_type"], words["include_granted_scopes"], words["prompt"]) == ("offline", "true", "consent")
    assert (words["code_challenge_method"], words["login_hint"], words["state"]) == ("S256", "a@example.com", "st")
    assert VERIFIER not in words.values()
    assert CLIENT_SECRET not in words.values()


def test_without_another_address_it_is_googles_own(google: GoogleOAuth):
    theirs = GoogleOAuth(google.wire, CLIENT_ID, CLIENT_SECRET)

    assert consent(theirs).startswith("https://accounts.google.com/o/oauth2/v2/auth?")


def test_partial_consent_is_a_consent(place: Place, google: GoogleOAuth):
    tokens = google.exchange(code(place, google, decision="allow", scope=[READ]), verifier=VERIFIER, redirect_uri=REDIRECT)

    assert tokens.scopes == {READ}


def test_a_refresh_keeps_the_token_that_we_have_unless_google_rotates_it(place: Place, google: GoogleOAuth):
    creator = place.channels[0]
    first = google.exchange(code(place, google, channel=creator.native_id), verifier=VERIFIER, redirect_uri=REDIRECT)

    same = google.refresh(first.refresh_token or "")
    place.google.grants.rotate(creator.native_id)
    rotated = google.refresh(first.refresh_token or "")

    assert same.refresh_token is None
    assert same.access_token != first.access_token
    assert rotated.refresh_token not in (None, first.refresh_token)
    with pytest.raises(SourceRefused) as dead:
        google.refresh(first.refresh_token or "")
    assert dead.value.category == "invalid_grant"


def test_a_code_works_once(place: Place, google: GoogleOAuth):
    used = code(place, google)
    google.exchange(used, verifier=VERIFIER, redirect_uri=REDIRECT)

    with pytest.raises(SourceRefused) as refused:
        google.exchange(used, verifier=VERIFIER, redirect_uri=REDIRECT)

    assert refused.value.category == "invalid_grant"


@pytest.mark.parametrize(
    ("verifier", "redirect", "category"), [("x" * 43, REDIRECT, "invalid_grant"), (VERIFIER, "http://127.0.0.1/other", "not_configured")]
)
def test_a_code_belongs_to_its_verifier_and_its_address(place: Place, google: GoogleOAuth, verifier, redirect, category):
    with pytest.raises(SourceRefused) as refused:
        google.exchange(code(place, google), verifier=verifier, redirect_uri=redirect)

    assert refused.value.category == category


def test_revoking_ends_the_grant_and_doing_it_again_is_done(place: Place, google: GoogleOAuth):
    tokens = google.exchange(code(place, google), verifier=VERIFIER, redirect_uri=REDIRECT)

    google.revoke(tokens.refresh_token or "")
    google.revoke(tokens.refresh_token or "")

    with pytest.raises(SourceRefused):
        google.refresh(tokens.refresh_token or "")


def test_a_wrong_secret_is_the_operators_to_mend(place: Place, google: GoogleOAuth):
    wrong = GoogleOAuth(google.wire, CLIENT_ID, "guess", place.url)

    with pytest.raises(SourceRefused) as refused:
        wrong.refresh("1//0whatever")

    assert refused.value.category == "not_configured"
    assert "guess" not in f"{refused.value!r}{wrong!r}"


GOOD = {"access_token": "ya29.secret", "expires_in": 3599, "scope": READ, "token_type": "Bearer"}


@pytest.mark.parametrize(
    ("answer", "category"),
    [
        (Answered(500, b"oops"), "api_error"),
        (Answered.of_json({"error": "internal_failure"}, status=503), "api_error"),
        (Answered.of_json({"error": "rate_limit_exceeded"}, status=429, headers={"Retry-After": "9"}), "rate_limit"),
        (Answered.of_html("<html>hello</html>"), "parse_error"),
        (Answered(200, b'{"access_token": "ya29.secr'), "parse_error"),
        (Answered(200, b""), "parse_error"),
        (Answered.of_html("<html>Sorry</html>", status=403), "blocked"),
        (Answered.of_json({**GOOD, "access_token": None}), "parse_error"),
        (Answered.of_json({**GOOD, "expires_in": "soon"}), "parse_error"),
        (Answered.of_json({**GOOD, "expires_in": 0}), "parse_error"),
        (Answered.of_json({**GOOD, "refresh_token": 5}), "parse_error"),
        (Answered.of_json([1]), "parse_error"),
    ],
)
def test_what_is_no_answer_may_be_tried_again_and_never_ends_a_connection(place: Place, google: GoogleOAuth, answer, category):
    place.desk.services = (saying(answer),)

    with pytest.raises(SourceUnavailable) as failed:
        google.refresh("1//0secret")

    assert failed.value.category == category
    assert "secr" not in f"{failed.value!r}{failed.value.__cause__!r}"


def test_google_says_how_long_to_wait(place: Place, google: GoogleOAuth):
    place.desk.services = (saying(Answered.of_json({"error": "slow_down"}, status=429, headers={"Retry-After": "9"})),)

    with pytest.raises(SourceUnavailable) as failed:
        google.revoke("1//0x")

    assert failed.value.retry_after_seconds == 9.0
