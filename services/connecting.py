"""Consents: begun by a member, finished by the browser that comes back. Tokens are used by `services.connections`.

A state is used once, within ten minutes, and by the browser in which the consent was begun: else somebody could have a stranger consent
and get the stranger's figures.
"""

import secrets
from dataclasses import dataclass, replace
from uuid import UUID

from domain.channels import Channel, status_after_connecting
from domain.connections import Connection, ConnectionStatus, GrantName, checked_return, scopes_asked
from domain.errors import Conflict, FailureCategory, FieldProblem, Refused, SourceRefused, Unacceptable
from domain.observations import AccountFacts
from domain.owner_reports import READONLY
from domain.ports import Platforms
from domain.requests import Request
from domain.roles import Action, Role, may
from domain.sources import AccountRead, Grant, Tokens
from services.channel_onboarding import ask_for_reading, errand_of, keep_own_account
from services.channels import caller
from services.connections import Provider, alert_key, opened, provider_of, sealed
from services.consents import Browser, CameBack, state_hash, taken
from store.database import Database, MemberEntry
from store.ids import new_id
from store.oauth_states import Begun
from store.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Connected:
    """A consent that was finished. `request` is the first reading."""

    channel: Channel
    connection: Connection
    request: Request
    return_to: str | None


def begin(uow: UnitOfWork, platforms: Platforms, channel_id: UUID, browser: Browser, *, with_revenue: bool, return_to: str | None) -> str:
    """The address of the provider's consent page. Raises Conflict for a channel that is not to be connected."""
    status_after_connecting(uow.channels.get(channel_id).status)
    provider = provider_of(platforms)
    if browser.hash is None:
        raise Unacceptable("the consent has no browser to come back to")
    state, verifier, scopes = secrets.token_urlsafe(32), secrets.token_urlsafe(64), scopes_asked(with_revenue=with_revenue)
    locked = provider.vault.seal(verifier.encode(), context=_context(state))
    uow.oauth_states.put(
        state_hash(state), browser.hash, Begun(uow.tenant_id, caller(uow), channel_id, locked, scopes, checked_return(return_to))
    )
    uow.trust.note("channel.connect_begun", str(channel_id), actor=uow.user_id, details={"scopes": list(scopes)})
    return provider.google.consent_url(state=state, verifier=verifier, scopes=scopes, redirect_uri=browser.callback)


def finish(database: Database, platforms: Platforms, came: CameBack, browser: Browser) -> Connected:
    """What `finish_connecting` makes of a state that connects."""
    begun = taken(database, came, browser)
    if not isinstance(begun, Begun):
        raise Unacceptable("the state is no channel's", (FieldProblem("state", "begin again"),))
    return finish_connecting(database, platforms, begun, came, browser)


def finish_connecting(database: Database, platforms: Platforms, begun: Begun, came: CameBack, browser: Browser) -> Connected:
    """Make the connection live, with its first reading asked for, in one transaction. The provider is asked outside of it."""
    provider = provider_of(platforms)
    if came.error is not None or not came.code:
        _note_refusal(database, begun, came.error or "no code")
        raise Refused(f"consent was declined ({_word(came.error)}): nothing was connected. Begin again whenever you like")
    verifier = provider.vault.open(begun.verifier, context=_context(came.state or "")).decode()
    tokens = _exchanged(provider, came.code, verifier, browser)
    read = _channel_of(database, platforms, begun, tokens)
    with database.begin(MemberEntry(begun.tenant_id, begun.user_id)) as uow:
        return _connect(uow, platforms, begun, tokens, read)


def _note_refusal(database: Database, begun: Begun, error: str) -> None:
    with database.begin(MemberEntry(begun.tenant_id, begun.user_id)) as uow:
        uow.trust.note("channel.connect_declined", str(begun.channel_id), actor=begun.user_id, details={"error": _word(error)})


def _exchanged(provider: Provider, code: str, verifier: str, browser: Browser) -> Tokens:
    try:
        tokens = provider.google.exchange(code, verifier=verifier, redirect_uri=browser.callback)
    except SourceRefused as error:
        if error.category is not FailureCategory.INVALID_GRANT:
            raise
        problem = FieldProblem("code", "begin again: a code is good once, for a few minutes, and for the consent that it was given in")
        raise Unacceptable("Google does not accept the code", (problem,)) from error
    if READONLY not in tokens.scopes:
        problem = FieldProblem("scope", "begin again and leave the box for viewing your YouTube account ticked")
        raise Unacceptable("without leave to view the YouTube account we cannot tell which channel this is", (problem,))
    return tokens


