"""Registering, logging in, who am I. API keys are in `api.keys`."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.addresses import client_of
from api.security import BEARER, PUBLIC, known_caller
from domain.errors import LimitReached, Refused, Unauthenticated
from domain.identity import Profile, check_registration
from domain.ports import RunLauncher
from gateways.credentials import SESSION_ENDS, SESSION_LIFE, TOKEN_LIFE, Passwords, Tokens
from services.identity import PER_EMAIL, slow_down
from services.onboarding import register
from store.database import Database, Entry


class RegisterIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new user with a workspace of their own."""

    email: str
    password: str
    workspace: str
    full_name: str | None = None


class LoginIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """E-mail and password; `workspace_id` where the user has several."""

    email: str
    password: str
    workspace_id: UUID | None = None


class TokenOut(msgspec.Struct, frozen=True, kw_only=True):
    """A short-lived bearer token."""

    access_token: str
    token_type: str
    expires_in: int
    workspace_id: UUID


class ProfileOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who the caller is."""

    user_id: UUID
    email: str
    full_name: str | None
    workspace_id: UUID
    workspace: str
    role: str
    plan: str
    is_demo: bool

    @classmethod
    def of(cls, profile: Profile) -> "ProfileOut":
        return cls(
            user_id=profile.user_id,
            email=profile.email,
            full_name=profile.full_name,
            workspace_id=profile.tenant_id,
            workspace=profile.tenant_name,
            role=profile.role,
            plan=profile.plan,
            is_demo=profile.is_demo,
        )


class AuthController(Controller):
    """The door. Public, and rate-limited by address."""

    path = "/auth"
    tags = ["identity"]
    security = PUBLIC

    @post("/register", sync_to_thread=True, status_code=201)
    def sign_up(
        self,
        data: JSONBody[RegisterIn],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
        launcher: NamedDependency[RunLauncher],
    ) -> ProfileOut:
        """Register: a user, a workspace, the membership as owner and a free subscription."""
        check_registration(data.email, data.password, data.workspace, data.full_name)
        _hold_back(database, data.email, request)
        return ProfileOut.of(
            register(database, launcher, data.email, passwords.hash(data.password), (data.full_name, data.workspace.strip()))
        )

    @post("/login", sync_to_thread=True, status_code=200)
    def log_in(
        self,
        data: JSONBody[LoginIn],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
        tokens: NamedDependency[Tokens],
    ) -> TokenOut:
        """Log in with e-mail and password. The answer to a wrong password and to an unknown address is the same."""
        _hold_back(database, data.email, request)
        with database.begin_anonymous() as uow:
            found = uow.identity.login(data.email)
        is_right = passwords.verify(data.password, found.password_hash if found else None)
        if found is None or not is_right or not found.is_active or not found.tenants:
            raise Unauthenticated("the e-mail address or the password is wrong")
        tenant_id = data.workspace_id or found.tenants[0]
        if tenant_id not in found.tenants:
            raise Refused("you are not a member of that workspace")
        with database.begin_anonymous() as uow:
            session_id = uow.sessions.open(
                user_id=found.user_id, tenant_id=tenant_id, kind="tokens", good_for=SESSION_LIFE, at_most=SESSION_ENDS,
                address=request.client.host if request.client else None, user_agent=request.headers.get("user-agent"),
            )  # fmt: skip
        token = tokens.issue(user_id=found.user_id, tenant_id=tenant_id, session_id=session_id, now=datetime.now(UTC))
        return TokenOut(access_token=token, token_type="Bearer", expires_in=int(TOKEN_LIFE.total_seconds()), workspace_id=tenant_id)  # noqa: S106 - a scheme


class MeController(Controller):
    """The caller."""

    path = "/me"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def me(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ProfileOut:
        """Who am I: the user, the workspace, the role in it and its plan."""
        with database.begin(entry) as uow:
            return ProfileOut.of(uow.identity.profile(_user(uow.user_id)))


def _user(user_id: UUID | None) -> UUID:
    if user_id is None:
        raise Unauthenticated("the credential names no user")
    return user_id


def _hold_back(database: Database, email: str, request: Request[Any, Any, Any]) -> None:
    with database.begin_anonymous() as uow:
        seconds = slow_down(uow, email=email, address=client_of(request.scope))
    if seconds > 0:
        raise LimitReached("login attempts", PER_EMAIL[0], PER_EMAIL[0], datetime.now(UTC) + timedelta(seconds=seconds))
