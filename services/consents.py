"""Browsers that were sent to a provider and come back: each state is taken once, within ten minutes, and by the browser that began.

What a consent was for is the business of `services.connecting` (a channel) and `services.signing_in` (a person).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.errors import Conflict, FieldProblem, Gone, Refused, Unacceptable, WhyralError
from store.database import Database
from store.oauth_states import Begun, SignInBegun


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that consents, by a secret that it keeps in a cookie, and the address that it comes back to."""

    secret: str | None = field(repr=False)
    callback: str

    @property
    def hash(self) -> bytes | None:
        return hashlib.sha256(self.secret.encode()).digest() if self.secret else None


@dataclass(frozen=True, slots=True)
class CameBack:
    """What the provider sent the browser back with."""

    state: str | None = field(repr=False)
    code: str | None = field(repr=False)
    error: str | None = None
    issuer: str | None = None


def taken(database: Database, came: CameBack, browser: Browser) -> Begun | SignInBegun:
    """What was begun under the state that came back, once, in the browser in which it was begun."""
    if not came.state:
        raise Unacceptable(
            "the callback has no state",
            (FieldProblem("state", "begin at POST /api/v1/channels/{channel_id}/connect or GET /api/v1/auth/google/login"),),
        )
    with database.begin_anonymous() as uow:
        found = uow.oauth_states.take(state_hash(came.state), browser.hash)
    if not isinstance(found, str):
        return found
    if found == "unknown":
        raise Unacceptable("the state is not known", (FieldProblem("state", "begin again: states are kept for ten minutes"),))
    kind, words = _WHY_NOT[found]
    raise kind(words)


_WHY_NOT: Mapping[str, tuple[type[WhyralError], str]] = {
    "foreign": (Refused, "this consent was begun in another browser: open this address where it was begun, or begin again here"),
    "used": (Conflict, "this consent was finished already: look at the channel, or begin again"),
    "expired": (Gone, "this consent took longer than ten minutes: begin again"),
}


def state_hash(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()
