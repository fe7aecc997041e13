"""Tokens of other issuers: what is taken, every forgery that is not, and how keys are kept. The issuer rotates; the clock is ours."""

import base64
import hmac
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from domain.errors import SourceRefused, SourceUnavailable, Unauthenticated
from gateways.bounded_http import trust
from gateways.guarded import Guarded
from gateways.issuer_keys import FRESH_SECONDS, STALE_SECONDS, UNKNOWN_PAUSE, Discovered, IssuerKeys
from gateways.oidc import Expected, IdentityTokens, tokens_of
from gateways.roads import PublicRoad
from sandbox.issuer import ISSUER, PARTY, Issuer
from sandbox.net import loop_net
from sandbox.road import SandboxRoad
from sandbox.serving import Desk
from sandbox.signing import SigningKey
from sandbox.world import Clock
from tests.api.sign_in.harness import Straight

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Reader:
    """A verifier with its issuer, at a moment that stands."""

    issuer: Issuer = field(default_factory=lambda: Issuer(Clock(frozen_at=NOW)))
    now: datetime = NOW
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.straight = Straight(self.issuer)
        self.keys = IssuerKeys("issuer", Discovered(ISSUER, self.straight), now=lambda: self.seconds)
        self.tokens = IdentityTokens(Expected((ISSUER,), parties=frozenset({PARTY})), self.keys, now=lambda: self.now)

    @property
    def key(self) -> SigningKey:
        return self.issuer.keys.keys[0]

    def asked(self) -> int:
        return sum(url.endswith("/jwks") for url in self.straight.asked)


@pytest.fixture(scope="module")
def shared() -> Reader:
    return Reader()


def test_a_good_token_says_who_somebody_is(shared: Reader) -> None:
    who = shared.tokens.identity(shared.issuer.token({"name": "Ana", "email_verified": "true"}))

    assert (who.issuer, who.subject, who.verified_email, who.name) == (ISSUER, "user_sandbox", "ana@example.com", "Ana")
    assert who.expires_at == NOW + 60 * SECOND


@pytest.mark.parametrize("word", [False, None, "false", "True", 1, [True], "yes"])
def test_an_address_counts_only_where_the_issuer_vouches_for_it(shared: Reader, word: object) -> None:
    assert shared.tokens.identity(shared.issuer.token({"email_verified": word})).verified_email is None


STAMP = int(NOW.timestamp())
WRONG_CLAIMS: list[dict[str, object]] = [
    {"iss": "https://evil.example"}, {"iss": ISSUER + "/"}, {"iss": None}, {"iss": [ISSUER]},
    {"azp": "https://evil.example"}, {"azp": None}, {"azp": [PARTY]}, {"azp": ""}, {"azp": PARTY.upper()},
    {"exp": STAMP - 60}, {"exp": None}, {"exp": "tomorrow"}, {"exp": True}, {"exp": 1e400}, {"exp": STAMP + 90_000}, {"exp": -1},
    {"nbf": STAMP + 61}, {"nbf": "x"}, {"iat": STAMP + 61}, {"iat": None}, {"iat": STAMP + 60, "exp": STAMP + 60},
    {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 256}, {"sub": "a\nb"},
]  # fmt: skip


@pytest.mark.parametrize("claims", WRONG_CLAIMS, ids=str)
def test_a_token_that_says_something_else_is_refused(shared: Reader, claims: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated, match="cannot be accepted"):
        shared.tokens.identity(shared.issuer.token(claims))


def test_an_audience_is_demanded_where_it_is_configured() -> None:
    reader = Reader()
    mine = IdentityTokens(Expected((ISSUER,), audience="us"), reader.keys, now=lambda: NOW)

    assert mine.identity(reader.issuer.token({"aud": "us", "azp": None})).subject
    assert mine.identity(reader.issuer.token({"aud": ["us", "them"], "azp": "us"})).subject
    for claims in ({"aud": "them"}, {}, {"aud": ["us", "them"], "azp": None}, {"aud": "us", "azp": "them"}, {"aud": {"us": 1}}):
        with pytest.raises(Unauthenticated):
            mine.identity(reader.issuer.token({"azp": None, **claims}))


def test_a_nonce_that_was_asked_for_must_come_back(shared: Reader) -> None:
    assert shared.tokens.identity(shared.issuer.token({"nonce": "mine"}), nonce="mine").subject
    for claims in ({}, {"nonce": "other"}, {"nonce": ["mine"]}):
        with pytest.raises(Unauthenticated):
            shared.tokens.identity(shared.issuer.token(claims), nonce="mine")


def test_clocks_may_differ_by_a_minute_and_no_more(shared: Reader) -> None:
    token = shared.issuer.token({})
    late, too_late, early, too_early = (replace_now(shared, NOW + off * SECOND) for off in (119, 120, -60, -61))

    assert late.identity(token).subject == early.identity(token).subject
    for each in (too_late, too_early):
        with pytest.raises(Unauthenticated):
            each.identity(token)


