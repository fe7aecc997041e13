"""Attacks on every way to sign in. Each is prepared, which may be honest, and then made: what is made must come to nothing.

An attack is a function of the place and of chance that answers the attack itself, ready to be made.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import jwt

from gateways.credentials import Tokens
from sandbox.google import CLIENT_ID
from sandbox.issuer import ISSUER
from sandbox.signing import SigningKey
from store.ids import new_id
from tests.api.conftest import SECRET
from tests.api.sign_in.harness import PASSWORD, Place, begin, come_back, is_own
from tests.api.sign_in.test_google import OUTSIDE
from tests.api.sign_in.test_issuer import exchange, token
from tests.gateways.test_oidc import FORGED, Reader

Made: TypeAlias = Callable[[], list[httpx.Response]]
EVIL = "https://evil.example"
WATCHED = ("sessions", "users", "user_identities", "memberships")


@dataclass
class Victim:
    """Somebody with a password, whose account the attacks aim at."""

    email: str


ATTACKS: dict[str, Callable[[Place, Random, Victim], Made]] = {}


def attack(made: Callable[[Place, Random, Victim], Made]) -> Callable[[Place, Random, Victim], Made]:
    ATTACKS[made.__name__] = made
    return made


def changed(url: str, **words: str | None) -> str:
    """The same address with other words in its query; None takes one out."""
    parts = urlsplit(url)
    query = {name: each[0] for name, each in parse_qs(parts.query).items()} | words
    return urlunsplit(parts._replace(query=urlencode({name: word for name, word in query.items() if word is not None})))


# What comes back from Google.


@attack
def callback_replayed(place: Place, rng: Random, victim: Victim) -> Made:
    browser = place.browser()
    came = place.consent(begin(browser), place.person())
    assert come_back(browser, came).status_code == 200
    return lambda: [come_back(browser, came), come_back(place.browser(), came)]


@attack
def state_of_another_browser(place: Place, rng: Random, victim: Victim) -> Made:
    """The attacker's own consent, opened in the victim's browser: with no cookie, or in the middle of a sign-in of its own."""
    came, other = place.consent(begin(place.browser()), place.person()), place.browser()
    if rng.random() < 0.5:
        begin(other)
    return lambda: [come_back(other, came)]


@attack
def stolen_code(place: Place, rng: Random, victim: Victim) -> Made:
    """A code of the victim's consent in the attacker's flow: its verifier is another one."""
    code = place.consent(begin(place.browser()), place.person())["code"]
    mine = place.browser()
    came = place.consent(begin(mine), place.person()) | {"code": code}
    return lambda: [come_back(mine, came)]


@attack
def stolen_code_without_pkce(place: Place, rng: Random, victim: Victim) -> Made:
    """The victim was sent to an address without a challenge: the provider takes any verifier, the nonce is still the victim's."""
    url = changed(begin(place.browser()), code_challenge=None, code_challenge_method=None)
    code = place.consent(url, place.person())["code"]
    mine = place.browser()
    came = place.consent(begin(mine), place.person()) | {"code": code}
    return lambda: [come_back(mine, came)]


@attack
def nonce_changed(place: Place, rng: Random, victim: Victim) -> Made:
    browser = place.browser()
    other = parse_qs(urlsplit(begin(place.browser())).query)["nonce"][0]
    came = place.consent(changed(begin(browser), nonce=rng.choice((None, "x", other))), place.person())
    return lambda: [come_back(browser, came)]


@attack
def code_used_before(place: Place, rng: Random, victim: Victim) -> Made:
    """Of a flow of the same person in the same browser, in another state."""
    browser, who = place.browser(), place.person()
    came = place.consent(begin(browser), who)
    assert come_back(browser, came).status_code == 200
    again = place.consent(begin(browser), who) | {"code": came["code"]}
    return lambda: [come_back(browser, again)]


@attack
def another_issuer_answers(place: Place, rng: Random, victim: Victim) -> Made:
    browser = place.browser()
    came = place.consent(begin(browser), place.person()) | {
        "iss": rng.choice((EVIL, ISSUER, "", "https://accounts.google.com.evil.example"))
    }
    return lambda: [come_back(browser, came)]


@attack
def state_made_up(place: Place, rng: Random, victim: Victim) -> Made:
    browser = place.browser()
    came = place.consent(begin(browser), place.person())
    state = rng.choice((came["state"][:-1], came["state"] + "x", came["state"].swapcase(), "", "x" * 43, "' or 1=1 --", "\x00"))
    return lambda: [come_back(browser, came | {"state": state})]


@attack
def state_too_old(place: Place, rng: Random, victim: Victim) -> Made:
    browser = place.browser()
    came = place.consent(begin(browser), place.person())
    place.superuser.execute("update oauth_states set expires_at = clock_timestamp() where used_at is null")
    return lambda: [come_back(browser, came)]


@attack
def identity_token_says_otherwise(place: Place, rng: Random, victim: Victim) -> Made:
    """Signed by Google itself, and meant for somebody or something else."""
    wrong: tuple[dict[str, object], ...] = (
        {"aud": EVIL}, {"aud": [CLIENT_ID, EVIL], "azp": EVIL}, {"aud": []}, {"azp": EVIL}, {"azp": 1}, {"iss": EVIL}, {"iss": ISSUER},
        {"exp": 1},
        {"exp": None}, {"iat": 4_000_000_000}, {"nbf": 4_000_000_000}, {"sub": ""}, {"sub": None}, {"exp": 99_999_999_999},
    )  # fmt: skip
    browser = place.browser()
    url = begin(browser)
    came = place.consent(url, place.person(**rng.choice(wrong)))
    return lambda: [come_back(browser, came)]


