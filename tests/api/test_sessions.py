"""Sessions at the door: tokens and their refreshing, cookies and what keeps other sites from using them, lists, logging out."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from api.browsers import Browsers
from domain.errors import Forged
from gateways.files.store import LocalFiles
from gateways.session_secrets import SessionSecrets
from services.sessions import secret_hash
from store.database import Database
from tests.api.conftest import SECRET, Caller, FakeDagster, assert_problem, make_key, make_parts, make_session, token_of
from tests.api.signing_in import Browser, events, log_in, make_user
from tests.conftest import Member, TestUrls


@pytest.fixture(autouse=True)
def unhurried(superuser: psycopg.Connection[Any], client: TestClient[Litestar]) -> Iterator[None]:
    superuser.execute("delete from rate_limits")
    client.cookies.clear()
    yield
    client.cookies.clear()


@pytest.fixture
def user(database: Database) -> Member:
    return make_user(database)


# Tokens


def test_a_refresh_token_gets_the_next_pair_and_only_once(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    first = log_in(client, user)
    second = Caller(client).post("/auth/refresh", {"refresh_token": first["refresh_token"]})

    assert second.status_code == 200
    assert second.headers["cache-control"] == "no-store"
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert Caller(client, second.json()["access_token"]).get("/me").status_code == 200
    superuser.execute("update sessions set rotated_at = rotated_at - interval '11 seconds' where user_id = %s", (user.user_id,))
    assert_problem(Caller(client).post("/auth/refresh", {"refresh_token": first["refresh_token"]}), 401, "unauthenticated")
    assert_problem(Caller(client).post("/auth/refresh", {"refresh_token": second.json()["refresh_token"]}), 401)
    assert_problem(Caller(client, second.json()["access_token"]).get("/me"), 401)
    assert ("refresh", False) in events(superuser, user.user_id)


def test_tokens_of_one_kind_do_not_do_for_the_other(client: TestClient[Litestar], user: Member) -> None:
    made = log_in(client, user)

    assert_problem(Caller(client, made["refresh_token"]).get("/me"), 401)
    assert_problem(Caller(client).post("/auth/refresh", {"refresh_token": made["access_token"]}), 401)


def test_a_cookies_session_is_not_refreshed_by_a_token(client: TestClient[Litestar], user: Member) -> None:
    made = Browser(client).log_in(user)
    client.cookies.clear()
    forged = SessionSecrets(SECRET).refresh_token(UUID(made["session_id"]), 0)

    assert_problem(Caller(client).post("/auth/refresh", {"refresh_token": forged}), 401)


# Cookies


def test_a_cookie_opens_the_door_and_the_token_is_needed_to_change_something(client: TestClient[Litestar], user: Member) -> None:
    browser = Browser(client)
    made = browser.log_in(user)

    assert "access_token" not in made
    assert browser.call("GET", "/me").json()["user_id"] == str(user.user_id)
    assert browser.call("PATCH", "/me", json={"company_name": "Bakery"}).json()["company_name"] == "Bakery"
    assert_problem(browser.call("PATCH", "/me", json={}, headers={"X-CSRF-Token": ""}), 403, "csrf_failed")
    assert_problem(browser.call("PATCH", "/me", json={}, headers={"X-CSRF-Token": made["csrf_token"][:-1] + "_"}), 403, "csrf_failed")


def test_a_new_login_leaves_the_session_that_the_browser_was_in(client: TestClient[Litestar], user: Member) -> None:
    browser = Browser(client)
    browser.log_in(user)
    old = client.cookies["whyral_session"]

    browser.log_in(user)

    assert len(browser.call("GET", "/me/sessions").json()["items"]) == 1
    client.cookies.clear()
    client.cookies.set("whyral_session", old)
    assert_problem(Caller(client).get("/me"), 401)


def test_another_sessions_csrf_token_does_not_do(client: TestClient[Litestar], database: Database, user: Member) -> None:
    theirs = Browser(client).log_in(make_user(database))["csrf_token"]
    browser = Browser(client)
    browser.log_in(user)

    assert_problem(browser.call("DELETE", "/me/sessions", headers={"X-CSRF-Token": theirs}), 403, "csrf_failed")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://testserver.local.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://testserver.local", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_site_changes_nothing_even_with_the_token(
    client: TestClient[Litestar], user: Member, headers: dict[str, str]
) -> None:
    browser = Browser(client)
    browser.log_in(user)

    assert_problem(browser.call("PATCH", "/me", json={}, headers=headers), 403, "csrf_failed")
    words = {"email": user.email, "password": "x", "session": "cookie"}
    assert_problem(Caller(client).post("/auth/login", words, headers=headers), 403, "csrf_failed")


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://testserver.local"}, {"Origin": "http://127.0.0.1:8000"}, {"Sec-Fetch-Site": "same-origin"}]
)
def test_our_own_page_may(client: TestClient[Litestar], user: Member, headers: dict[str, str]) -> None:
    browser = Browser(client)
    browser.log_in(user)

    assert browser.call("PATCH", "/me", json={}, headers=headers).status_code == 200


def test_a_link_on_another_sites_page_spends_nothing_of_the_plan(client: TestClient[Litestar], user: Member) -> None:
    browser = Browser(client)
    browser.log_in(user)
    led = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert_problem(browser.call("GET", "/youtube/search", params={"query": "x"}, headers=led), 403, "csrf_failed")
    assert browser.call("GET", "/me", headers=led).status_code == 200
    assert browser.call("GET", "/youtube/search", params={"query": "x"}, headers={"Sec-Fetch-Site": "same-origin"}).status_code != 403


def test_a_bearer_needs_no_csrf_token_and_is_not_helped_by_a_cookie(client: TestClient[Litestar], database: Database, user: Member) -> None:
    Browser(client).log_in(user)

    assert Caller(client, make_key(database, user).plain).post("/keys", {"name": "another"}).status_code == 201
    assert Caller(client, token_of(database, user)).call("PATCH", "/me", json={}).status_code == 200
    assert_problem(Caller(client, "rubbish").get("/me"), 401)


def test_cookies_are_out_of_scripts_reach_and_bound_to_the_host_over_https() -> None:
    secrets = SessionSecrets(SECRET)
    plain, bound = (Browsers(secrets, url).cookies_of_session("s", "c") for url in ("http://127.0.0.1:8000", "https://api.example.org"))

    assert [cookie.key for cookie in plain] == ["whyral_session", "whyral_csrf"]
    assert [cookie.key for cookie in bound] == ["__Host-whyral_session", "__Host-whyral_csrf"]
    for session, csrf in (plain, bound):
        assert (session.httponly, session.samesite, session.path, session.domain) == (True, "lax", "/", None)
        assert not csrf.httponly
    assert all(cookie.secure for cookie in bound)


def test_the_answer_to_a_login_sets_them(client: TestClient[Litestar], user: Member) -> None:
    answer = Caller(client).post("/auth/login", {"email": user.email, "password": "correct horse battery", "session": "cookie"})

    cookies = {line.partition("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert set(cookies) == {"whyral_session", "whyral_csrf", "whyral_device"}
    assert "httponly" in cookies["whyral_session"]
    assert "httponly" in cookies["whyral_device"]
    assert "httponly" not in cookies["whyral_csrf"]
    assert all("samesite=lax" in line and "path=/" in line for line in cookies.values())


def test_a_cookies_secret_is_kept_as_its_hash(client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]) -> None:
    Browser(client).log_in(user)
    secret = client.cookies["whyral_session"]

    kept = superuser.execute("select secret_hash from sessions where user_id = %s", (user.user_id,)).fetchone()
    assert kept == (secret_hash(secret),)


def test_browsers_say_where_a_call_comes_from_and_programs_say_nothing() -> None:
    ours = Browsers(SessionSecrets(SECRET), "https://api.example.org")

    ours.check_origin({})
    ours.check_origin({"origin": "https://api.example.org", "sec-fetch-site": "same-origin"})
    with pytest.raises(Forged):
        ours.check_origin({"origin": "http://api.example.org:81", "host": "api.example.org"})


# Lists and ends


def test_sessions_are_listed_and_ended_one_by_one_or_all_others(client: TestClient[Litestar], user: Member) -> None:
    first, second, third = (log_in(client, user) for _ in range(3))
    me = Caller(client, third["access_token"])

    listed = me.get("/me/sessions").json()["items"]
    assert [each["session_id"] for each in listed] == [third["session_id"], second["session_id"], first["session_id"]]
    assert [each["is_current"] for each in listed] == [True, False, False]
    assert listed[0]["address"] == "testclient"
    assert me.delete(f"/me/sessions/{second['session_id']}").status_code == 204
    assert_problem(me.delete(f"/me/sessions/{second['session_id']}"), 404)
    assert_problem(Caller(client, second["access_token"]).get("/me"), 401)
    assert me.delete("/me/sessions").status_code == 204
    assert_problem(Caller(client, first["access_token"]).get("/me"), 401)
    assert me.get("/me").status_code == 200


def test_another_users_session_is_not_there(client: TestClient[Litestar], user: Member, other: Member) -> None:
    theirs = make_session(client, other)

    assert_problem(Caller(client, log_in(client, user)["access_token"]).delete(f"/me/sessions/{theirs}"), 404)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/me/sessions"), ("DELETE", "/me/sessions"), ("POST", "/auth/logout"), ("POST", "/me/verify-email")]
)
def test_an_api_key_is_no_session(mine: Caller, method: str, path: str) -> None:
    assert_problem(mine.call(method, path), 403, "refused")


def test_an_administrator_who_acts_as_the_user_may_not_touch_sessions_or_password(
    client: TestClient[Litestar], user: Member, other: Member, superuser: psycopg.Connection[Any]
) -> None:
    made = log_in(client, user)
    superuser.execute("update users set is_platform_admin = true where user_id = %s", (other.user_id,))
    superuser.execute(
        "update sessions set kind = 'impersonation', impersonator = %s, begun_in = %s, reason = 'asked to' where session_id = %s",
        (other.user_id, make_session(client, other), made["session_id"]),
    )
    who = {"user_id": user.user_id, "tenant_id": user.tenant_id, "session_id": UUID(made["session_id"]), "impersonator": other.user_id}
    acting = Caller(client, client.app.state.tokens.issue(**who, now=datetime.now(UTC)))

    assert acting.get("/me").status_code == 200
    assert_problem(acting.get("/me/sessions"), 403, "refused")
    assert_problem(acting.post("/me/password", {"current_password": "correct horse battery", "new_password": "x" * 20}), 403, "refused")
    assert_problem(Caller(client).post("/auth/refresh", {"refresh_token": made["refresh_token"]}), 401)


def test_logging_out_counts_on_another_worker_at_once(
    client: TestClient[Litestar], user: Member, urls: TestUrls, files: LocalFiles, superuser: psycopg.Connection[Any]
) -> None:
    tokens = log_in(client, user)
    browser = Browser(client)
    browser.log_in(user)
    secret = client.cookies["whyral_session"]
    with (
        closing(Database(urls.app, pool_size=1)) as database,
        TestClient(create_app(make_parts(database, urls.app, FakeDagster(), files))) as second,
    ):
        there = Caller(second, tokens["access_token"])
        second.cookies.set("whyral_session", secret)
        assert [there.get("/me").status_code, Caller(second).get("/me").status_code] == [200, 200]

        assert Caller(client, tokens["access_token"]).post("/auth/logout").status_code == 204
        answer = browser.call("POST", "/auth/logout")
        assert answer.headers["clear-site-data"] == '"cache"'

        assert_problem(there.get("/me"), 401)
        assert_problem(Caller(second).get("/me"), 401)
        assert_problem(Caller(second).post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}), 401)
    assert answer.status_code == 204
    assert "whyral_session" not in client.cookies
    assert events(superuser, user.user_id).count(("logout", True)) == 2


def test_the_status_tells_sessions_keys_and_nobody_apart(client: TestClient[Litestar], user: Member, mine: Caller) -> None:
    browser = Browser(client)
    assert browser.call("GET", "/auth/status").json() == {
        "is_authenticated": False,
        "credential": None,
        "user_id": None,
        "workspace_id": None,
    }
    assert Caller(client, "rubbish").get("/auth/status").json()["is_authenticated"] is False
    assert mine.get("/auth/status").json()["credential"] == "key"
    browser.log_in(user)
    assert browser.call("GET", "/auth/status").json()["user_id"] == str(user.user_id)


# Me


def test_a_profile_is_changed_field_by_field(client: TestClient[Litestar], user: Member) -> None:
    me = Caller(client, log_in(client, user)["access_token"])

    me.call("PATCH", "/me", json={"company_name": "Bakery", "profile_image": "https://example.org/a.png", "settings": {"a": [1]}})
    changed = me.call("PATCH", "/me", json={"full_name": None}).json()

    assert (changed["full_name"], changed["company_name"], changed["settings"]) == (None, "Bakery", {"a": [1]})
    assert changed == me.get("/auth/me").json() == me.get("/me").json()


@pytest.mark.parametrize("name", ["role", "email", "is_demo", "plan", "is_verified", "is_platform_admin", "password_hash", "user_id"])
def test_nobody_makes_themselves_more_than_they_are(client: TestClient[Litestar], user: Member, name: str) -> None:
    me = Caller(client, log_in(client, user)["access_token"])

    assert_problem(me.call("PATCH", "/me", json={name: "owner"}), 400, "malformed")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"full_name": " "}, "/full_name"),
        ({"company_name": "a\n"}, "/company_name"),
        ({"profile_image": "javascript:alert(1)"}, "/profile_image"),
        ({"profile_image": "https://x/" + "y" * 2000}, "/profile_image"),
        ({"settings": {"a": "x" * 17_000}}, "/settings"),
    ],
)
def test_a_profile_that_cannot_be_accepted_says_which_field(mine: Caller, changes: dict[str, object], pointer: str) -> None:
    assert [each["pointer"] for each in assert_problem(mine.call("PATCH", "/me", json=changes), 422)["errors"]] == [pointer]


def test_a_key_for_reading_changes_no_profile(reader: Caller) -> None:
    assert_problem(reader.call("PATCH", "/me", json={"full_name": "X"}), 403)
