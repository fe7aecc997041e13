"""Consents on their way: put by a member of a workspace, taken once before a tenant is known. Both go through functions in schema `app`."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.connections import STATE_LIFE
from domain.errors import Unauthenticated
from store.repository import Repository


@dataclass(frozen=True, slots=True)
class Begun:
    """A consent as it was begun. Its verifier is sealed."""

    tenant_id: UUID
    user_id: UUID
    channel_id: UUID
    verifier: bytes = field(repr=False)
    scopes: tuple[str, ...]
    return_to: str | None


class OauthStates(Repository):
    """States are kept as hashes: who reads the table cannot finish a consent."""

    def put(self, state_hash: bytes, browser_hash: bytes, begun: Begun) -> None:
        made = self._run(
            "select app.put_oauth_state(:state, :browser, :user, :channel, :verifier, :scopes, :back, :life)",
            state=state_hash, browser=browser_hash, user=begun.user_id, channel=begun.channel_id, verifier=begun.verifier,
            scopes=list(begun.scopes), back=begun.return_to, life=STATE_LIFE,
        ).scalar_one()  # fmt: skip
        if not made:
            raise Unauthenticated("the credential's user is no member of this workspace")

    def take(self, state_hash: bytes, browser_hash: bytes | None) -> Begun | str:
        """The consent, once; else why not: `unknown`, `foreign`, `used`, `expired`."""
        row = self._run("select * from app.take_oauth_state(:state, :browser)", state=state_hash, browser=browser_hash).one()
        if row.outcome != "taken":
            return str(row.outcome)
        return Begun(row.tenant_id, row.user_id, row.channel_id, row.verifier, tuple(row.scopes), row.return_to)
