"""Registering, logging in, who am I, API keys."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.idempotency import IdempotencyKey, once
from api.security import BEARER, PUBLIC, known_caller, needs_write
from domain.errors import LimitReached, Refused, Unauthenticated
from domain.identity import ApiKey, Profile, check_key, check_registration
from domain.ports import RunLauncher
from gateways.credentials import SESSION_ENDS, SESSION_LIFE, TOKEN_LIFE, Passwords, Tokens, new_key
from services import identity
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
    # Who acts as the user: show it all the time.
    impersonated_by: UUID | None = None

    @classmethod
    def of(cls, profile: Profile, impersonated_by: UUID | None = None) -> "ProfileOut":
        return cls(
            user_id=profile.user_id,
            email=profile.email,
            full_name=profile.full_name,
            workspace_id=profile.tenant_id,
            workspace=profile.tenant_name,
            role=profile.role,
            plan=profile.plan,
            is_demo=profile.is_demo,
            impersonated_by=impersonated_by,
        )


class FeaturesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Switches by name."""

    features: dict[str, bool]


class KeyIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for a program. `expires_at` null: it does not expire."""

    name: str
    scopes: list[str] = msgspec.field(default_factory=lambda: ["read", "write"])
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class KeyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A key; `key` is the secret itself and shown only once, in the answer that makes it."""

    key_id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    key: str | None = None

    @classmethod
    def of(cls, key: ApiKey, plain: str | None = None) -> "KeyOut":
        return cls(
            key_id=key.key_id,
            name=key.name,
            prefix=key.prefix,
            scopes=list(key.scopes),
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            key=plain,
        )


class KeysOut(msgspec.Struct, frozen=True, kw_only=True):
    """All keys of the workspace, newest first, revoked ones too."""

    items: list[KeyOut]


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
            return ProfileOut.of(uow.identity.profile(_user(uow.user_id)), uow.session.impersonator if uow.session else None)

    @get("/features", sync_to_thread=True)
    def features(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> FeaturesOut:
        """Which feature switches are on for the workspace."""
        with database.begin(entry) as uow:
            return FeaturesOut(features=dict(uow.switches.all()))


class KeyController(Controller):
    """API keys of the workspace."""

    path = "/keys"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_keys(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> KeysOut:
        """List the keys; secrets are never shown again."""
        with database.begin(entry) as uow:
            return KeysOut(items=[KeyOut.of(key) for key in uow.identity.api_keys()])

    @post("/", sync_to_thread=True)
    def make_key(
        self,
        data: JSONBody[KeyIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Make a key. Its secret is in this answer only."""
        check_key(data.name, data.expires_at, now=datetime.now(UTC))
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[KeyOut, int, dict[str, str]]:
                made = identity.make_key(
                    uow, new_key, user_id=_user(uow.user_id), name=data.name.strip(), scopes=tuple(data.scopes), expires_at=data.expires_at
                )
                return KeyOut.of(made.key, made.plain), 201, {"Cache-Control": "no-store"}

            # A repeated call is told which key it made; the secret was in the first answer only and is kept nowhere.
            return once(
                uow,
                idempotency_key,
                route="POST /keys",
                body=data,
                effect=effect,
                kept=lambda made: msgspec.structs.replace(made, key=None),
            )

    @delete("/{key_id:uuid}", sync_to_thread=True, status_code=204)
    def revoke_key(self, key_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Revoke a key, at once and for good."""
        with database.begin(entry) as uow:
            needs_write(uow)
            uow.identity.revoke_key(key_id, now=datetime.now(UTC))
            uow.trust.note("api_key.revoked", str(key_id), actor=uow.user_id)


def _user(user_id: UUID | None) -> UUID:
    if user_id is None:
        raise Unauthenticated("the credential names no user")
    return user_id


def _hold_back(database: Database, email: str, request: Request[Any, Any, Any]) -> None:
    with database.begin_anonymous() as uow:
        seconds = slow_down(uow, email=email, address=request.client.host if request.client else "")
    if seconds > 0:
        raise LimitReached("login attempts", PER_EMAIL[0], PER_EMAIL[0], datetime.now(UTC) + timedelta(seconds=seconds))
