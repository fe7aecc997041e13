"""The sandbox's consent and token endpoints refuse and forget as Google's do."""

from datetime import timedelta

import pytest

from sandbox.google import CLIENT_ID, Google
from sandbox.world import make_world
from tests.sandbox.google.place import ALL, ANALYTICS, EPOCH, READ, REDIRECT, Place


def shown(place: Place, scope: str):
    return place.get("/o/oauth2/auth", client_id=CLIENT_ID, redirect_uri=REDIRECT, response_type="code", scope=scope)


def test_the_page_lists_the_channels_and_the_scopes(place: Place):
    page = shown(place, " ".join(ALL))

    assert page.status_code == 200
    assert all(creator.native_id in page.text and f"@{creator.username}" in page.text for creator in place.channels)
    assert page.text.count('type="checkbox"') == 3
    assert 'value="allow"' in page.text
    assert 'value="deny"' in page.text


def test_what_came_with_the_address_never_becomes_markup(place: Place):
    page = place.get(
        "/o/oauth2/auth", client_id=CLIENT_ID, redirect_uri=REDIRECT, response_type="code", scope='"><script>alert(1)</script>'
    )

    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"client_id": "other"}, "invalid_client"),
        ({"redirect_uri": "https://example.com/steal"}, "redirect_uri_mismatch"),
        ({"response_type": "token"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_wrong_address_is_told_on_the_page_and_sends_nobody_back(place: Place, wrong, words):
    answer = place.post(place.consent_url(**wrong), data={"decision": "allow_all"})

    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert words in answer.text


def test_a_world_without_channels_has_nobody_to_consent(place: Place):
    world = make_world(seed=1, epoch=EPOCH, accounts=1, posts=1)
    place.desk.services = Google(world, place.clock).services

    assert shown(place, READ).status_code == 400


def test_a_channel_that_is_not_there_cannot_consent(place: Place):
    answer = place.post(place.consent_url(), data={"decision": "allow_all", "channel": "UCnobody"})

    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_a_consent_gives_a_code_and_the_code_gives_tokens(place: Place):
    back = place.decide(place.consent_url(), channel=place.channels[1].native_id)

    tokens = place.exchange(back["code"]).json()

    assert back["state"] == "st"
    assert set(tokens["scope"].split()) == set(ALL)
    assert tokens["expires_in"] <= 3600
    assert tokens["refresh_token"]
    mine = place.get("/youtube/v3/channels", tokens["access_token"], part="id", mine="true").json()
    assert [item["id"] for item in mine["items"]] == [place.channels[1].native_id]


def test_unticked_scopes_are_not_granted(place: Place):
    back = place.decide(place.consent_url(), decision="allow", scope=[READ])

    assert place.exchange(back["code"]).json()["scope"] == READ


def test_denying_sends_back_the_state_and_no_code(place: Place):
    assert place.decide(place.consent_url(), decision="deny") == {
        "error": "access_denied", "state": "st", "iss": "https://accounts.google.com",
    }  # fmt: skip


def test_a_code_works_once_and_using_it_again_ends_its_tokens(place: Place):
    code = place.decide(place.consent_url())["code"]
    tokens = place.exchange(code).json()

    again = place.exchange(code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert place.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert place.get("/oauth2/v3/userinfo", tokens["access_token"]).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": REDIRECT + "/"}, "redirect_uri_mismatch"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"code": "4/0made-up"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_an_exchange_with_something_wrong_is_refused_and_the_code_lives(place: Place, wrong, error):
    code = place.decide(place.consent_url())["code"]

    refused = place.exchange(**({"code": code} | wrong))

    assert refused.status_code in (400, 401)
    assert refused.json()["error"] == error
    assert place.exchange(code).status_code == 200


def test_a_code_ends_after_ten_minutes(place: Place):
    code = place.decide(place.consent_url())["code"]

    place.clock.advance(timedelta(seconds=601))

    assert place.exchange(code).json()["error"] == "invalid_grant"


def test_an_access_token_ends_after_an_hour_of_the_worlds_clock(place: Place):
    tokens = place.connect(place.channels[0])

    place.clock.advance(timedelta(seconds=3_600))

    assert place.get("/youtube/v3/channels", tokens["access_token"], part="id", mine="true").status_code == 401
    fresh = place.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert "refresh_token" not in fresh
    assert place.get("/youtube/v3/channels", fresh["access_token"], part="id", mine="true").status_code == 200


def test_a_refresh_token_comes_only_offline_and_only_the_first_time_or_where_consent_is_asked_for(place: Place):
    def refreshes(**words: str) -> bool:
        return "refresh_token" in place.exchange(place.decide(place.consent_url(**words))["code"]).json()

    assert refreshes(access_type="online", prompt="") is False
    assert refreshes(prompt="") is True
    assert refreshes(prompt="") is False
    assert refreshes(prompt="consent") is True


def test_scopes_that_were_granted_before_come_along_where_that_is_asked_for(place: Place):
    place.connect(place.channels[0], (READ,))

    code = place.decide(place.consent_url((ANALYTICS,), include_granted_scopes="true"))["code"]

    assert set(place.exchange(code).json()["scope"].split()) == {READ, ANALYTICS}
    other = place.decide(place.consent_url((ANALYTICS,), include_granted_scopes="true"), channel=place.channels[1].username)["code"]
    assert place.exchange(other).json()["scope"] == ANALYTICS


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_both_and_a_second_time_is_refused(place: Place, which):
    tokens = place.connect(place.channels[0])

    first = place.post(f"{place.url}/revoke", data={"token": tokens[which]})
    second = place.post(f"{place.url}/revoke", data={"token": tokens[which]})

    assert (first.status_code, second.status_code, second.json()["error"]) == (200, 400, "invalid_token")
    assert place.get("/oauth2/v3/userinfo", tokens["access_token"]).status_code == 401
    assert place.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_refresh_tokens_can_be_told_to_rotate_and_to_expire(place: Place):
    creator = place.channels[0]
    first = place.connect(creator)["refresh_token"]

    place.post(f"{place.url}/_google/grants", json={"channel_id": creator.native_id, "do": "rotate"})
    second = place.token(grant_type="refresh_token", refresh_token=first).json()["refresh_token"]
    assert place.token(grant_type="refresh_token", refresh_token=first).json()["error"] == "invalid_grant"
    place.post(f"{place.url}/_google/grants", json={"channel_id": creator.native_id, "do": "expire_refresh"})

    assert second != first
    assert place.token(grant_type="refresh_token", refresh_token=second).json()["error"] == "invalid_grant"


def test_the_hundred_and_first_refresh_token_silently_ends_the_oldest(place: Place):
    creator = place.channels[0]
    first = place.connect(creator)["refresh_token"]
    for _ in range(100):
        code = place.google.grants.allow(creator.native_id, ALL, {"redirect_uri": REDIRECT, "access_type": "offline", "prompt": "consent"})
        place.google.grants.exchange(code, REDIRECT, None)

    assert len(place.google.grants.live(creator.native_id)) == 100
    assert place.token(grant_type="refresh_token", refresh_token=first).json()["error"] == "invalid_grant"


def test_userinfo_tells_what_the_scopes_allow(place: Place):
    creator = place.channels[0]

    some = place.get("/oauth2/v3/userinfo", place.connect(creator, (READ,))["access_token"]).json()
    more = place.get("/oauth2/v3/userinfo", place.connect(creator, ("openid", "email", "profile"))["access_token"]).json()

    assert set(some) == {"sub"}
    assert (more["sub"], more["email"], more["name"]) == (some["sub"], f"{creator.username}@example.com", creator.title)
