"""Examples of the door and of health."""

from datetime import timedelta

import msgspec

from api.audit import AuditEntryOut
from api.examples.shape import KEY, NOON, OTHER, SESSION, USER, WORKSPACE, Example
from api.health import Details, Health, Identity
from api.identity import LoginIn, RefreshIn, RegisterIn, StatusOut
from api.keys import KeyChange, KeyIn, KeyOut, KeysOut, RotateIn
from api.me import ProfileIn, ProfileOut, SessionOut, SessionsOut
from api.pages import Page
from api.passwords import AskedOut, NewPasswordIn, PasswordIn, ResetIn, VerifyIn
from api.session_answers import TokenOut
from api.switching import SwitchedOut, SwitchIn
from api.tenants import HeirIn, WorkspaceIn, WorkspaceOut, WorkspacesOut
from domain.roles import Role

_PROFILE = ProfileOut(
    user_id=USER, email="ana@example.org", full_name="Ana Example", workspace_id=WORKSPACE, workspace="Example Kitchen", role="owner",
    plan="free", is_demo=False, company_name="Example Kitchen Ltd", profile_image=None, settings={"theme": "dark"}, is_verified=True,
)  # fmt: skip
_KEY = KeyOut(
    key_id=KEY, user_id=USER, name="nightly export", prefix="whyral_01931c00", scopes=["read"], created_at=NOON, last_used_at=None,
    expires_at=None, revoked_at=None, rotated_at=None, old_until=None,
)  # fmt: skip
_MADE = msgspec.structs.replace(_KEY, key="whyral_01931c00_shown-only-once")
_ROTATED = msgspec.structs.replace(_MADE, rotated_at=NOON, old_until=NOON + timedelta(hours=24))
_SPACE = WorkspaceOut(workspace_id=WORKSPACE, workspace="Example Kitchen", role="owner", plan="free", is_demo=False)
_WORDS, _SIGNED, _SCHEME = "correct horse battery", "eyJhbGciOiJIUzI1NiJ9...", "Bearer"
_MAILED, _NEXT = "the-token-of-the-mail", "whr_AZMcAAA..."
_TOKENS = TokenOut(
    access_token=_SIGNED, token_type=_SCHEME, expires_in=1800, workspace_id=WORKSPACE, session_id=SESSION, refresh_token=_NEXT,
    refresh_expires_in=604_800,
)  # fmt: skip
_SESSION = SessionOut(
    session_id=SESSION, workspace_id=WORKSPACE, kind="cookie", created_at=NOON, used_at=NOON, expires_at=NOON, address="198.51.100.7",
    user_agent="Mozilla/5.0", is_current=True,
)  # fmt: skip
_HEALTHY = Example(Health(status="healthy"))

EXAMPLES = {
    "GET /": Example(Identity(service="whyral", version="1.0.0", status="operational", docs="/docs")),
    "GET /health": _HEALTHY,
    "GET /health/live": _HEALTHY,
    "GET /health/ready": _HEALTHY,
    "GET /health/detailed": Example(
        Details(status="degraded", components={"database": "healthy", "files": "healthy", "dagster_webserver": "not reachable"})
    ),
    "GET /openapi.json": Example({"openapi": "3.1.0", "info": {"title": "Whyral", "version": "1.0.0"}, "paths": {}}),
    "POST /auth/register": Example(
        _PROFILE,
        RegisterIn(email="ana@example.org", password=_WORDS, workspace="Example Kitchen", full_name="Ana Example"),
    ),
    "POST /auth/login": Example(_TOKENS, LoginIn(email="ana@example.org", password=_WORDS)),
    "POST /auth/refresh": Example(_TOKENS, RefreshIn(refresh_token=_TOKENS.refresh_token)),
    "GET /auth/status": Example(StatusOut(is_authenticated=True, credential="session", user_id=USER, workspace_id=WORKSPACE)),
    "POST /auth/password-reset": Example(AskedOut(), ResetIn(email="ana@example.org")),
    "POST /auth/password-reset/confirm": Example(None, NewPasswordIn(token=_MAILED, password=_WORDS)),
    "POST /auth/verify-email": Example(None, VerifyIn(token=_MAILED)),
    "GET /me": Example(_PROFILE),
    "PATCH /me": Example(_PROFILE, ProfileIn(company_name="Example Kitchen Ltd", settings={"theme": "dark"})),
    "POST /me/password": Example(None, PasswordIn(current_password=_WORDS, new_password=f"{_WORDS} staple")),
    "GET /me/sessions": Example(SessionsOut(items=[_SESSION])),
    "GET /tenants": Example(
        WorkspacesOut(items=[_SPACE]),
    ),
    "POST /tenants": Example(_SPACE, WorkspaceIn(workspace="Example Kitchen")),
    "PATCH /tenants/current": Example(_SPACE, WorkspaceIn(workspace="Example Kitchen")),
    "POST /tenants/current/transfer": Example(msgspec.structs.replace(_SPACE, role="admin"), HeirIn(user_id=OTHER)),
    "POST /auth/switch": Example(
        SwitchedOut(workspace_id=WORKSPACE, role=Role.OWNER, access_token=_SIGNED, token_type=_SCHEME, expires_in=1800),
        SwitchIn(workspace_id=WORKSPACE),
    ),
    "GET /audit-log": Example(
        Page(
            items=[
                AuditEntryOut(
                    entry_id=KEY,
                    at=NOON,
                    actor=USER,
                    impersonator=None,
                    action="api_key.revoked",
                    subject=str(KEY),
                    details={},
                    address="203.0.113.7",
                    request_id="01931c00-trace",
                )
            ],
            next_cursor=None,
            has_more=False,
        )
    ),
    "GET /audit-log/export": Example(
        'entry_id,at,actor,impersonator,action,subject,details,address,request_id\r\n"01931c00...","2026-11-10T12:00:00+00:00",...\r\n',
        media_type="text/csv",
    ),
    "GET /keys": Example(KeysOut(items=[_KEY])),
    "POST /keys": Example(_MADE, KeyIn(name="nightly export", scopes=["read"])),
    "PATCH /keys/{key_id}": Example(_KEY, KeyChange(name="nightly export")),
    "POST /keys/{key_id}/rotate": Example(_ROTATED, RotateIn()),
}
