"""Registering, logging in and out. Profile and sessions of the caller are in `api.me`, passwords in `api.passwords`, keys in `api.keys`."""

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.addresses import caller_of
from api.me import ProfileOut
from api.security import BEARER, PUBLIC, entry_of, known_caller
from api.session_answers import CookieOut, SecondFactorOut, SessionAnswers, TokenOut
from domain.errors import Unauthenticated
from domain.identity import check_registration
from domain.ports import RunLauncher
from domain.sign_in import Person
from gateways.credentials import Passwords
from services.identity import Guesser, slow_down
from services.logging_in import admit
from services.logins import Attempt, proven, too_many
from services.onboarding import register
from services.passwords import PasswordCare
from services.sessions import log_out, refresh
from store.database import Database, Entry, SessionEntry


class RegisterIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new user with a workspace of their own."""

    email: str
    password: str
    workspace: str
    full_name: str | None = None


class LoginIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """E-mail and password; `workspace_id` where the user has several. `session`: tokens for programs, or a cookie for a browser."""

    email: str
    password: str
    workspace_id: UUID | None = None
    session: Literal["tokens", "cookie"] = "tokens"


class RefreshIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The refresh token of the last answer."""

    refresh_token: str


class StatusOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the credential of this call is good, and what it is: a session or an API key."""

    is_authenticated: bool
    credential: Literal["session", "key"] | None = None
    user_id: UUID | None = None
    workspace_id: UUID | None = None


class AuthController(Controller):
    """The door. Public, and rate-limited by account and address."""

    path = "/auth"
    tags = ["identity"]
    security = PUBLIC

    @post("/register", sync_to_thread=True, status_code=201)
    def sign_up(
        self,
        data: JSONBody[RegisterIn],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        care: NamedDependency[PasswordCare],
        launcher: NamedDependency[RunLauncher],
    ) -> ProfileOut:
        """Register: a user, a workspace, the membership as owner and a free subscription. A mail asks whether the address is theirs."""
        names = (data.full_name, data.workspace.strip())
        check_registration(data.email, data.password, names, care.common)
        caller = caller_of(request)
        with database.begin_anonymous() as uow:
            seconds = slow_down(uow, Guesser(data.email, caller.address))
        if seconds > 0:
            raise too_many(seconds)
        made = care.hashing.hash(data.password)
        return ProfileOut.of(register(database, launcher, data.email, made, names, caller=caller, mails=care.mails))

    @post("/login", sync_to_thread=True, status_code=200)
    def log_in(
        self,
        data: JSONBody[LoginIn],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
        answers: NamedDependency[SessionAnswers],
    ) -> Response[TokenOut | CookieOut | SecondFactorOut]:
        """Log in with e-mail and password; a second factor may be asked for. Wrong passwords and unknown addresses get the same answer."""
        if data.session == "cookie":
            answers.browsers.check_origin(request.headers)
        attempt = Attempt(data.email, caller_of(request), answers.browsers.device_of(request.cookies)[1])
        found = proven(database, passwords, attempt, data.password)
        person = Person(found.user_id, is_active=found.is_active, tenants=found.tenants)
        device, wanted = answers.arriving(request.cookies, data.session, data.workspace_id)
        return answers.admitted(admit(database, person, wanted, attempt.caller, way="password"), data.session, device)

    @post("/refresh", sync_to_thread=True, status_code=200)
    def refresh(
        self,
        data: JSONBody[RefreshIn],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        answers: NamedDependency[SessionAnswers],
    ) -> Response[TokenOut]:
        """The next pair of tokens. Each refresh token is good once; whoever uses an older one ends the session."""
        session_id, counter = answers.secrets.read_refresh_token(data.refresh_token)
        return answers.refreshed(session_id, refresh(database, session_id, counter, caller_of(request)))

    @get("/status", sync_to_thread=True)
    def status(self, request: Request[Any, Any, Any], database: NamedDependency[Database]) -> StatusOut:
        """Whether the caller is logged in. A credential that is not good is no error here."""
        try:
            with database.begin(entry_of(request, request.app.state.tokens, request.app.state.browsers)) as uow:
                kind: Literal["session", "key"] = "session" if uow.session else "key"
                return StatusOut(is_authenticated=True, credential=kind, user_id=uow.user_id, workspace_id=uow.tenant_id)
        except Unauthenticated:
            return StatusOut(is_authenticated=False)


class LogoutController(Controller):
    """The way out."""

    path = "/auth/logout"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=204)
    def log_out(
        self,
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        answers: NamedDependency[SessionAnswers],
        entry: NamedDependency[Entry],
    ) -> Response[None]:
        """End this session, on all workers at once. Nothing else: connections to platforms and API keys go on."""
        with database.begin(entry) as uow:
            log_out(uow, caller_of(request))
        return answers.ended(came_by_cookie=isinstance(entry, SessionEntry) and entry.secret_hash is not None)
