"""Consents on their way: put by a member of a workspace, or by nobody yet who signs in; taken once before a tenant is known.

All goes through functions in schema `app`.
"""

from dataclasses import dataclass, field
from uuid import UUID

from domain.connections import STATE_LIFE
from domain.errors import Unauthenticated
from store.repository import Repository


@dataclass(frozen=True, slots=True)
class Begun:
    """A consent to a channel as it was begun. Its verifier is sealed."""

    tenant_id: UUID
    user_id: UUID
    channel_id: UUID
    verifier: bytes = field(repr=False)
    scopes: tuple[str, ...]
    return_to: str | None


@dataclass(frozen=True, slots=True)
class SignInBegun:
    """A sign-in as it was begun. `session`: the workspace and the session of the user who links it; None for somebody who logs in."""

    verifier: bytes = field(repr=False)
    return_to: str | None
    session: tuple[UUID, UUID] | None = None


class OauthStates(Repository):
    """States are kept as hashes: who reads the table cannot finish a consent."""

    def put(self, state_hash: bytes, browser_hash: bytes, begun: Begun) -> None:
        made = self._run(
            "select app.put_oauth_state(:state, :browser, :user, :channel, :verifier, :scopes, :back, :life)",
            state=state_hash, browser=browser_hash, user=begun.user_id, channel=begun.channel_id, verifier=begun.verifier,
            scopes=list(begun.scopes), back=begun.return_to, life=STATE_LIFE,
        ).scalar_one()  # fmt: skip
        _demand(made)

    def put_sign_in(self, state_hash: bytes, browser_hash: bytes, begun: SignInBegun, *, scopes: tuple[str, ...]) -> None:
        """Whom it is linked to is told by the transaction: the user who entered it."""
        made = self._run(
            "select app.put_sign_in_state(:state, :browser, :what, :verifier, :scopes, :back, :life, :session)",
            state=state_hash, browser=browser_hash, what="link" if begun.session else "login", verifier=begun.verifier,
            scopes=list(scopes), back=begun.return_to, life=STATE_LIFE, session=begun.session[1] if begun.session else None,
        ).scalar_one()  # fmt: skip
        _demand(made)

    def take(self, state_hash: bytes, browser_hash: bytes | None) -> Begun | SignInBegun | str:
        """The consent, once; else why not: `unknown`, `foreign`, `used`, `expired`."""
        row = self._run("select * from app.take_oauth_state(:state, :browser)", state=state_hash, browser=browser_hash).one()
        if row.outcome != "taken":
            return str(row.outcome)
        if row.purpose == "connect":
            return Begun(row.tenant_id, row.user_id, row.channel_id, row.verifier, tuple(row.scopes), row.return_to)
        return SignInBegun(row.verifier, row.return_to, (row.tenant_id, row.session_id) if row.purpose == "link" else None)


def _demand(made: object) -> None:
    if not made:
        raise Unauthenticated("the credential's user is no member of this workspace")
