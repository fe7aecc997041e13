"""A small world with the sandbox's Google in it, for tests: one server per session, a fresh project, clock and log per test."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from gateways.youtube.asking import Google as Client
from gateways.youtube.transport import Wire
from sandbox.google import API_KEY, CLIENT_ID, CLIENT_SECRET, Google
from sandbox.serving import Desk, Server, running
from sandbox.world import Clock, Creator, Post, World, make_world

EPOCH = datetime(2026, 11, 10, 12, tzinfo=UTC)
REDIRECT = "http://127.0.0.1:8000/api/v1/auth/google/callback"
READ = "https://www.googleapis.com/auth/youtube.readonly"
ANALYTICS = "https://www.googleapis.com/auth/yt-analytics.readonly"
MONETARY = "https://www.googleapis.com/auth/yt-analytics-monetary.readonly"
ALL = (READ, ANALYTICS, MONETARY)
VERIFIER = "v" * 43


@dataclass
class Place:
    """Where things are, and a few words to the sandbox as somebody's browser would say them."""

    world: World
    clock: Clock
    google: Google
    desk: Desk
    url: str

    @property
    def channels(self) -> list[Creator]:
        return [creator for creator in self.world.creators if creator.platform == "youtube"]

    def public(self, creator: Creator) -> list[Post]:
        return self.world.posts(creator, at=self.clock.now())

    def consent_url(self, scopes: tuple[str, ...] = ALL, /, **more: str) -> str:
        words = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code", "scope": " ".join(scopes), "state": "st"}
        words |= {"code_challenge": challenge(), "code_challenge_method": "S256", "access_type": "offline", "prompt": "consent"}
        return f"{self.url}/o/oauth2/v2/auth?{urlencode(words | more)}"

    def decide(self, url: str, **form: object) -> dict[str, str]:
        """What the callback is told. `channel` is an id or handle, `decision` allow_all unless said otherwise."""
        answer = self.post(url, data={"decision": "allow_all", **form})
        assert answer.status_code == 302, answer.text
        return {name: words[0] for name, words in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def token(self, **form: str) -> httpx.Response:
        return self.post(f"{self.url}/token", data={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form})

    def exchange(self, code: str, **more: str) -> httpx.Response:
        words = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return self.token(**(words | more))

    def connect(self, creator: Creator, scopes: tuple[str, ...] = ALL) -> dict[str, str]:
        """The tokens of a person who allowed everything that was asked for."""
        code = self.decide(self.consent_url(scopes), channel=creator.native_id)["code"]
        found: dict[str, str] = self.exchange(code).json()
        return found

    def get(self, path: str, token: str | None = None, /, **words: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(trust_env=False, verify=False) as client:
            return client.get(self.url + path, params={name: str(word) for name, word in words.items()}, headers=headers)

    def ask_again(self, path: str, etag: str, **words: str) -> httpx.Response:
        with httpx.Client(trust_env=False, verify=False) as client:
            return client.get(self.url + path, params=words, headers={"If-None-Match": etag})

    def post(self, url: str, **words: object) -> httpx.Response:
        with httpx.Client(trust_env=False, verify=False) as client:
            return client.post(url, **words)  # type: ignore[arg-type]


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


@pytest.fixture(scope="session")
def small_world() -> World:
    """Four channels with 80 posts each, the last twenty of them ahead."""
    return make_world(seed=11, epoch=EPOCH, accounts=8, posts=80)


@pytest.fixture(scope="session")
def google_server() -> Iterator[Server]:
    with running(Desk((), Clock())) as server:
        yield server


@pytest.fixture
def place(small_world: World, google_server: Server) -> Place:
    clock = Clock(frozen_at=EPOCH)
    google = Google(small_world, clock)
    google_server.desk = Desk(google.services, clock)
    return Place(small_world, clock, google, google_server.desk, google_server.url)


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    """One pool of connections for all."""
    made = Wire()
    yield made
    made.close()


@pytest.fixture
def client(place: Place, wire: Wire) -> Client:
    """The real client library, asking the sandbox with its key, at the world's time."""
    return Client(wire, place.url, API_KEY, now=place.clock.now)
