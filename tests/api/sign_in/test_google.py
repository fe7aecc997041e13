"""Signing in with Google: who is registered, who is let in, who is linked, and who is not."""

import pytest

from tests.api.conftest import Caller, FakeDagster, assert_problem, pointers
from tests.api.sign_in.harness import API_URL, PASSWORD, Place, begin, come_back
from tests.api.sign_in.test_second_factor import enrolled

HTML = {"Accept": "text/html"}


def sign_in(place: Place, who: object, browser: Caller | None = None) -> Caller:
    browser = browser or place.browser()
    done = come_back(browser, place.consent(begin(browser, return_to="/home?x=1"), who))  # type: ignore[arg-type]
    assert (done.status_code, done.headers["location"]) == (303, "/home?x=1"), done.text
    return browser


def test_a_stranger_with_a_verified_address_is_registered_and_signed_in(place: Place, dagster: FakeDagster) -> None:
    who = place.person(name="Ana Example")
    browser = sign_in(place, who)

    row = place.superuser.execute(
        "select u.email, u.is_verified, u.password_hash, m.role, t.name, s.plan, i.issuer from users u join memberships m using (user_id)"
        " join tenants t using (tenant_id) join subscriptions s using (tenant_id) join user_identities i using (user_id)"
        " where u.email = %s", (place.email_of(who),)
    ).fetchone()  # fmt: skip
    assert row == (place.email_of(who), True, None, "owner", "Ana Example's workspace", "free", "https://accounts.google.com")
    assert len(dagster.tenants) == 1
    cookie = next(each for each in browser.client.cookies.jar if each.name == "whyral_session")
    assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == ("/", True)


def test_the_same_person_comes_again_whatever_the_address_is_by_then(place: Place, dagster: FakeDagster) -> None:
    who = place.person()
    sign_in(place, who)
    before = (place.count("users"), place.count("sessions"))
    place.google.project.people[who.native_id] |= {"email": "moved@example.com", "email_verified": False}

    sign_in(place, who)

    assert (place.count("users"), place.count("sessions")) == (before[0], before[1] + 1)


def test_a_session_of_the_cookie_is_live_in_the_database(place: Place, dagster: FakeDagster) -> None:
    browser = sign_in(place, place.person())

    row = place.superuser.execute(
        "select kind from sessions where secret_hash = sha256(%s::bytea) and ended_at is null",
        (str(browser.client.cookies["whyral_session"]).encode(),),
    ).fetchone()
    assert row == ("cookie",)


def test_a_cookie_of_google_opens_calls_and_changes_with_its_token_alone(place: Place, dagster: FakeDagster) -> None:
    who = place.person()
    browser = sign_in(place, who)
    csrf = {"X-CSRF-Token": str(browser.client.cookies["whyral_csrf"])}

    assert browser.get("/me").json()["email"] == place.email_of(who)
    assert browser.get("/auth/status").json()["credential"] == "session"
    assert_problem(browser.patch("/me", {"full_name": "Ana"}), 403, "csrf_failed")
    assert browser.patch("/me", {"full_name": "Ana"}, headers=csrf).json()["full_name"] == "Ana"
    assert browser.post("/auth/logout", headers=csrf).status_code == 204
    assert_problem(browser.get("/me"), 401, "unauthenticated")


def test_a_browser_that_google_signed_in_is_a_known_device(place: Place, dagster: FakeDagster) -> None:
    browser = sign_in(place, place.person())
    mark = browser.client.cookies["whyral_device"]
    before = place.count("known_devices")

    sign_in(place, place.person(), browser)

    assert (browser.client.cookies["whyral_device"], place.count("known_devices")) == (mark, before + 1)


def test_who_signs_in_anew_leaves_the_session_of_that_browser(place: Place, dagster: FakeDagster) -> None:
    browser = sign_in(place, place.person())
    old = str(browser.client.cookies["whyral_session"])
    sign_in(place, place.person(), browser)

    why = "select end_reason from sessions where secret_hash = sha256(%s::bytea)"
    assert place.superuser.execute(why, (old.encode(),)).fetchone() == ("replaced",)


def test_a_link_can_be_begun_by_cookie(place: Place, dagster: FakeDagster) -> None:
    browser, other = sign_in(place, place.person()), place.person()
    assert_problem(browser.post("/me/identities/google", {}), 403, "csrf_failed")
    csrf = {"X-CSRF-Token": str(browser.client.cookies["whyral_csrf"])}
    url = browser.post("/me/identities/google", {}, headers=csrf).json()["consent_url"]

    assert come_back(browser, place.consent(url, other)).status_code == 200
    assert place.email_of(other) in [each["email"] for each in browser.get("/me/identities").json()["items"]]


