"""Ways in at other issuers: exchanging a token for a session, and what is linked to the caller's account."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.addresses import caller_of
from api.consents import begins
from api.security import BEARER, PUBLIC, known_caller
from api.session_answers import CookieOut, SecondFactorOut, SessionAnswers, TokenOut
from api.sign_in.google import AwayOut, away
from api.sign_in.own import own_user, proven_user
from domain.ports import Platforms, RunLauncher
from domain.sign_in import LinkedIdentity
from gateways.credentials import Passwords
from services import logging_in, signing_in
from services.members import needs_fresh_login
from services.sessions import own_session
from store.database import Database, Entry

Asked = Request[Any, Any, Any]
Token = Annotated[str, msgspec.Meta(max_length=8192)]


class ExchangeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token of the configured issuer, such as Clerk's session token; `workspace_id` and `session` as at login."""

    token: Token
    workspace_id: UUID | None = None
    session: Literal["tokens", "cookie"] = "tokens"


class LinkGoogleIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password (null for accounts without one), and a path of this server to go to afterwards."""

    password: str | None = None
    return_to: str | None = None


class LinkTokenIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password (null for accounts without one), and a token of the configured issuer."""

    token: Token
    password: str | None = None


class IdentityOut(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that is linked to the account. `email` is what the issuer said when it was linked."""

    identity_id: UUID
    issuer: str
    email: str | None
    linked_at: datetime
    used_at: datetime | None

    @classmethod
    def of(cls, identity: LinkedIdentity) -> "IdentityOut":
        return cls(
            identity_id=identity.identity_id, issuer=identity.issuer, email=identity.email, linked_at=identity.linked_at,
            used_at=identity.used_at,
        )  # fmt: skip


class IdentitiesOut(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, the oldest first, and whether there is a password besides."""

    items: list[IdentityOut]
    has_password: bool


class OidcController(Controller):
    """Sessions for tokens of another issuer."""

    path = "/auth/oidc"
    tags = ["identity"]
    security = PUBLIC

    @post("/", sync_to_thread=True, status_code=200)
    def exchange(
        self, request: Asked, data: JSONBody[ExchangeIn], database: NamedDependency[Database], platforms: NamedDependency[Platforms],
        launcher: NamedDependency[RunLauncher], answers: NamedDependency[SessionAnswers],
    ) -> Response[TokenOut | CookieOut | SecondFactorOut]:  # fmt: skip
        """Exchange a token of the configured issuer, good once, for a session. A new person with a verified address is registered."""
        if data.session == "cookie":
            answers.browsers.check_origin(request.headers)
        caller = caller_of(request)
        logging_in.hold_back(database, caller)
        device, wanted = answers.arriving(request.cookies, data.session, data.workspace_id)
        done = signing_in.exchange(database, platforms, launcher, data.token, wanted, caller)
        return answers.admitted(done, data.session, device)


class OwnIdentityController(Controller):
    """The caller's sign-ins elsewhere. They need a session: no key reaches them."""

    path = "/me/identities"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_identities(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> IdentitiesOut:
        """Which sign-ins are linked to the account?"""
        with database.begin(entry) as uow:
            known = uow.factors.of(own_user(uow))
            return IdentitiesOut(items=[IdentityOut.of(each) for each in uow.sign_ins.mine()], has_password=known.password_hash is not None)

    @post("/google", sync_to_thread=True, status_code=200)
    def link_google(
        self, request: Asked, data: JSONBody[LinkGoogleIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        passwords: NamedDependency[Passwords], platforms: NamedDependency[Platforms], api_url: NamedDependency[str],
    ) -> Response[AwayOut]:  # fmt: skip
        """Begin to link a Google account: the address of Google's page. Needs the password where there is one."""
        proven_user(database, entry, passwords, data.password)
        browser = begins(request, api_url)
        with database.begin(entry) as uow:
            session_id = own_session(uow).session_id
            url = signing_in.begin(uow, platforms, browser, return_to=data.return_to, session_id=session_id)
        return away(url, browser, api_url)

    @post("/oidc", sync_to_thread=True, status_code=204)
    def link_token(
        self, request: Asked, data: JSONBody[LinkTokenIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        passwords: NamedDependency[Passwords], platforms: NamedDependency[Platforms],
    ) -> None:  # fmt: skip
        """Link whom a token of the configured issuer names. Needs the password where there is one."""
        caller = caller_of(request)
        proven_user(database, entry, passwords, data.password)
        who = signing_in.once(database, platforms, data.token)
        with database.begin(entry) as uow:
            own_user(uow)
            signing_in.link(uow, who, caller)

    @delete("/{identity_id:uuid}", sync_to_thread=True, status_code=204)
    def unlink(
        self, request: Asked, identity_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> None:
        """Unlink a sign-in, after a login of the last 15 minutes. The last way into an account cannot be removed."""
        with database.begin(entry) as uow:
            own_user(uow)
            needs_fresh_login(uow, now=datetime.now(UTC))
            signing_in.unlink(uow, identity_id, caller_of(request))
