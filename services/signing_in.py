"""Signing in by an issuer's word: who that is here, whom it registers, and what it is linked to.

An identity is the pair of issuer and subject. An address is never enough: where it belongs to somebody already, that user logs in and links
the identity; where the issuer does not vouch for it, nobody is registered by it.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.connections import checked_return
from domain.errors import Conflict, FailureCategory, FieldProblem, NotFound, Refused, SourceRefused, Unacceptable, Unauthenticated
from domain.identity import check_verified
from domain.ports import Platforms, RunLauncher, SignsIn, Vault
from domain.sign_in import SCOPES, ExternalIdentity, Person, nonce_of, workspace_name
from services import mailing
from services.consents import Browser, CameBack, state_hash
from services.logging_in import Challenged, Wanted, admit
from services.onboarding import welcome
from services.sessions import Caller, Opened, note
from store.database import Database, SessionEntry
from store.ids import new_id
from store.oauth_states import SignInBegun
from store.work import UnitOfWork

# A clock may be so far behind: a token is remembered for longer than it could be taken.
REMEMBERED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who came back from Google: with a session, a challenge, or a new link (None)."""

    result: Opened | Challenged | None
    return_to: str | None


def begin(uow: UnitOfWork, platforms: Platforms, browser: Browser, *, return_to: str | None, session_id: UUID | None = None) -> str:
    """The address of Google's page. `session_id`: of the user who links it and has entered; None for somebody who logs in."""
    google, vault = _google(platforms)
    if browser.hash is None:
        raise Unacceptable("the sign-in has no browser to come back to")
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    begun = SignInBegun(
        vault.seal(verifier.encode(), context=_context(state)),
        checked_return(return_to),
        (uow.tenant_id, session_id) if session_id else None,
    )
    uow.oauth_states.put_sign_in(state_hash(state), browser.hash, begun, scopes=SCOPES)
    return google.sign_in_url(state=state, verifier=verifier, nonce=nonce_of(verifier), redirect_uri=browser.callback)


def finish(  # noqa: PLR0913 - what came back, and what it meets
    database: Database, platforms: Platforms, launcher: RunLauncher, begun: SignInBegun, came: CameBack, browser: Browser, caller: Caller,
    wanted: Wanted,
) -> SignedIn:  # fmt: skip
    """Google was asked outside of any transaction. Its state is used up, whatever comes of it."""
    with _failures_logged(database, caller, "google"):
        who = _consented(platforms, begun, came, browser)
        if begun.session is not None:
            tenant_id, session_id = begun.session
            with database.begin(SessionEntry(session_id, tenant_id=tenant_id)) as uow:  # ended meanwhile: nothing is linked
                link(uow, who, caller)
            return SignedIn(None, begun.return_to)
        person = known_or_new(database, launcher, who, caller)
        return SignedIn(admit(database, person, wanted, caller, way="google"), begun.return_to)


def exchange(
    database: Database, platforms: Platforms, launcher: RunLauncher, token: str, wanted: Wanted, caller: Caller
) -> Opened | Challenged:
    """A session for a token of the configured issuer. Each token is good once."""
    with _failures_logged(database, caller, "oidc"):
        who = once(database, platforms, token)
        return admit(database, known_or_new(database, launcher, who, caller), wanted, caller, way="oidc")


def once(database: Database, platforms: Platforms, token: str) -> ExternalIdentity:
    """Whom a token of the configured issuer names, the first time that it is sent."""
    if platforms.issuer is None:
        why = platforms.lacking.get("oidc", "set WHYRAL_OIDC_ISSUER")
        raise SourceRefused("issuer", why, category=FailureCategory.NOT_CONFIGURED, for_callers="no other issuer signs people in here")
    who = platforms.issuer.identity(token)
    # The signed part: whoever can write the same signature in another way must not be taken for new.
    signed = token.rpartition(".")[0].encode()
    with database.begin_anonymous() as uow:
        if not uow.sign_ins.use_once(hashlib.sha256(b"token:" + signed).digest(), who.expires_at + REMEMBERED):
            raise Unauthenticated("the identity token was used before: ask the issuer for a new one")
    return who