@attack
def address_of_the_victim(place: Place, rng: Random, victim: Victim) -> Made:
    """Verified or not, and in whatever letters: an address alone lets nobody in and links nothing."""
    spelled = rng.choice((victim.email, victim.email.upper(), victim.email.title()))
    browser = place.browser()
    came = place.consent(begin(browser), place.person(email=spelled, email_verified=rng.choice((True, False, "true", "false", 1, None))))
    return lambda: [come_back(browser, came)]


@attack
def address_not_verified(place: Place, rng: Random, victim: Victim) -> Made:
    browser = place.browser()
    claims: dict[str, object] = {"email_verified": rng.choice((False, None, "false", "TRUE", 1, 0, [True], {}))}
    came = place.consent(begin(browser), place.person(**claims))
    return lambda: [come_back(browser, came)]


@attack
def victim_links_the_attackers_consent(place: Place, rng: Random, victim: Victim) -> Made:
    """A link that the attacker began, consented to by the victim: it must not come to the attacker's account."""
    attacker = place.logged_in(place.user())
    url = attacker.post("/me/identities/google", {"password": PASSWORD}).json()["consent_url"]
    came, theirs = place.consent(url, place.person()), place.browser()
    return lambda: [come_back(theirs, came)]


@attack
def led_elsewhere(place: Place, rng: Random, victim: Victim) -> Made:
    path = rng.choice(OUTSIDE)
    browser = place.browser()
    return lambda: [
        browser.post("/auth/google/login", {"return_to": path}),
        browser.get("/auth/google/login", params={"return_to": path}, follow_redirects=False),
    ]


# Tokens.


@attack
def token_forged(place: Place, rng: Random, victim: Victim) -> Made:
    word = FORGED[rng.choice([name for name in FORGED if name != "half a letter"])](Reader(issuer=place.issuer))
    return lambda: [exchange(place, word[:8192])]


@attack
def token_says_otherwise(place: Place, rng: Random, victim: Victim) -> Made:
    wrong: tuple[dict[str, object], ...] = (
        {"iss": EVIL}, {"iss": ISSUER + "/"}, {"azp": EVIL}, {"azp": None}, {"azp": [EVIL]}, {"exp": 1}, {"exp": None},
        {"nbf": 4_000_000_000}, {"iat": 4_000_000_000}, {"sub": None}, {"sub": "x" * 300}, {"exp": 99_999_999_999},
        {"email_verified": False}, {"email": victim.email},
    )  # fmt: skip
    word = token(place, **rng.choice(wrong))
    return lambda: [exchange(place, word)]


@attack
def token_replayed(place: Place, rng: Random, victim: Victim) -> Made:
    word = token(place)
    assert exchange(place, word).status_code == 200
    return lambda: [exchange(place, word) for _ in range(2)]


@attack
def token_of_another_issuer(place: Place, rng: Random, victim: Victim) -> Made:
    """Google's word, or our own, where the configured issuer's is due; and a stranger's key under the issuer's name."""
    claims = jwt.decode(token(place), options={"verify_signature": False})
    own = Tokens(SECRET).issue(user_id=new_id(), tenant_id=new_id(), session_id=new_id(), now=place.now())
    by_google = place.google.oauth.keys.sign(claims)
    evil = jwt.encode(claims, _EVIL_KEY.private, algorithm="RS256", headers={"kid": place.issuer.keys.keys[0].key_id})
    return lambda: [exchange(place, word) for word in (own, by_google, evil)]


_EVIL_KEY = SigningKey("evil")


@attack
def token_with_a_bit_changed(place: Place, rng: Random, victim: Victim) -> Made:
    word = token(place)
    at = rng.randrange(len(word) - 2)  # the last letter holds bits that say nothing
    letter = rng.choice([each for each in "abcXYZ012_-." if each != word[at]])
    return lambda: [exchange(place, word[:at] + letter + word[at + 1 :])]


# Second factors.


@attack
def code_guessed(place: Place, rng: Random, victim: Victim) -> Made:
    """Of somebody whose password is known: guesses, on one challenge and without any."""
    challenge = place.guarded_login()
    guesses = [f"{rng.randrange(10**6):06}" for _ in range(3)] + ["", "abcd-efgh-jkmn-pqrs", "٠" * 6, "1e5", "-00001"]
    rng.shuffle(guesses)
    return lambda: [
        *(place.browser().post("/auth/second-factor", {"challenge": challenge, "code": guess}) for guess in guesses),
        place.browser().post("/auth/second-factor", {"challenge": rng.choice(("x" * 43, challenge[:-1], "")), "code": guesses[0]}),
    ]


@attack
def challenge_as_a_credential(place: Place, rng: Random, victim: Victim) -> Made:
    """Neither a token nor a cookie: it opens nothing by itself."""
    challenge = place.guarded_login()
    browser = place.browser()
    browser.client.cookies.set("whyral_session", challenge)
    return lambda: [
        browser.get("/me"), browser.get("/me", headers={"Authorization": f"Bearer {challenge}"}),
        browser.post("/me/second-factor/disable", {"code": "000000"}, headers={"X-API-Key": challenge}),
    ]  # fmt: skip


def came_to(place: Place) -> dict[str, int]:
    return {table: place.count(table) for table in WATCHED}


def lets_in(answer: httpx.Response) -> bool:
    """Whether an answer holds anything that opens a session, or leads to another host."""
    cookies = [word for name, word in answer.headers.multi_items() if name.lower() == "set-cookie"]
    location = answer.headers.get("location")
    return (
        answer.status_code < 400
        or "access_token" in answer.text
        or any("whyral_session=" in word for word in cookies)
        or (location is not None and not is_own(location))
    )


def told(answers: list[httpx.Response]) -> str:
    return json.dumps([(each.status_code, each.text[:200]) for each in answers])