def replace_now(reader: Reader, now: datetime) -> IdentityTokens:
    return IdentityTokens(reader.tokens.expected, reader.keys, now=lambda: now)


def _part(words: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(words).encode()).decode().rstrip("=")


def _hmac(reader: Reader, secret: bytes, *, alg: str = "HS256") -> str:
    head, claims = {"alg": alg, "typ": "JWT", "kid": reader.key.key_id}, reader.issuer.token({}).split(".")[1]
    made = hmac.digest(secret, f"{_part(head)}.{claims}".encode(), "sha256")
    return f"{_part(head)}.{claims}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def _headed(reader: Reader, head: dict[str, object]) -> str:
    """Signed well, under another header."""
    claims = jwt.decode(reader.issuer.token({}), options={"verify_signature": False})
    return jwt.encode(claims, reader.key.private, algorithm="RS256", headers={"kid": reader.key.key_id, **head})


def _theirs(reader: Reader, **head: object) -> str:
    """Signed with a key of the attacker's."""
    other, claims = SigningKey("evil"), jwt.decode(reader.issuer.token({}), options={"verify_signature": False})
    return jwt.encode(claims, other.private, algorithm="RS256", headers={"kid": reader.key.key_id, **head, "jwk": dict(other.public)})


def _pem(reader: Reader) -> bytes:
    return reader.key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


FORGED: dict[str, Callable[[Reader], str]] = {
    "none": lambda r: f"{_part({'alg': 'none', 'typ': 'JWT'})}.{r.issuer.token({}).split('.')[1]}.",
    "None": lambda r: f"{_part({'alg': 'None', 'typ': 'JWT', 'kid': r.key.key_id})}.{r.issuer.token({}).split('.')[1]}.",
    "HS with the public key": lambda r: _hmac(r, _pem(r)),
    "HS with the modulus": lambda r: _hmac(r, str(r.key.public["n"]).encode()),
    "HS with nothing": lambda r: _hmac(r, b""),
    "RS named, HS made": lambda r: _hmac(r, _pem(r), alg="RS256"),
    "a list of algorithms": lambda r: f"{_part({'alg': ['RS256'], 'typ': 'JWT'})}.{r.issuer.token({}).split('.')[1]}.x",
    "another key": lambda r: _theirs(r),
    "jku": lambda r: _headed(r, {"jku": "https://evil.example/jwks"}),
    "x5u": lambda r: _headed(r, {"x5u": "https://evil.example/cert"}),
    "x5c": lambda r: _headed(r, {"x5c": ["MIIB"]}),
    "crit": lambda r: _headed(r, {"crit": ["exp"]}),
    "kid that climbs": lambda r: _headed(r, {"kid": "../../../../dev/null"}),
    "kid with SQL": lambda r: _headed(r, {"kid": "x' union select '1"}),
    "an access token": lambda r: _headed(r, {"typ": "at+jwt"}),
    "a logout token": lambda r: _headed(r, {"typ": "logout+jwt"}),
    "other claims": lambda r: ".".join((r.issuer.token({}).split(".")[0], _part({"iss": ISSUER}), r.issuer.token({}).split(".")[2])),
    "no signature": lambda r: r.issuer.token({}).rpartition(".")[0] + ".",
    "two parts": lambda r: r.issuer.token({}).rpartition(".")[0],
    "too long": lambda r: r.issuer.token({"pad": "x" * 9000}),
    "brackets": lambda r: base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.x",
    "nothing": lambda r: "",
    "letters beyond": lambda r: "é.é.é",
    "half a letter": lambda r: "\ud800.\ud800.\ud800",
}


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(shared: Reader, forgery: Callable[[Reader], str]) -> None:
    with pytest.raises(Unauthenticated):
        shared.tokens.identity(forgery(shared))


