"""A little OAuth provider on 127.0.0.1, strict where the real one is, and a client of it at the ports."""

import base64
import hashlib
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from domain.errors import SourceRefused, SourceUnavailable
from domain.observations import AccountFacts, Platform
from domain.ports import Errand, Platforms, Vault
from domain.sources import AccountRead, Answer, Ask, Grant, PostsRead, ReportAsk, ReportRead, SourceName, Tokens
from gateways.vault import SealedVault
from sandbox.serving import Answered, Asked, Desk, running
from sandbox.world import Clock

# Everything here is plain HTTP on 127.0.0.1: without `verify` no call reads all the world's certificates.
PLAIN: dict[str, Any] = {"timeout": 10, "trust_env": False, "verify": False}
KEYS = "tests:" + base64.b64encode(b"k" * 32).decode()
LIFE_SECONDS = 3600
CHANNEL = AccountFacts(
    platform=Platform.YOUTUBE, external_id="UC" + "a" * 22, username="example", title="An example channel", followers=120, declared_videos=9
)


@dataclass
class LittleProvider:
    """Consents at once to what is asked, but for `unticked`. Codes are good once; refresh tokens rotate where told to."""

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ("/consent", "/token", "/revoke")
    is_rotating: bool = False
    denies: bool = False
    unticked: frozenset[str] = frozenset()
    gives_refresh_token: bool = True
    is_away: bool = False
    pause_seconds: float = 0.0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    live: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Answered | None:
        if self.is_away:
            return Answered.of_json({"error": "backend"}, status=503)
        if asked.path == "/consent":
            return self._consent(dict(asked.query))
        with self._lock:
            return self._revoke(asked.form()) if asked.path == "/revoke" else self._token(asked.form())

    def _consent(self, query: dict[str, str]) -> Answered:
        granted = " ".join(scope for scope in query["scope"].split() if scope not in self.unticked)
        words = {"state": query["state"]}
        if self.denies:
            words["error"] = "access_denied"
        else:
            words["code"] = self._new("code")
            self.codes[words["code"]] = {**query, "scope": granted}
        return Answered(302, b"", {"Location": f"{query['redirect_uri']}?{urlencode(words)}"})

    def _token(self, form: dict[str, str]) -> Answered:
        self.asked.append(form["grant_type"])
        if form["grant_type"] == "authorization_code":
            return self._exchanged(form)
        if self.pause_seconds:
            threading.Event().wait(self.pause_seconds)
        scope = self.live.get(form["refresh_token"])
        if scope is None:
            return Answered.of_json({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, status=400)
        if not self.is_rotating:
            return self._gave(scope)
        del self.live[form["refresh_token"]]
        return self._gave(scope, refresh_token=self._grant(scope))

    def _exchanged(self, form: dict[str, str]) -> Answered:
        begun = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != form["redirect_uri"]:
            return Answered.of_json({"error": "invalid_grant"}, status=400)
        more = {"refresh_token": self._grant(begun["scope"])} if self.gives_refresh_token else {}
        return self._gave(begun["scope"], **more)

    def _revoke(self, form: dict[str, str]) -> Answered:
        self.asked.append("revoke")
        known = self.live.pop(form["token"], None)
        return Answered.of_json({}) if known is not None else Answered.of_json({"error": "invalid_token"}, status=400)

    def _gave(self, scope: str, **more: str) -> Answered:
        return Answered.of_json({"access_token": self._new("access"), "expires_in": LIFE_SECONDS, "scope": scope, **more})

    def _grant(self, scope: str) -> str:
        token = self._new("refresh")
        self.live[token] = scope
        return token

    def _new(self, kind: str) -> str:
        made = f"{kind}-{secrets.token_hex(12)}"
        self.issued.append(made)
        return made


@dataclass(frozen=True)
class LittleClient:
    """At the port `GivesConsent`, over HTTP."""

    url: str

    def consent_url(self, *, state: str, verifier: str, scopes: Sequence[str], redirect_uri: str, login_hint: str | None = None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        words = {"state": state, "code_challenge": challenge, "scope": " ".join(scopes), "redirect_uri": redirect_uri}
        return f"{self.url}/consent?{urlencode(words)}"

    def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> Tokens:
        return self._token(grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=redirect_uri)

    def refresh(self, refresh_token: str) -> Tokens:
        return self._token(grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, token: str) -> None:
        self._post("/revoke", {"token": token})

    def _token(self, **form: str) -> Tokens:
        said = self._post("/token", form)
        expires_at = datetime.now(UTC) + timedelta(seconds=said["expires_in"])
        return Tokens(said["access_token"], expires_at, frozenset(said["scope"].split()), said.get("refresh_token"))

    def _post(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}{path}", data=form, **PLAIN)
        if answer.status_code >= 500:
            raise SourceUnavailable("google", f"answered {answer.status_code}")
        if not answer.is_success:
            word = answer.json()["error"]
            raise SourceRefused("google", word, category="invalid_grant" if word == "invalid_grant" else "api_error")
        return dict(answer.json())


@dataclass
class OneChannel:
    """At the port `ReadsOwnData`: whoever grants, grants `facts`."""

    facts: AccountFacts = CHANNEL
    error: SourceRefused | SourceUnavailable | None = None

    def own_channel(self, grant: Grant, errand: Errand) -> AccountRead:
        if self.error is not None:
            raise self.error
        answer = errand.fetch(Ask(SourceName.YOUTUBE_API, "channels.list", "mine", is_public=False), lambda: Answer({"id": "mine"}))
        assert grant.access_token.startswith("access-")
        return AccountRead(SourceName.YOUTUBE_API, answer.fetched_at or datetime.now(UTC), self.facts, ())

    def own_posts(self, grant: Grant, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        return self.own_channel(grant, errand)

    def own_page(self, grant: Grant, errand: Errand, *, page: str | None = None) -> PostsRead:
        return PostsRead(SourceName.YOUTUBE_API, self.own_channel(grant, errand).fetched_at, ())

    def report(self, grant: Grant, ask: ReportAsk, errand: Errand) -> ReportRead:
        raise SourceRefused("google", "this one has no reports")


@dataclass(frozen=True)
class World:
    """Provider, channel and vault, as the platforms that Whyral sees."""

    provider: LittleProvider
    channel: OneChannel
    url: str
    vault: Vault

    @property
    def platforms(self) -> Platforms:
        return Platforms(google=LittleClient(self.url), own_data=self.channel, vault=self.vault)

    def reset(self) -> None:
        """As at the start; what was issued before stays known, so that leaks of it are found."""
        fresh = LittleProvider(issued=self.provider.issued)
        vars(self.provider).update(vars(fresh))
        self.channel.facts, self.channel.error = replace(CHANNEL, external_id=f"UC{secrets.token_hex(11)}"), None

    def consent(self, url: str) -> dict[str, str]:
        """What the browser comes back with from the consent page."""
        sent = httpx.get(url, **PLAIN).headers["location"]
        return {name: words[0] for name, words in parse_qs(urlsplit(sent).query).items()}


@contextmanager
def world() -> Iterator[World]:
    provider = LittleProvider()
    with running(Desk([provider], Clock())) as server:
        yield World(provider, OneChannel(), server.url, SealedVault.of(KEYS))
