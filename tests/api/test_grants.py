"""Grants over HTTP: a browser consents at a little provider and comes back; what is shown never holds a token."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from litestar.testing import RequestFactory, TestClient

from api.app import create_app
from api.consents import COOKIE, consent_cookie, returns
from domain.owner_reports import ANALYTICS, READONLY
from gateways.files.store import LocalFiles
from services.consents import Browser
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_parts, pointers
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.consent import World, world

API_URL = "http://127.0.0.1:8000"
CALLBACK = "/auth/google/callback"
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def module_world() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def google(module_world: World) -> World:
    module_world.reset()
    return module_world


@pytest.fixture(scope="module")
def browsing(
    database: Database, urls: Urls, session_dagster: FakeDagster, files: LocalFiles, module_world: World
) -> Iterator[Callable[[], TestClient[Any]]]:
    """Makes browsers: each a client with cookies of its own, at one app."""
    parts = replace(make_parts(database, urls.app, session_dagster, files), platforms=module_world.platforms, api_url=API_URL)
    app = create_app(parts)
    with TestClient(app):
        yield lambda: TestClient(app)


@pytest.fixture
def browser(browsing: Callable[[], TestClient[Any]], database: Database, member: Member, google: World) -> Caller:
    return Caller(browsing(), make_key(database, member).plain)


def make(browser: Caller) -> str:
    return str(browser.post("/channels", {"name": "Night <music>", "niche": "music"}).json()["channel_id"])


def consent(browser: Caller, google: World, channel_id: str, **asked: Any) -> dict[str, str]:
    """What the browser is sent back with."""
    begun = browser.post(f"/channels/{channel_id}/connect", asked)
    assert begun.status_code == 200, begun.text
    return google.consent(begun.json()["consent_url"])


def come_back(browser: Caller, came: dict[str, str], **headers: str) -> httpx.Response:
    return Caller(browser.client).get(CALLBACK, params=came, headers=headers or HTML, follow_redirects=False)


def connect(browser: Caller, google: World, channel_id: str | None = None, **asked: Any) -> str:
    channel_id = channel_id or make(browser)
    assert come_back(browser, consent(browser, google, channel_id, **asked)).status_code in (200, 303)
    return channel_id


def test_a_channel_is_connected_in_the_browser(browser: Caller, google: World, dagster: FakeDagster) -> None:
    channel_id = make(browser)
    begun = browser.post(f"/channels/{channel_id}/connect", {})

    answer = come_back(browser, google.consent(begun.json()["consent_url"]))

    asked = parse_qs(urlsplit(begun.json()["consent_url"]).query)
    assert (begun.json()["expires_in"], asked["scope"]) == (600, [f"{READONLY} {ANALYTICS}"])
    assert asked["redirect_uri"] == [f"{API_URL}/api/v1/auth/google/callback"]
    assert (answer.status_code, answer.headers["cache-control"], answer.headers["referrer-policy"]) == (200, "no-store", "no-referrer")
    assert "Night &lt;music&gt; is connected" in answer.text
    assert "it was not asked for" in answer.text
    channel, grant = browser.get(f"/channels/{channel_id}").json(), browser.get(f"/channels/{channel_id}/connection").json()
    assert (channel["status"], channel["external_id"]) == ("active", google.channel.facts.external_id)
    assert (grant["status"], grant["error"], {each["name"]: each["is_on"] for each in grant["features"]}) == (
        "live", None, {"channel": True, "analytics": True, "revenue": False},
    )  # fmt: skip
    assert datetime.fromisoformat(grant["next_refresh_at"]) > datetime.fromisoformat(grant["connected_at"])
    request = browser.get(f"/requests/{grant['onboarding']}").json()
    assert (request["kind"], request["params"]) == ("sync", {"channel_id": channel_id})
    assert [each.request_id for each in dagster.launched] != []


def test_the_cookie_is_for_this_browser_and_this_server_only(browser: Caller, google: World) -> None:
    channel_id = make(browser)

    first, second = (browser.post(f"/channels/{channel_id}/connect", {}).headers["set-cookie"] for _ in range(2))

    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=600"} <= {part.strip() for part in first.split(";")}
    assert first.split(";")[0] == second.split(";")[0]
    assert "Secure" not in first


def test_over_https_the_cookie_is_bound_to_the_host_so_that_no_neighbour_plants_one() -> None:
    made = consent_cookie(Browser("s" * 43, "https://api.example/callback"), "https://api.example")
    planted = RequestFactory().get("/", cookies=f"whyral_consent={'p' * 43}")

    assert (made.key, made.path, made.domain, made.secure, made.httponly) == ("__Host-whyral_consent", "/", None, True, True)
    assert returns(planted, "https://api.example").secret is None
    assert returns(planted, "http://127.0.0.1:8000").secret == "p" * 43


def test_a_consent_leads_back_to_where_it_was_asked(browser: Caller, google: World) -> None:
    channel_id = make(browser)

    answer = come_back(browser, consent(browser, google, channel_id, return_to="/channels?done=1"))

    assert (answer.status_code, answer.headers["location"]) == (303, "/channels?done=1")
    problem = assert_problem(browser.post(f"/channels/{channel_id}/connect", {"return_to": "//evil.example"}), 422)
    assert pointers(problem) == ["/return_to"]


def test_what_was_left_out_of_the_consent_is_shown(browser: Caller, google: World) -> None:
    google.provider.unticked = frozenset({ANALYTICS})

    grant = browser.get(f"/channels/{connect(browser, google, revenue=True)}/connection").json()

    reasons = {each["name"]: each["reason"] for each in grant["features"]}
    assert reasons["channel"] is None
    assert "not granted" in reasons["analytics"]
    assert reasons["revenue"] is None


def failures() -> list[tuple[str, Callable[[World, dict[str, str]], dict[str, str]], int, str]]:
    return [
        ("no state", lambda _, came: {"code": came["code"]}, 422, "no state"),
        ("nothing at all", lambda _, came: {}, 422, "no state"),
        ("made up", lambda _, came: {**came, "state": "made-up"}, 422, "not known"),
        ("denied", lambda _, came: {"state": came["state"], "error": "access_denied"}, 403, "declined"),
        ("no code", lambda _, came: {"state": came["state"]}, 403, "declined"),
        ("other code", lambda _, came: {**came, "code": "<b>made up</b>"}, 422, "code"),
    ]


@pytest.mark.parametrize(("name", "spoil", "status", "words"), failures(), ids=lambda each: each if isinstance(each, str) else "")
@pytest.mark.parametrize("is_person", [True, False])
def test_a_consent_that_failed_says_so_to_people_and_to_programs(
    browser: Caller, google: World, name: str, spoil: Any, status: int, words: str, is_person: bool
) -> None:
    channel_id = make(browser)
    came = spoil(google, consent(browser, google, channel_id))

    answer = come_back(browser, came, **(HTML if is_person else {"Accept": "application/json"}))

    if is_person:
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (status, "text/html")
        assert "Nothing was connected" in answer.text
        assert words in answer.text
        assert "<b>" not in answer.text
    else:
        assert words in assert_problem(answer, status)["detail"]
    assert answer.headers["cache-control"] == "no-store"
    assert browser.get(f"/channels/{channel_id}/connection").json()["status"] == "none"


def test_a_provider_that_is_away_is_a_503_and_says_nothing_of_it(browser: Caller, google: World) -> None:
    came = consent(browser, google, make(browser))
    google.provider.is_away = True

    problem = assert_problem(come_back(browser, came, Accept="application/json"), 503, "source_unavailable")

    assert "503" not in problem["detail"]


def test_a_state_that_was_used_is_a_conflict(browser: Caller, google: World) -> None:
    came = consent(browser, google, make(browser))
    come_back(browser, came)

    assert_problem(come_back(browser, came, Accept="*/*"), 409)


def test_another_browser_is_sent_away_and_may_still_be_the_right_one_later(
    browser: Caller, browsing: Callable[[], TestClient[Any]], google: World
) -> None:
    came = consent(browser, google, make(browser))

    assert_problem(come_back(Caller(browsing()), came, Accept="application/json"), 403)
    stranger = Caller(browsing())
    stranger.client.cookies.set(COOKIE, "x" * 43)
    assert_problem(come_back(stranger, came, Accept="application/json"), 403)

    assert come_back(browser, came).status_code == 200


def test_disconnecting_says_by_when_the_tokens_are_gone(browser: Caller, google: World) -> None:
    channel_id = connect(browser, google)
    google.provider.is_away = True

    told = browser.delete(f"/channels/{channel_id}/connection")

    grant = told.json()
    assert (told.status_code, grant["status"], grant["error"]["code"]) == (200, "revoking", "source_unavailable")
    assert datetime.fromisoformat(grant["delete_after"]) - datetime.fromisoformat(grant["revoked_at"]) == timedelta(days=7)
    assert {each["is_on"] for each in grant["features"]} == {False}
    google.provider.is_away = False
    again = browser.delete(f"/channels/{channel_id}/connection").json()
    assert (again["status"], again["tokens_deleted_at"] is not None, google.provider.live) == ("revoked", True, {})
    assert_problem(browser.delete(f"/channels/{channel_id}/connection"), 409)


def test_a_connected_channel_is_not_archived_before_it_is_disconnected(browser: Caller, google: World) -> None:
    channel_id = connect(browser, google)

    assert "disconnect it first" in assert_problem(browser.delete(f"/channels/{channel_id}"), 409)["detail"]
    browser.delete(f"/channels/{channel_id}/connection")
    assert browser.delete(f"/channels/{channel_id}").status_code == 204


def test_a_connected_channel_is_paused_and_goes_on(browser: Caller, google: World) -> None:
    there = f"/channels/{connect(browser, google)}"

    told = [browser.call("PATCH", there, json={"status": status}).json()["status"] for status in ("paused", "active")]

    assert told == ["paused", "active"]


def test_the_trail_tells_of_connecting_and_disconnecting(
    browser: Caller, google: World, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    browser.delete(f"/channels/{connect(browser, google)}/connection")

    rows = superuser.execute(
        "select action, actor from audit_log where tenant_id = %s and action like 'channel.%%' order by at", (member.tenant_id,)
    )
    assert [(action, actor) for action, actor in rows] == [
        (f"channel.{act}", member.user_id) for act in ("made", "connect_begun", "connected", "disconnected")
    ]


def test_without_a_google_client_there_are_no_connections(mine: Caller) -> None:
    channel_id = mine.post("/channels", {"name": "x", "niche": "x"}).json()["channel_id"]

    problem = assert_problem(mine.post(f"/channels/{channel_id}/connect", {}), 502, "source_refused")

    assert "WHYRAL_GOOGLE_CLIENT_ID" in problem["detail"]


def test_no_answer_and_no_line_of_the_log_holds_a_token(browser: Caller, google: World, capsys: pytest.CaptureFixture[str]) -> None:
    channel_id = connect(browser, google)
    answers = [
        browser.get(path).text for path in (f"/channels/{channel_id}", f"/channels/{channel_id}/connection", "/channels", "/requests")
    ]
    came = consent(browser, google, channel_id)
    google.channel.facts = replace(google.channel.facts, external_id="UC" + "y" * 22)
    answers.append(come_back(browser, came).text)
    google.provider.live.clear()
    answers.append(browser.delete(f"/channels/{channel_id}/connection").text)

    told = capsys.readouterr()
    secrets = [*google.provider.issued, came["state"], came["code"]]
    assert len(secrets) > 6
    assert [each for each in secrets if each in "".join([*answers, told.out, told.err])] == []