def test_an_address_that_somebody_has_is_never_linked_silently(place: Place, dagster: FakeDagster) -> None:
    email = place.user()
    browser = place.browser()
    before = (place.count("sessions"), place.count("user_identities"))

    done = come_back(browser, place.consent(begin(browser), place.person(email=email.upper())))

    assert "link" in assert_problem(done, 409, "conflict")["detail"]
    assert (place.count("sessions"), place.count("user_identities")) == before


def test_an_address_that_is_not_verified_registers_and_links_nobody(place: Place, dagster: FakeDagster) -> None:
    email = place.user()
    before = (place.count("users"), place.count("sessions"), place.count("user_identities"))
    for claims in ({"email": email, "email_verified": False}, {"email_verified": False}, {"email": None}, {"email": "no address"}):
        browser = place.browser()
        assert_problem(come_back(browser, place.consent(begin(browser), place.person(**claims))), 403, "refused")
        session = place.logged_in(email)
        url = session.post("/me/identities/google", {"password": PASSWORD}).json()["consent_url"]
        assert_problem(come_back(session, place.consent(url, place.person(**claims))), 403, "refused")

    after = (place.count("users"), place.count("sessions"), place.count("user_identities"))
    assert after == (before[0], before[1] + 4, before[2])


def linked(place: Place, email: str, who: object) -> Caller:
    session = place.logged_in(email)
    url = session.post("/me/identities/google", {"password": PASSWORD, "return_to": "/linked"}).json()["consent_url"]
    done = come_back(session, place.consent(url, who))  # type: ignore[arg-type]
    assert (done.status_code, done.headers["location"]) == (303, "/linked"), done.text
    return session


def test_who_logs_in_and_says_so_is_linked_and_then_signs_in_with_google(place: Place, dagster: FakeDagster) -> None:
    email, who = place.user(), place.person()
    session = linked(place, email, who)

    shown = session.get("/me/identities").json()
    assert (shown["has_password"], [each["email"] for each in shown["items"]]) == (True, [place.email_of(who)])
    before = place.count("users")
    sign_in(place, who)
    assert place.count("users") == before
    mails = place.superuser.execute("select count(*) from outbox where recipient = %s and subject ~ 'way into'", (email,)).fetchone()
    assert mails == (1,)


def test_a_link_that_was_begun_dies_with_its_session(place: Place) -> None:
    email = place.user()
    session = place.logged_in(email)
    came = place.consent(session.post("/me/identities/google", {"password": PASSWORD}).json()["consent_url"], place.person())
    ended = "update sessions s set ended_at = clock_timestamp() from users u where u.user_id = s.user_id and u.email = %s"
    place.superuser.execute(ended, (email,))
    before = place.count("user_identities")

    assert_problem(come_back(session, came), 401, "unauthenticated")
    assert place.count("user_identities") == before


def test_linking_needs_the_password(place: Place) -> None:
    session = place.logged_in(place.user())

    assert pointers(assert_problem(session.post("/me/identities/google", {}), 422)) == ["/password"]
    assert pointers(assert_problem(session.post("/me/identities/google", {"password": "wrong words here"}), 422)) == ["/password"]


def test_who_registered_with_an_address_that_is_not_theirs_leaves_no_way_in(place: Place, dagster: FakeDagster) -> None:
    session, before = place.logged_in(place.user(is_confirmed=False)), place.count("user_identities")

    assert_problem(session.post("/me/identities/google", {"password": PASSWORD}), 403, "refused")
    assert_problem(session.post("/me/identities/oidc", {"password": PASSWORD, "token": place.issuer.token({})}), 403, "refused")
    assert_problem(session.post("/me/second-factor", {"password": PASSWORD}), 403, "refused")
    assert place.count("user_identities") == before


def test_an_account_without_a_password_is_changed_after_a_fresh_login_only(place: Place, dagster: FakeDagster) -> None:
    email, who = place.user(), place.person()
    session = linked(place, email, who)
    identity = session.get("/me/identities").json()["items"][0]["identity_id"]
    place.superuser.execute("update users set password_hash = null where email = %s", (email,))
    older = "update sessions s set created_at = now() - interval '16 minutes' from users u where u.user_id = s.user_id and u.email = %s"
    place.superuser.execute(older, (email,))

    for path in ("/me/second-factor", "/me/identities/google"):
        assert_problem(session.post(path, {}), 403, "refused")
    assert_problem(session.delete(f"/me/identities/{identity}"), 403, "refused")
    fresh = sign_in(place, who)
    csrf = {"X-CSRF-Token": fresh.client.cookies["whyral_csrf"]}
    assert fresh.post("/me/second-factor", {}, headers=csrf).status_code == 200