def known_or_new(database: Database, launcher: RunLauncher, who: ExternalIdentity, caller: Caller) -> Person:
    """The user of this identity; else a new one, where the issuer vouches for the address and nobody has it. Raises Refused, Conflict."""
    with database.begin_anonymous() as uow:
        found = uow.sign_ins.find(who)
    if found is not None:
        return found
    email, user_id, tenant_id = who.verified_email, new_id(), new_id()
    if email is None:
        raise Refused("the address is not verified there: verify it, or register here with a password")
    with database.begin_anonymous() as uow:
        is_new = uow.sign_ins.register(who, user_id=user_id, tenant_id=tenant_id, email=email, workspace=workspace_name(who.name, email))
        if is_new:
            note(uow, "signup", caller, user_id=user_id, email=email, reason=who.issuer)
    if is_new:
        welcome(database, launcher, user_id, tenant_id)
        return Person(user_id, is_active=True, tenants=(tenant_id,))
    with database.begin_anonymous() as uow:  # of two who came at once, the other was first
        found = uow.sign_ins.find(who)
    if found is None:
        raise Conflict("an account has this address already: log in to it, then link this sign-in at POST /api/v1/me/identities")
    return found


def link(uow: UnitOfWork, who: ExternalIdentity, caller: Caller) -> None:
    """To the user who entered. Raises Refused for an address that is not verified, Conflict for somebody else's identity."""
    if who.verified_email is None:
        raise Refused("the address is not verified there: verify it, then link it")
    check_owned(uow)
    outcome = uow.sign_ins.link(who)
    if outcome == "nobody" or uow.user_id is None:
        raise Unauthenticated("the credential names no user")
    if outcome == "taken":
        raise Conflict("this sign-in belongs to another account")
    if outcome == "linked":
        _told(uow, uow.user_id, "linked", who.issuer, caller)
        note(uow, "identity_linked", caller, user_id=uow.user_id, reason=who.issuer)


def check_owned(uow: UnitOfWork) -> None:
    """Whoever registered with somebody else's address leaves no way in behind for when its owner comes. Raises Refused."""
    if uow.user_id is not None:
        check_verified(uow.identity.profile(uow.user_id))


def unlink(uow: UnitOfWork, identity_id: UUID, caller: Caller) -> None:
    """Raises NotFound, and Conflict for the last way in."""
    found = next((each for each in uow.sign_ins.mine() if each.identity_id == identity_id), None)
    outcome = uow.sign_ins.unlink(identity_id)
    if found is None or outcome == "unknown" or uow.user_id is None:
        raise NotFound("identity", identity_id)
    if outcome == "last":
        raise Conflict("this is the only way into your account: set a password or link another sign-in first")
    _told(uow, uow.user_id, "unlinked", found.issuer, caller)


def _consented(platforms: Platforms, begun: SignInBegun, came: CameBack, browser: Browser) -> ExternalIdentity:
    google, vault = _google(platforms)
    if came.issuer is not None and not google.is_issuer(came.issuer):
        raise Refused("somebody else than Google answered: begin again")
    if came.error is not None or not came.code:
        raise Refused("the sign-in was declined: begin again whenever you like")
    verifier = vault.open(begun.verifier, context=_context(came.state or "")).decode()
    try:
        return google.identity(came.code, verifier=verifier, nonce=nonce_of(verifier), redirect_uri=browser.callback)
    except SourceRefused as error:
        if error.category is not FailureCategory.INVALID_GRANT:
            raise
        raise Unacceptable("Google does not accept the code", (FieldProblem("code", "begin again: a code is good once"),)) from error


def _google(platforms: Platforms) -> tuple[SignsIn, Vault]:
    if platforms.google_sign_in is None or platforms.vault is None:
        why = platforms.lacking.get("google", "set WHYRAL_GOOGLE_CLIENT_ID, WHYRAL_GOOGLE_CLIENT_SECRET and WHYRAL_TOKEN_KEYS")
        raise SourceRefused("google", why, category=FailureCategory.NOT_CONFIGURED, for_callers="signing in with Google is not set up here")
    return platforms.google_sign_in, platforms.vault


@contextmanager
def _failures_logged(database: Database, caller: Caller, way: str) -> Iterator[None]:
    """A sign-in that is refused stands in the authentication log."""
    try:
        yield
    except (Unauthenticated, Refused, Conflict, Unacceptable) as error:
        with database.begin_anonymous() as uow:
            note(uow, "login", caller, is_success=False, reason=f"{way}: {error.code}")
        raise


def _context(state: str) -> bytes:
    return b"sign-in:" + state_hash(state)


def _told(uow: UnitOfWork, user_id: UUID, what: str, issuer: str, caller: Caller) -> None:
    """In the audit log, and by mail: who did not do it learns of it."""
    uow.trust.note(f"identity.{what}", str(user_id), actor=user_id, details={"issuer": issuer}, request_id=caller.request_id)
    mailing.send_way_in_changed(uow, uow.factors.of(user_id).email, event=str(new_id()), issuer=issuer, what=what)
