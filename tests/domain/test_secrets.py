"""What is too weak to start with, and that what is made here never is."""

import secrets
from dataclasses import replace

import pytest

from domain.secrets import Given, weaknesses
from gateways.vault import keys_of, new_keys
from sandbox.addresses import CLIENT_SECRET, STRIPE_KEY, STRIPE_WEBHOOK_SECRET

WHSEC = "whsec_q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6"
GOOD = "vY0u8Kk0b0r3lq8pQpYqzVgYb7s1b6o3m2c4"


def test_what_is_made_is_strong_enough() -> None:
    for _ in range(500):
        made = [secrets.token_urlsafe(48), secrets.token_hex(16), secrets.token_hex(32)]
        for key in made:
            assert weaknesses(Given(key, keys_of(f"{new_keys('one')},{new_keys('two')}"))) == []


def test_nothing_given_is_nothing_wrong() -> None:
    assert weaknesses(Given()) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "short",
        "s" * 40,
        "abcd" * 10,
        "0123456789abcdef" * 2,
        "changeme-changeme-now-and-for-ever",
        "my password is long enough for this",
    ],
)
def test_a_key_that_is_short_repeats_itself_or_stands_in_a_guide_is_refused_without_being_quoted(key: str) -> None:
    (told,) = weaknesses(Given(key))

    assert "openssl rand" in told
    assert not key or key not in told


@pytest.mark.parametrize("key", [bytes(32), b"k" * 32, b"only letters of words words words"[:32]])
def test_a_sealing_key_that_is_not_random_is_refused_by_its_name(key: bytes) -> None:
    found = weaknesses(Given(GOOD, {"fine": secrets.token_bytes(32), "mine": key}))

    assert len(found) == 1
    assert "'mine'" in found[0]


def test_two_purposes_do_not_share_a_key() -> None:
    key = secrets.token_bytes(32)

    assert "have to differ" in weaknesses(Given(GOOD, {"one": key, "two": key}))[0]
    assert "have to differ" in weaknesses(Given(GOOD[:32], {"one": GOOD[:32].encode()}))[0]


@pytest.mark.parametrize(("words", "lacking"), [(("id", None), "SECRET is not set"), ((None, "secret"), "ID is not set")])
def test_half_a_google_client_is_refused_and_says_which_half_is_missing(words: tuple[str | None, str | None], lacking: str) -> None:
    (told,) = weaknesses(Given(GOOD, {}, *words))

    assert f"WHYRAL_GOOGLE_CLIENT_{lacking}" in told
    assert weaknesses(Given(GOOD, {}, "id", "secret")) == []


def test_what_was_given_is_not_printed() -> None:
    assert GOOD not in repr(Given(GOOD, {"one": GOOD.encode()}, "id", GOOD))


@pytest.mark.parametrize(
    "given",
    [
        Given(google_client_id="x", google_client_secret=CLIENT_SECRET),
        Given(stripe_key=STRIPE_KEY),
        Given(stripe_webhook_secrets=(STRIPE_WEBHOOK_SECRET,)),
        Given(dodo_webhook_secrets=(f"whsec_{'x' * 30}", "whsec_of_the_sandbox_which_everybody_knows")),
    ],
)
def test_the_sandboxs_keys_open_nothing_but_the_sandbox(given: Given) -> None:
    (told,) = weaknesses(given)

    assert "is the sandbox's, which everybody knows" in told
    assert weaknesses(replace(given, is_sandbox=True)) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Given(stripe_key="pk_live_51AbCdEf"), "no secret key of Stripe's"),
        (Given(stripe_key=WHSEC), "no secret key of Stripe's"),
        (Given(stripe_key="sk_live_51AbCdEf", stripe_url="http://127.0.0.1:8900"), "would send a live key"),
        (Given(stripe_key="rk_live_51AbCdEf", stripe_url="https://api.stripe.com.us.example"), "would send a live key"),
        (Given(stripe_webhook_secrets=(WHSEC, "whsec_abc")), "STRIPE_WEBHOOK_SECRET can be guessed"),
        (Given(dodo_webhook_secrets=("abc",)), "DODO_WEBHOOK_SECRET can be guessed"),
    ],
)
def test_a_key_of_payments_that_is_another_one_or_goes_elsewhere_is_refused(given: Given, told: str) -> None:
    (found,) = weaknesses(given)

    assert told in found
    assert not any(word in found for word in ("51AbCdEf", WHSEC))


@pytest.mark.parametrize(
    "given",
    [
        Given(stripe_key="sk_live_51AbCdEf", stripe_webhook_secrets=(WHSEC, WHSEC)),
        Given(stripe_key="sk_live_51AbCdEf", stripe_url="https://api.stripe.com"),
        Given(stripe_key="sk_test_51AbCdEf", stripe_url="http://127.0.0.1:12111"),
        Given(stripe_key="rk_live_51AbCdEf"),
    ],
)
def test_keys_of_a_real_account_start(given: Given) -> None:
    assert weaknesses(given) == []
