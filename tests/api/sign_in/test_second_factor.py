"""A second factor from its secret to its end, and every way around it that does not lead in."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from gateways.vault import SealedVault
from tests.api.conftest import Caller, assert_problem, pointers
from tests.api.sign_in.harness import PASSWORD, Place, code_of, secret_of
from tests.consent import KEYS


def enrolled(place: Place) -> tuple[str, Caller, bytes, list[str]]:
    """A user whose second factor is on: address, session, secret, recovery codes. The code of the current step was used up for it."""
    email = place.user()
    session = place.logged_in(email)
    begun = session.post("/me/second-factor", {"password": PASSWORD})
    assert begun.status_code == 200, begun.text
    secret = secret_of(begun.json()["otpauth_uri"])
    confirmed = session.post("/me/second-factor/confirm", {"code": code_of(secret, step=0)})
    assert confirmed.status_code == 200, confirmed.text
    return email, session, secret, confirmed.json()["recovery_codes"]


def challenged(place: Place, email: str) -> str:
    place.unhurried()
    answer = place.browser().post("/auth/login", {"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json().keys() == {"second_factor_required", "challenge", "expires_in"}
    return str(answer.json()["challenge"])


def answer(place: Place, challenge: str, code: str) -> int:
    return place.browser().post("/auth/second-factor", {"challenge": challenge, "code": code}).status_code


def test_with_a_second_factor_a_password_alone_opens_no_session(place: Place) -> None:
    email, _, secret, codes = enrolled(place)
    before = place.count("sessions")

    challenge = challenged(place, email)
    assert place.count("sessions") == before
    done = place.browser().post("/auth/second-factor", {"challenge": challenge, "code": code_of(secret)})

    assert (done.status_code, place.count("sessions"), len(set(codes))) == (200, before + 1, 10)
    token = done.json()["access_token"]
    assert replace(place.browser(), credential=token).get("/me").json()["email"] == email
    proven = place.superuser.execute("select second_factor_at is not null from sessions order by created_at desc limit 1").fetchone()
    assert proven == (True,)


def test_tokens_of_a_second_factor_are_refreshed_like_others(place: Place) -> None:
    email, _, secret, _ = enrolled(place)
    done = place.browser().post("/auth/second-factor", {"challenge": challenged(place, email), "code": code_of(secret)}).json()

    fresh = place.browser().post("/auth/refresh", {"refresh_token": done["refresh_token"]})
    assert (fresh.status_code, fresh.json()["session_id"]) == (200, done["session_id"])


def test_a_browser_that_logs_in_for_a_cookie_gets_it_after_the_second_factor(place: Place) -> None:
    email, _, secret, _ = enrolled(place)
    place.unhurried()
    browser = place.browser()
    asked = browser.post("/auth/login", {"email": email, "password": PASSWORD, "session": "cookie"})
    assert asked.json()["second_factor_required"] is True
    assert {each.name for each in browser.client.cookies.jar} == {"whyral_challenge"}

    elsewhere = browser.post("/auth/second-factor", {"code": code_of(secret)}, headers={"Origin": "https://evil.example"})
    assert_problem(elsewhere, 403, "csrf_failed")
    done = browser.post("/auth/second-factor", {"code": code_of(secret)})

    assert (done.status_code, done.json()["session"]) == (200, "cookie")
    assert {each.name for each in browser.client.cookies.jar} == {"whyral_session", "whyral_csrf", "whyral_device"}
    assert browser.get("/me").json()["email"] == email


def test_a_step_is_accepted_once_also_by_two_at_once(place: Place) -> None:
    email, _, secret, _ = enrolled(place)
    challenges, code = [challenged(place, email) for _ in range(4)], code_of(secret)

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda each: answer(place, each, code), challenges))

    assert statuses == [200, 401, 401, 401]


def test_a_challenge_opens_one_session_and_takes_five_guesses(place: Place) -> None:
    email, _, secret, codes = enrolled(place)
    challenge = challenged(place, email)
    assert answer(place, challenge, codes[0]) == 200
    assert answer(place, challenge, codes[1]) == 401

    tired = challenged(place, email)
    assert [answer(place, tired, "000000") for _ in range(5)] == [401] * 5
    place.superuser.execute("delete from rate_limits")
    assert answer(place, tired, code_of(secret)) == 401


def test_guesses_are_bounded_over_all_challenges_and_a_recovery_code_still_gets_in(place: Place) -> None:
    email, _, secret, codes = enrolled(place)
    first, second = challenged(place, email), challenged(place, email)
    assert [answer(place, first, "000000") for _ in range(5)] == [401] * 5

    assert_problem(place.browser().post("/auth/second-factor", {"challenge": second, "code": code_of(secret)}), 429, "limit_reached")
    assert answer(place, second, codes[0].upper().replace("-", " ")) == 200


def test_a_recovery_code_is_good_once(place: Place) -> None:
    email, _, _, codes = enrolled(place)

    assert [answer(place, challenged(place, email), codes[3]) for _ in range(2)] == [200, 401]


def test_codes_and_secret_are_kept_in_no_readable_form(place: Place) -> None:
    email, _, secret, codes = enrolled(place)
    user, sealed = place.superuser.execute("select user_id, totp_sealed from users where email = %s", (email,)).fetchone() or (None, b"")
    hashes = b"".join(row[0] for row in place.superuser.execute("select code_hash from recovery_codes where user_id = %s", (user,)))

    assert secret not in sealed
    assert not any(code.replace("-", "").encode() in hashes for code in codes)
    assert SealedVault.of(KEYS).open(sealed, context=f"second-factor:{user}:totp".encode()) == secret


def test_a_secret_that_was_moved_to_another_user_opens_nothing(place: Place) -> None:
    email, _, _, _ = enrolled(place)
    mine, _, secret, _ = enrolled(place)
    place.superuser.execute(
        "update users set totp_sealed = (select totp_sealed from users where email = %s) where email = %s", (mine, email)
    )

    assert answer(place, challenged(place, email), code_of(secret)) == 422


def test_beginning_again_replaces_what_was_not_confirmed_and_never_what_was(place: Place) -> None:
    session = place.logged_in(place.user())
    first, second = (secret_of(session.post("/me/second-factor", {"password": PASSWORD}).json()["otpauth_uri"]) for _ in range(2))

    assert pointers(assert_problem(session.post("/me/second-factor/confirm", {"code": code_of(first, step=0)}), 422)) == ["/code"]
    assert session.get("/me/second-factor").json() == {"is_on": False, "confirmed_at": None, "recovery_codes_left": 0}
    assert session.post("/me/second-factor/confirm", {"code": code_of(second, step=0)}).status_code == 200
    assert_problem(session.post("/me/second-factor", {"password": PASSWORD}), 409, "conflict")


@pytest.mark.parametrize("path", ["/me/second-factor/disable", "/me/second-factor/recovery-codes"])
def test_changing_it_needs_password_and_code(place: Place, path: str) -> None:
    email, session, secret, codes = enrolled(place)

    assert pointers(assert_problem(session.post(path, {"code": codes[0], "password": "wrong words here"}), 422)) == ["/password"]
    assert pointers(assert_problem(session.post(path, {"code": codes[0]}), 422)) == ["/password"]
    assert pointers(assert_problem(session.post(path, {"code": "000000", "password": PASSWORD}), 422)) == ["/code"]
    assert session.get("/me/second-factor").json()["recovery_codes_left"] == 10
    place.unhurried()
    assert session.post(path, {"code": code_of(secret), "password": PASSWORD}).is_success

    mails = place.superuser.execute("select count(*) from outbox where recipient = %s and subject ~ 'second factor'", (email,)).fetchone()
    assert mails == (2,)


def test_once_it_is_off_the_password_is_enough_and_its_codes_are_dead(place: Place) -> None:
    email, session, secret, codes = enrolled(place)
    old = challenged(place, email)
    assert session.post("/me/second-factor/disable", {"code": code_of(secret), "password": PASSWORD}).status_code == 204

    assert "access_token" in place.browser().post("/auth/login", {"email": email, "password": PASSWORD}).json()
    assert answer(place, old, codes[1]) == 401


def test_other_recovery_codes_end_those_of_before(place: Place) -> None:
    email, session, secret, codes = enrolled(place)
    fresh = session.post("/me/second-factor/recovery-codes", {"code": code_of(secret), "password": PASSWORD}).json()["recovery_codes"]

    assert not set(fresh) & set(codes)
    assert answer(place, challenged(place, email), codes[0]) == 401
    assert answer(place, challenged(place, email), fresh[0]) == 200


def test_no_key_reaches_a_second_factor(place: Place) -> None:
    session = place.logged_in(place.user())
    key = replace(session, credential=session.post("/keys", {"name": "program"}).json()["key"])

    assert_problem(key.get("/me/second-factor"), 403, "refused")
    assert_problem(key.post("/me/second-factor", {"password": PASSWORD}), 403, "refused")
    assert_problem(key.get("/me/identities"), 403, "refused")


def test_a_challenge_dies_with_the_password_and_with_time(place: Place) -> None:
    email, _, _, codes = enrolled(place)
    late, changed = challenged(place, email), challenged(place, email)
    place.superuser.execute("update users set password_changed_at = clock_timestamp() where email = %s", (email,))
    assert answer(place, changed, codes[0]) == 401
    place.superuser.execute("update users set password_changed_at = null where email = %s", (email,))
    place.superuser.execute("update user_tokens set expires_at = clock_timestamp() where purpose = 'second_factor'")

    assert answer(place, late, codes[0]) == 401


def test_an_answer_without_a_challenge_says_which_field(place: Place) -> None:
    assert pointers(assert_problem(place.browser().post("/auth/second-factor", {"code": "000000"}), 422)) == ["/challenge"]
