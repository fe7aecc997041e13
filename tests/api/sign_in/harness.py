"""An app that signs people in by the sandbox's Google and by the sandbox's issuer, with browsers that go there and come back."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import psycopg
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from litestar.testing import TestClient

from api.app import Parts, create_app
from domain.errors import SourceUnavailable
from domain.second_factor import STEP_SECONDS
from gateways.issuer_keys import Discovered, IssuerKeys
from gateways.oidc import Expected, IdentityTokens
from gateways.platforms import PlatformOptions, platforms
from sandbox.google import CLIENT_ID, CLIENT_SECRET, Google
from sandbox.issuer import ISSUER, PARTY, Issuer
from sandbox.serving import Asked, Desk, running
from sandbox.world import Clock, Creator, make_world
from tests.api.conftest import Caller
from tests.consent import KEYS, PLAIN

API_URL = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"
CALLBACK = "/auth/google/callback"


@dataclass
class Straight:
    """Reaches the issuer without a network; or it is away."""

    issuer: Issuer
    is_away: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if self.is_away:
            raise SourceUnavailable("issuer", "it is away", category="network")
        parts = urlsplit(url)
        answer = self.issuer.answer(Asked("GET", parts.hostname or "", parts.path, {}, {}, {}, b""))
        assert answer is not None
        return answer.body


@dataclass
class Place:
    """The app, both providers, and the database from above."""

    browser: Callable[[], Caller]
    google: Google
    creators: list[Creator]
    issuer: Issuer
    superuser: psycopg.Connection[Any]
    _guarded: list[str] = field(default_factory=list)
    _people: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def unhurried(self) -> None:
        """All come from one address: full buckets again, but for guesses at second factors."""
        self.superuser.execute("delete from rate_limits where bucket not like 'second-factor:%'")

    def count(self, table: str) -> int:
        row = self.superuser.execute(f"select count(*) from {table}").fetchone()
        return int(row[0]) if row else 0

    def person(self, **claims: object) -> Creator:
        """Somebody at Google whom nobody here knows yet; `claims` are what Google says of them."""
        number = next(self._people)
        creator = self.creators[number % len(self.creators)]
        subject = f"{uuid4().int % 10**21}"
        self.google.project.people[creator.native_id] = {"sub": subject, "email": f"g{uuid4().hex}@example.com", **claims}
        return creator

    def email_of(self, creator: Creator) -> str:
        return str(self.google.project.people[creator.native_id]["email"])

    def user(self, *, is_confirmed: bool = True) -> str:
        """A user with a password; the address."""
        self.unhurried()
        email = f"{uuid4().hex}@example.org"
        made = self.browser().post("/auth/register", {"email": email, "password": PASSWORD, "workspace": "Studio"})
        assert made.status_code == 201, made.text
        if is_confirmed:
            self.superuser.execute("update users set is_verified = true, verified_at = now() where email = %s", (email,))
        return email

    def logged_in(self, email: str) -> Caller:
        self.unhurried()
        answer = self.browser().post("/auth/login", {"email": email, "password": PASSWORD})
        return replace(self.browser(), credential=answer.json()["access_token"])

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)

    def guarded_login(self) -> str:
        """A challenge of somebody with a second factor, whose password is known; nobody but this place knows the secret."""
        if not self._guarded:
            email = self.user()
            session = self.logged_in(email)
            secret = secret_of(session.post("/me/second-factor", {"password": PASSWORD}).json()["otpauth_uri"])
            assert session.post("/me/second-factor/confirm", {"code": code_of(secret, step=0)}).status_code == 200
            self._guarded.append(email)
        self.unhurried()
        answer = self.browser().post("/auth/login", {"email": self._guarded[0], "password": PASSWORD})
        return str(answer.json()["challenge"])

    def consent(self, url: str, creator: Creator, *, decision: str = "allow_all") -> dict[str, str]:
        """What Google sends the browser back with."""
        sent = httpx.post(url, data={"decision": decision, "channel": creator.native_id}, **PLAIN)
        return {name: words[0] for name, words in parse_qs(urlsplit(sent.headers["location"]).query).items()}


def begin(browser: Caller, **asked: object) -> str:
    """The address of Google's page, with this browser's cookie set."""
    answer = browser.post("/auth/google/login", asked)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["consent_url"])


def come_back(browser: Caller, came: dict[str, str], **headers: str) -> httpx.Response:
    return Caller(browser.client).get(CALLBACK, params=came, headers=headers, follow_redirects=False)


def secret_of(uri: str) -> bytes:
    import base64

    word = parse_qs(urlsplit(uri).query)["secret"][0]
    return base64.b32decode(word + "=" * (-len(word) % 8))


def code_of(secret: bytes, *, step: int = 1) -> str:
    """The code of so many steps later: one of now or later is still taken where the clock moves on meanwhile."""
    at = (int(datetime.now(UTC).timestamp()) // STEP_SECONDS + step) * STEP_SECONDS
    return TOTP(secret, 6, SHA1(), STEP_SECONDS).generate(at).decode()


def is_own(location: str) -> bool:
    """A path of our own origin, as every browser reads it."""
    return re.match(r"/(?![/\\])", location) is not None


@contextmanager
def standing(parts: Parts, superuser: psycopg.Connection[Any]) -> Iterator[Place]:
    world, clock = make_world(seed=11, epoch=datetime.now(UTC), accounts=24, posts=1), Clock()
    google, issuer = Google(world, clock), Issuer(clock)
    with running(Desk(google.services, clock)) as server:
        made = platforms(
            PlatformOptions(google_client_id=CLIENT_ID, google_client_secret=CLIENT_SECRET, google_url=server.url, token_keys=KEYS)
        )
        keys = IssuerKeys("issuer", Discovered(ISSUER, Straight(issuer)))
        made = replace(made, issuer=IdentityTokens(Expected((ISSUER,), parties=frozenset({PARTY})), keys))
        app = create_app(replace(parts, platforms=made, api_url=API_URL))
        with TestClient(app):
            creators = [each for each in world.creators if each.platform == "youtube"]
            yield Place(lambda: Caller(TestClient(app)), google, creators, issuer, superuser)


def as_json(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.text)
    return found