def test_an_identity_belongs_to_one_account(place: Place, dagster: FakeDagster) -> None:
    who = place.person()
    linked(place, place.user(), who)
    session = place.logged_in(place.user())
    url = session.post("/me/identities/google", {"password": PASSWORD}).json()["consent_url"]

    assert_problem(come_back(session, place.consent(url, who)), 409, "conflict")


def test_the_last_way_in_cannot_be_removed_and_others_can(place: Place, dagster: FakeDagster) -> None:
    email, who = place.user(), place.person()
    session = linked(place, email, who)
    identity = session.get("/me/identities").json()["items"][0]["identity_id"]
    place.superuser.execute("update users set password_hash = null where email = %s", (email,))

    assert_problem(session.delete(f"/me/identities/{identity}"), 409, "conflict")
    place.superuser.execute("update users set password_hash = 'x' where email = %s", (email,))
    assert session.delete(f"/me/identities/{identity}").status_code == 204
    assert_problem(session.delete(f"/me/identities/{identity}"), 404, "not_found")
    browser = place.browser()
    come_back(browser, place.consent(begin(browser), who))
    assert session.get("/me/identities").json()["items"] == []


def test_another_users_identity_is_not_there(place: Place, dagster: FakeDagster) -> None:
    session = linked(place, place.user(), place.person())
    identity = session.get("/me/identities").json()["items"][0]["identity_id"]

    assert_problem(place.logged_in(place.user()).delete(f"/me/identities/{identity}"), 404, "not_found")
    assert len(session.get("/me/identities").json()["items"]) == 1


def test_a_second_factor_is_due_behind_google_too(place: Place, dagster: FakeDagster) -> None:
    _, session, _, codes = enrolled(place)
    who = place.person()
    url = session.post("/me/identities/google", {"password": PASSWORD}).json()["consent_url"]
    assert come_back(session, place.consent(url, who)).status_code == 200
    browser, before = place.browser(), place.count("sessions")

    done = come_back(browser, place.consent(begin(browser, return_to="/home#top"), who))

    assert (done.headers["location"], place.count("sessions")) == ("/home?second_factor=required#top", before)
    assert "whyral_session" not in browser.client.cookies
    answer = browser.post("/auth/second-factor", {"code": codes[0]})
    assert (answer.status_code, place.count("sessions")) == (200, before + 1)
    assert answer.json()["session"] == "cookie"
    assert browser.get("/me").status_code == 200
    assert "whyral_challenge" not in browser.client.cookies


def test_nobody_who_is_deactivated_is_let_in(place: Place, dagster: FakeDagster) -> None:
    who = place.person()
    sign_in(place, who)
    place.superuser.execute("update users set is_active = false where email = %s", (place.email_of(who),))
    browser = place.browser()

    assert_problem(come_back(browser, place.consent(begin(browser), who)), 401, "unauthenticated")


def test_the_consent_asks_for_nothing_but_who_somebody_is(place: Place) -> None:
    url = begin(place.browser())

    for word in ("scope=openid+email+profile&", "code_challenge_method=S256", "nonce=", "access_type=online"):
        assert word in url
    assert "include_granted_scopes" not in url


def test_a_browser_can_be_sent_there_straight_away(place: Place, dagster: FakeDagster) -> None:
    browser = place.browser()
    sent = browser.get("/auth/google/login", params={"return_to": "/in"}, follow_redirects=False)

    assert (sent.status_code, sent.headers["cache-control"], sent.headers["referrer-policy"]) == (303, "no-store", "no-referrer")
    done = come_back(browser, place.consent(sent.headers["location"], place.person()), **HTML)
    assert done.headers["location"] == "/in"


OUTSIDE = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\/evil.example", "/.//evil.example", "javascript:alert(1)",
    "/ok\r\nLocation: https://evil.example", "/\t/evil.example", f"{API_URL}.evil.example/", "evil.example", "", "/é", "/a//b",
    "/" + "x" * 600,
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_nobody_is_led_elsewhere_afterwards(place: Place, path: str) -> None:
    browser = place.browser()

    assert browser.post("/auth/google/login", {"return_to": path}).status_code == 422
    assert browser.get("/auth/google/login", params={"return_to": path}, follow_redirects=False).status_code in (400, 422)


def test_a_declined_sign_in_is_refused_and_told_in_words(place: Place) -> None:
    browser = place.browser()
    came = place.consent(begin(browser), place.person(), decision="deny")
    page = come_back(browser, came, **HTML)

    assert (page.status_code, page.headers["cache-control"]) == (403, "no-store")
    assert "declined" in page.text
