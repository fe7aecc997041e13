"""The caller: profile and sessions. Passwords are in `api.passwords`, logging in is in `api.identity`."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, delete, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from api.addresses import caller_of
from api.security import BEARER, known_caller, needs
from domain.errors import FieldProblem, Unacceptable, Unauthenticated
from domain.identity import Profile, profile_problems
from domain.roles import Action
from domain.sessions import KnownSession
from services.sessions import end_others, end_own, own_session
from store.database import Database, Entry

_SETTINGS_BYTES = 16_384


class ProfileOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who the caller is. `is_verified`: the address is known to be theirs. `settings` are the front end's own."""

    user_id: UUID
    email: str
    full_name: str | None
    workspace_id: UUID
    workspace: str
    role: str
    plan: str
    is_demo: bool
    company_name: str | None
    profile_image: str | None
    settings: dict[str, Any]
    is_verified: bool
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
            company_name=profile.company_name,
            profile_image=profile.profile_image,
            settings=dict(profile.settings),
            is_verified=profile.is_verified,
            impersonated_by=impersonated_by,
        )


class FeaturesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Switches by name."""

    features: dict[str, bool]


class ProfileIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change; what is left out stays. `settings` are kept as they are sent, as a whole, up to 16 KiB."""

    full_name: str | UnsetType | None = UNSET
    company_name: str | UnsetType | None = UNSET
    profile_image: str | UnsetType | None = UNSET
    settings: dict[str, Any] | UnsetType = UNSET


class SessionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A live session of the caller. `kind`: tokens, cookie, or impersonation (an administrator who acts as the user)."""

    session_id: UUID
    workspace_id: UUID | None
    kind: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None
    is_current: bool

    @classmethod
    def of(cls, found: KnownSession, current: UUID) -> "SessionOut":
        return cls(
            session_id=found.session_id, workspace_id=found.tenant_id, kind=found.kind, created_at=found.created_at, used_at=found.used_at,
            expires_at=found.expires_at, address=found.address, user_agent=found.user_agent, is_current=found.session_id == current,
        )  # fmt: skip


class SessionsOut(msgspec.Struct, frozen=True, kw_only=True):
    """All live sessions of the caller, newest first."""

    items: list[SessionOut]


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
            return ProfileOut.of(uow.identity.profile(user_of(uow.user_id)), uow.session.impersonator if uow.session else None)

    @get("/features", sync_to_thread=True)
    def features(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> FeaturesOut:
        """Which feature switches are on for the workspace."""
        with database.begin(entry) as uow:
            return FeaturesOut(features=dict(uow.switches.all()))

    @patch("/", sync_to_thread=True)
    def change_me(self, data: JSONBody[ProfileIn], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ProfileOut:
        """Change your own profile: the fields that are sent."""
        changes = {name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not UNSET}
        _check(changes)
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_SELF)
            uow.users.change_profile(changes)
            return ProfileOut.of(uow.identity.profile(user_of(uow.user_id)))

    @get("/sessions", sync_to_thread=True)
    def list_sessions(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> SessionsOut:
        """List your live sessions, newest first. Needs a session."""
        with database.begin(entry) as uow:
            current = own_session(uow).session_id
            return SessionsOut(items=[SessionOut.of(each, current) for each in uow.sessions.own()])

    @delete("/sessions", sync_to_thread=True, status_code=204)
    def end_other_sessions(
        self, request: Request[Any, Any, Any], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> None:
        """End all of your sessions but this one, at once. Needs a session."""
        with database.begin(entry) as uow:
            end_others(uow, caller_of(request))

    @delete("/sessions/{session_id:uuid}", sync_to_thread=True, status_code=204)
    def end_session(
        self,
        session_id: FromPath[UUID],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
    ) -> None:
        """End one of your sessions, at once. Needs a session."""
        with database.begin(entry) as uow:
            end_own(uow, session_id, caller_of(request))


def user_of(user_id: UUID | None) -> UUID:
    if user_id is None:
        raise Unauthenticated("the credential names no user")
    return user_id


def _check(changes: dict[str, Any]) -> None:
    problems = profile_problems(changes)
    if len(msgspec.json.encode(changes.get("settings", {}))) > _SETTINGS_BYTES:
        problems += (FieldProblem("/settings", f"keep them below {_SETTINGS_BYTES:,} bytes"),)
    if problems:
        raise Unacceptable("the profile cannot be accepted", problems)