def _channel_of(database: Database, platforms: Platforms, begun: Begun, tokens: Tokens) -> AccountRead:
    if platforms.own_data is None:
        raise SourceRefused("google", "reading own channels is not configured", category=FailureCategory.NOT_CONFIGURED)
    grant = Grant(key=f"consent:{begun.channel_id}", access_token=tokens.access_token, scopes=tokens.scopes)
    try:
        with errand_of(database, platforms, begun.tenant_id) as errand:
            read = platforms.own_data.own_channel(grant, errand)
    except SourceRefused as error:
        if error.category is not FailureCategory.NOT_FOUND:
            raise
        raise Unacceptable("this Google account has no YouTube channel: begin again and choose another account") from error
    if read.account.external_id is None:
        raise SourceRefused("google", "the channel of the grant has no id", category=FailureCategory.PARSE_ERROR)
    return read


def _connect(uow: UnitOfWork, platforms: Platforms, begun: Begun, tokens: Tokens, read: AccountRead) -> Connected:
    if uow.role is not None and not may(Role(uow.role), Action.CONNECT):
        raise Refused(f"a {uow.role} of the workspace connects no channel")
    channel = uow.channels.get(begun.channel_id, lock=True)
    status = status_after_connecting(channel.status)
    _check_same(uow, channel, read.account)
    connection = _replace_grant(uow, provider_of(platforms), begun, tokens, read.account)
    words = {"external_id": read.account.external_id, "handle": read.account.username or channel.handle, "status": status}
    channel = uow.channels.set(channel.channel_id, {**words, "account_id": keep_own_account(uow, platforms, read)})
    details = {"connection_id": str(connection.connection_id), "scopes": list(connection.scopes)}
    uow.trust.note("channel.connected", str(channel.channel_id), actor=begun.user_id, details=details)
    return Connected(channel, connection, ask_for_reading(uow, connection), begun.return_to)


def _check_same(uow: UnitOfWork, channel: Channel, granted: AccountFacts) -> None:
    """A channel stands for one channel of YouTube, and that one for it, within a tenant."""
    name = granted.title or granted.username or granted.external_id
    if channel.external_id not in (None, granted.external_id):
        raise Conflict(
            f"channel {channel.name} stands for {channel.handle or channel.external_id}, and this consent was for {name}: "
            "choose that channel on Google's page, or make another channel here"
        )
    holder = uow.channels.holding(str(granted.external_id))
    if holder is not None and holder.channel_id != channel.channel_id:
        raise Conflict(
            f"{name} is channel {holder.name} ({holder.channel_id}, {holder.status}) of this workspace already: connect that one"
        )


def _replace_grant(uow: UnitOfWork, provider: Provider, begun: Begun, tokens: Tokens, granted: AccountFacts) -> Connection:
    """The new grant in place of the one before. That one is not revoked: Google would take the new one back with it."""
    former = uow.connections.of_channel(begun.channel_id, lock=True)
    tokens = _with_refresh_token(uow, provider, former, tokens)
    if former is not None and former.status is not ConnectionStatus.REVOKED:
        uow.connections.end(former.connection_id, error={"code": "replaced", "detail": "the channel was connected again"})
        uow.trust.settle(alert_key(former.connection_id))
    connection_id = new_id()
    words = {"channel_id": begun.channel_id, "user_id": begun.user_id, "provider": "google", "external_id": granted.external_id,
             "asked_scopes": list(begun.scopes), "scopes": sorted(tokens.scopes), "expires_at": tokens.expires_at}  # fmt: skip
    kept = sealed(provider.vault, GrantName(uow.tenant_id, connection_id), tokens)
    return uow.connections.add(connection_id=connection_id, words=words, tokens=kept)


def _with_refresh_token(uow: UnitOfWork, provider: Provider, former: Connection | None, tokens: Tokens) -> Tokens:
    """Google gives lasting access only once per consent page that asks for it: where it gave none, the one before goes on."""
    if tokens.refresh_token is not None:
        return tokens
    if former is None or former.status is not ConnectionStatus.LIVE:
        raise Unacceptable("Google gave no lasting access: take Whyral's access back at myaccount.google.com/permissions, then begin again")
    before = uow.connections.tokens(former.connection_id).refresh_token
    return replace(tokens, refresh_token=opened(provider.vault, former.name, "refresh_token", before))


def _context(state: str) -> bytes:
    """What a verifier is sealed to."""
    return b"oauth_state:" + state_hash(state) + b":verifier"


def _word(error: str | None) -> str:
    """The provider's own word for why, no longer than a word is and nothing but letters."""
    return "".join(each for each in (error or "no code")[:40] if each.isascii() and (each.isalpha() or each in "_ -"))