def test_keys_of_other_kinds_are_taken_for_their_own_algorithm_only() -> None:
    curve, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    short = rsa.generate_private_key(public_exponent=65_537, key_size=1024)
    members = [
        {**ECAlgorithm.to_jwk(curve.public_key(), as_dict=True), "kid": "ec"},
        {**OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=True), "kid": "ed"},
        {**RSAAlgorithm.to_jwk(short.public_key(), as_dict=True), "kid": "short"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"},
    ]
    reader = IdentityTokens(Expected((ISSUER,), "us"), IssuerKeys("issuer", lambda: members), now=lambda: NOW)
    claims = {"iss": ISSUER, "aud": "us", "sub": "x", "iat": STAMP, "exp": STAMP + 60}

    assert reader.identity(jwt.encode(claims, curve, algorithm="ES256", headers={"kid": "ec"})).subject == "x"
    assert reader.identity(jwt.encode(claims, edwards, algorithm="EdDSA", headers={"kid": "ed"})).subject == "x"
    for key, algorithm, kid in ((curve, "ES256", "ed"), (edwards, "EdDSA", "ec"), (curve, "ES256", "oct")):
        with pytest.raises(Unauthenticated):
            reader.identity(jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of what it signs with
        token = jwt.encode(claims, short, algorithm="RS256", headers={"kid": "short"})
    with pytest.raises(Unauthenticated, match="too short"):
        reader.identity(token)


def test_a_rotated_key_is_found_and_the_one_before_still_verifies() -> None:
    reader = Reader()
    old = reader.issuer.token({})
    reader.tokens.identity(old)
    reader.issuer.keys.rotate()
    reader.seconds += UNKNOWN_PAUSE

    assert reader.tokens.identity(reader.issuer.token({})).subject == reader.tokens.identity(old).subject
    assert reader.asked() == 2


def test_made_up_key_ids_make_us_ask_once_a_minute() -> None:
    reader = Reader()
    for number in range(30):
        reader.seconds = number * 4.0
        with pytest.raises(Unauthenticated):
            reader.tokens.identity(_headed(reader, {"kid": f"made-up-{number}"}))

    assert reader.asked() == 2


def test_keys_of_before_serve_while_the_issuer_is_away_but_not_for_ever() -> None:
    reader = Reader()
    token = reader.issuer.token({})
    reader.tokens.identity(token)
    reader.straight.is_away = True

    reader.seconds = FRESH_SECONDS + 1
    assert reader.tokens.identity(token).subject
    reader.seconds = STALE_SECONDS + 1
    with pytest.raises(SourceUnavailable):
        reader.tokens.identity(token)
    reader.straight.is_away, reader.seconds = False, STALE_SECONDS + 60
    assert reader.tokens.identity(token).subject


def test_an_issuer_that_was_never_reached_is_unavailable_and_not_asked_by_every_call() -> None:
    reader = Reader()
    reader.straight.is_away = True
    for _ in range(10):
        with pytest.raises(SourceUnavailable):
            reader.tokens.identity(reader.issuer.token({}))

    assert len(reader.straight.asked) == 1


CONFIGURATIONS = [
    {"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/jwks"}, {"issuer": ISSUER, "jwks_uri": "http://127.0.0.1/jwks"},
    {"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"}, {"issuer": ISSUER, "jwks_uri": "https://a/\r\nHost: b"}, {"issuer": ISSUER}, [],
    "x",
]  # fmt: skip


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_a_configuration_that_leads_elsewhere_gives_no_keys(configuration: object) -> None:
    keys = Discovered(ISSUER, lambda _: json.dumps(configuration).encode())

    with pytest.raises(SourceUnavailable):
        keys()


def test_over_the_network_the_guard_stands_before_the_issuer(tmp_path: Path) -> None:
    issuer = Issuer(Clock(frozen_at=NOW))
    with loop_net(Desk([issuer], Clock()), folder=tmp_path) as net:
        road = SandboxRoad(int(net.proxy.rpartition(":")[2]))
        guarded = Guarded(road, partial(trust, net.ca), "issuer", 200_000, 5.0)
        keys = IssuerKeys("issuer", Discovered(ISSUER, partial(guarded.get, accept="application/json")))
        reader = IdentityTokens(Expected((ISSUER,), parties=frozenset({PARTY})), keys, now=lambda: NOW)
        assert reader.identity(issuer.token({})).subject == "user_sandbox"

    here = PublicRoad(resolve=lambda *_, **__: [(None, None, None, "", ("127.0.0.1", 443))])
    with pytest.raises(SourceRefused, match="not public"):
        Guarded(here, partial(trust, None), "issuer", 1000, 1.0).get(ISSUER, accept="application/json")


@pytest.mark.parametrize(
    ("issuer", "audience", "parties"),
    [
        (ISSUER, None, None), (ISSUER, "", " , "), ("http://issuer.example", "us", None), ("https://a b", "us", None),
        ("https://user@issuer.example", "us", None), (f"{ISSUER}?x=1", "us", None),
    ],
)  # fmt: skip
def test_settings_that_would_take_anybodys_tokens_are_refused(issuer: str, audience: str | None, parties: str | None) -> None:
    with pytest.raises(ValueError, match="WHYRAL_OIDC_ISSUER"):
        tokens_of(issuer, audience, parties, lambda _: b"")


def test_refusals_tell_callers_nothing_of_their_reason(shared: Reader) -> None:
    said: set[str] = set()
    for claims in WRONG_CLAIMS[:12]:
        with pytest.raises(Unauthenticated) as refused:
            shared.tokens.identity(shared.issuer.token(claims))
        said.add(str(refused.value))

    assert said == {"the identity token cannot be accepted"}
