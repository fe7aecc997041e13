"""What people granted: codes, access and refresh tokens, by the world's clock. The pages and endpoints are in `oauth`."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock

from sandbox.world import Clock

ACCESS_SECONDS = 3_600
CODE_SECONDS = 600
# Google keeps so many live refresh tokens per account and client, and drops the oldest without a word.
MOST_REFRESH_TOKENS = 100


class GrantRefused(Exception):
    """As the token endpoint says it."""

    def __init__(self, error: str, description: str = "Bad Request") -> None:
        super().__init__(description)
        self.error, self.description = error, description


@dataclass
class Consent:
    """One consent: whose channel, for which scopes, and the tokens that came of it."""

    channel_id: str
    scopes: frozenset[str]
    is_offline: bool
    number: int
    redirect_uri: str
    challenge: str | None
    code: str
    code_until: datetime
    nonce: str | None = None
    is_code_used: bool = False
    refresh: set[str] = field(default_factory=set)
    is_dead: bool = False


class Grants:
    """All consents of the sandbox's client."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, RLock()
        self._consents: list[Consent] = []
        self._access: dict[str, tuple[Consent, datetime]] = {}
        self._rotating: set[str] = set()
        self.refreshes = 0
        # Told of every change, behind the lock.
        self.on_change: Callable[[list[Consent], dict[str, tuple[Consent, datetime]]], None] = lambda *_: None

    def take_up(self, consents: list[Consent], access: dict[str, tuple[Consent, datetime]]) -> None:
        """What was granted before."""
        with self._lock:
            self._consents, self._access = consents, access

    def allow(self, channel_id: str, scopes: Iterable[str], words: dict[str, str]) -> str:
        """The code of a new consent. A refresh token comes with the first offline one, or where consent was asked for again."""
        with self._lock:
            earlier = [each for each in self._consents if each.channel_id == channel_id and not each.is_dead]
            granted = frozenset(scopes)
            if words.get("include_granted_scopes") == "true":
                granted = granted.union(*(each.scopes for each in earlier))
            is_first = not any(each.is_offline for each in earlier)
            is_offline = words.get("access_type") == "offline" and (is_first or "consent" in words.get("prompt", "").split())
            made = Consent(
                channel_id, granted, is_offline, len(self._consents), words["redirect_uri"], words.get("code_challenge") or None,
                "4/0" + secrets.token_urlsafe(32), self._clock.now() + timedelta(seconds=CODE_SECONDS),
                nonce=words.get("nonce"),
            )  # fmt: skip
            self._consents.append(made)
            self._changed()
            return made.code

    def of_code(self, code: str) -> Consent:
        """The consent that a code came of, exchanged or not. Raises KeyError."""
        with self._lock:
            found = next((each for each in self._consents if each.code == code), None)
        if found is None:
            raise KeyError(code)
        return found

    def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> dict[str, object]:
        with self._lock:
            consent = next((each for each in self._consents if each.code == code), None)
            if consent is None or self._clock.now() > consent.code_until:
                raise GrantRefused("invalid_grant", "Malformed auth code.")
            if consent.is_code_used:
                self._kill(consent)
                self._changed()
                raise GrantRefused("invalid_grant")
            if redirect_uri != consent.redirect_uri:
                raise GrantRefused("redirect_uri_mismatch")
            if consent.challenge and not verifier:
                raise GrantRefused("invalid_grant", "Missing code verifier.")
            if consent.challenge and _challenge(verifier or "") != consent.challenge:
                raise GrantRefused("invalid_grant", "Invalid code verifier.")
            consent.is_code_used = True
            return self._answer(consent, refresh=self._new_refresh(consent) if consent.is_offline else None)

    def refresh(self, token: str) -> dict[str, object]:
        with self._lock:
            self.refreshes += 1
            consent = self._of_refresh(token)
            if consent is None:
                raise GrantRefused("invalid_grant", "Token has been expired or revoked.")
            if consent.channel_id not in self._rotating:
                return self._answer(consent)
            consent.refresh.discard(token)
            return self._answer(consent, refresh=self._new_refresh(consent))

    def revoke(self, token: str) -> bool:
        """All that this person granted ends. False: nobody knows the token."""
        with self._lock:
            consent = self._of_refresh(token) or self._access.get(token, (None, None))[0]
            if consent is None or consent.is_dead:
                return False
            self.end(consent.channel_id)
            return True

    def holder(self, access_token: str) -> Consent | None:
        """Who may ask with this token now."""
        with self._lock:
            found = self._access.get(access_token)
            return found[0] if found and not found[0].is_dead and self._clock.now() < found[1] else None

    # Told from outside, for tests and demonstrations.

    def end(self, channel_id: str) -> None:
        """As if the person had taken the access back."""
        with self._lock:
            for consent in self._consents:
                if consent.channel_id == channel_id:
                    self._kill(consent)
            self._changed()

    def expire_refresh(self, channel_id: str) -> None:
        """Refresh tokens die, access tokens live on until they end."""
        with self._lock:
            for consent in self._consents:
                if consent.channel_id == channel_id:
                    consent.refresh.clear()
            self._changed()

    def expire_access(self, channel_id: str) -> None:
        with self._lock:
            self._access = {token: held for token, held in self._access.items() if held[0].channel_id != channel_id}
            self._changed()

    def rotate(self, channel_id: str, *, on: bool = True) -> None:
        """From now on each refresh gives a new refresh token and ends the one that was used."""
        with self._lock:
            (self._rotating.add if on else self._rotating.discard)(channel_id)

    def live(self, channel_id: str) -> list[str]:
        """The refresh tokens that work."""
        with self._lock:
            return [token for each in self._consents if each.channel_id == channel_id for token in each.refresh]

    def _of_refresh(self, token: str) -> Consent | None:
        return next((each for each in self._consents if token in each.refresh and not each.is_dead), None)

    def _new_refresh(self, consent: Consent) -> str:
        theirs = [each for each in self._consents if each.channel_id == consent.channel_id and each.refresh]
        if sum(len(each.refresh) for each in theirs) >= MOST_REFRESH_TOKENS:
            min(theirs, key=lambda each: each.number).refresh.pop()
        made = "1//0" + secrets.token_urlsafe(48)
        consent.refresh.add(made)
        return made

    def _answer(self, consent: Consent, *, refresh: str | None = None) -> dict[str, object]:
        access = "ya29." + secrets.token_urlsafe(48)
        self._access[access] = (consent, self._clock.now() + timedelta(seconds=ACCESS_SECONDS))
        self._changed()
        said: dict[str, object] = {
            "access_token": access,
            "expires_in": ACCESS_SECONDS - 1,
            "scope": " ".join(sorted(consent.scopes)),
            "token_type": "Bearer",
        }
        return said | ({"refresh_token": refresh} if refresh else {})

    def _changed(self) -> None:
        self.on_change(self._consents, self._access)

    def _kill(self, consent: Consent) -> None:
        consent.is_dead = True
        consent.refresh.clear()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii", "replace")).digest()).decode().rstrip("=")
