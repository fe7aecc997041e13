"""Examples of the door and of health."""

from api.examples.shape import KEY, NOON, USER, WORKSPACE, Example
from api.health import Details, Health, Identity
from api.identity import KeyIn, KeyOut, KeysOut, LoginIn, ProfileOut, RegisterIn
from api.session_answers import TokenOut
from api.tenants import WorkspaceOut, WorkspacesOut

_PROFILE = ProfileOut(
    user_id=USER, email="ana@example.org", full_name="Ana Example", workspace_id=WORKSPACE, workspace="Example Kitchen", role="owner",
    plan="free", is_demo=False
)  # fmt: skip
_KEY = KeyOut(
    key_id=KEY, name="nightly export", prefix="whyral_01931c00", scopes=["read"], created_at=NOON, last_used_at=None, expires_at=None,
    revoked_at=None
)  # fmt: skip
_MADE = KeyOut(
    key_id=KEY, name="nightly export", prefix="whyral_01931c00", scopes=["read"], created_at=NOON, last_used_at=None, expires_at=None,
    revoked_at=None, key="whyral_01931c00_shown-only-once",
)  # fmt: skip
_WORDS, _SIGNED, _SCHEME = "correct horse battery", "eyJhbGciOiJIUzI1NiJ9...", "Bearer"
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
    "POST /auth/login": Example(
        TokenOut(access_token=_SIGNED, token_type=_SCHEME, expires_in=900, workspace_id=WORKSPACE),
        LoginIn(email="ana@example.org", password=_WORDS),
    ),
    "GET /me": Example(_PROFILE),
    "GET /tenants": Example(
        WorkspacesOut(items=[WorkspaceOut(workspace_id=WORKSPACE, workspace="Example Kitchen", role="owner", plan="free", is_demo=False)]),
    ),
    "GET /keys": Example(KeysOut(items=[_KEY])),
    "POST /keys": Example(_MADE, KeyIn(name="nightly export", scopes=["read"])),
}
