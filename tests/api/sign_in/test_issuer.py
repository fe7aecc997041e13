"""Tokens of the configured issuer, such as Clerk's, exchanged for sessions of ours."""

from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from tests.api.conftest import Caller, FakeDagster, assert_problem
from tests.api.sign_in.harness import PASSWORD, Place
from tests.api.sign_in.test_second_factor import enrolled


def token(place: Place, **claims: object) -> str:
    stranger = {"sub": f"user_{uuid4().hex}", "email": f"c{uuid4().hex}@example.com", "sid": uuid4().hex}
    return place.issuer.token({**stranger, **claims})


def exchange(place: Place, word: str, **more: object) -> httpx.Response:
    return place.browser().post("/auth/oidc", {"token": word, **more})


def test_a_stranger_is_registered_on_first_sight_and_known_afterwards(place: Place, dagster: FakeDagster) -> None:
    first = exchange(place, token(place, sub="user_1", email="first@example.com"))
    users = place.count("users")
    second = exchange(place, token(place, sub="user_1", email="another@example.com"))

    assert (first.status_code, second.status_code, place.count("users"), len(dagster.tenants)) == (200, 200, users, 1)
    me = replace(place.browser(), credential=second.json()["access_token"]).get("/me").json()
    assert (me["email"], me["role"], me["plan"]) == ("first@example.com", "owner", "free")


def test_a_token_is_exchanged_for_a_cookie_by_pages_of_ours_alone(place: Place, dagster: FakeDagster) -> None:
    browser = place.browser()
    asked = {"token": token(place), "session": "cookie"}

    assert_problem(browser.post("/auth/oidc", asked, headers={"Origin": "https://evil.example"}), 403, "csrf_failed")
    assert browser.post("/auth/oidc", asked).json()["session"] == "cookie"
    assert browser.get("/me").status_code == 200


def test_a_token_is_good_once(place: Place, dagster: FakeDagster) -> None:
    word = token(place)

    assert [exchange(place, word).status_code for _ in range(3)] == [200, 401, 401]


def test_sign_ins_and_refusals_stand_in_the_authentication_log(place: Place, dagster: FakeDagster) -> None:
    word = token(place)
    answers = [exchange(place, word) for _ in range(2)]
    asked = [each.headers["x-request-id"] for each in answers]

    rows = place.superuser.execute(
        "select kind, is_success, reason from auth_events where request_id = any(%s) order by event_id", (asked,)
    ).fetchall()
    assert rows == [("signup", True, "https://issuer.sandbox.test"), ("login", True, "oidc"), ("login", False, "oidc: unauthenticated")]


def test_an_address_that_somebody_has_is_linked_only_by_them(place: Place, dagster: FakeDagster) -> None:
    email = place.user()
    who = {"sub": uuid4().hex, "email": email}
    before = place.count("sessions")

    assert_problem(exchange(place, token(place, **who)), 409, "conflict")
    assert place.count("sessions") == before
    session = place.logged_in(email)
    assert_problem(session.post("/me/identities/oidc", {"token": token(place, **who)}), 422)
    assert session.post("/me/identities/oidc", {"token": token(place, **who), "password": PASSWORD}).status_code == 204
    assert exchange(place, token(place, **who)).status_code == 200


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": None}, {"email_verified": None}])
def test_an_address_that_is_not_verified_registers_nobody(place: Place, claims: dict[str, object]) -> None:
    before = place.count("users")

    assert_problem(exchange(place, token(place, **claims)), 403, "refused")
    assert place.count("users") == before


def test_a_second_factor_is_due_behind_an_issuer_too(place: Place, dagster: FakeDagster) -> None:
    _, session, _, codes = enrolled(place)
    subject = uuid4().hex
    assert session.post("/me/identities/oidc", {"token": token(place, sub=subject), "password": PASSWORD}).status_code == 204

    asked = exchange(place, token(place, sub=subject)).json()

    assert asked["second_factor_required"] is True
    assert place.browser().post("/auth/second-factor", {"challenge": asked["challenge"], "code": codes[0]}).status_code == 200


def test_another_workspace_than_ones_own_is_refused(place: Place, dagster: FakeDagster) -> None:
    assert_problem(exchange(place, token(place), workspace_id=str(uuid4())), 403, "refused")


def test_where_no_issuer_is_configured_nobody_signs_in_by_one(client: object, nobody: Caller) -> None:
    problem = assert_problem(nobody.post("/auth/oidc", {"token": "x"}), 502, "source_refused")

    assert "WHYRAL" not in problem["detail"]


def test_too_many_tries_of_one_address_are_held_back(place: Place) -> None:
    statuses = [exchange(place, "x.y.z").status_code for _ in range(40)]

    assert (statuses[0], statuses[-1]) == (401, 429)
    assert statuses.count(401) <= 34
