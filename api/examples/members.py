"""Examples of members and invitations."""

from datetime import timedelta

from api.examples.shape import INVITATION, NOON, OTHER, USER, WORKSPACE, Example
from api.invitations import AcceptIn, InvitationIn, InvitationOut, InvitationsOut, JoinIn
from api.me import ProfileOut
from api.members import MemberOut, MembersOut, RoleIn
from api.tenants import WorkspaceOut
from domain.roles import Role

_ANA = MemberOut(
    user_id=USER, email="ana@example.org", full_name="Ana Example", role=Role.OWNER, joined_at=NOON, is_active=True, is_verified=True,
    has_second_factor=True,
)  # fmt: skip
_BO = MemberOut(
    user_id=OTHER, email="bo@example.org", full_name=None, role=Role.VIEWER, joined_at=NOON, is_active=True, is_verified=True,
    has_second_factor=False,
)  # fmt: skip
_SENT = InvitationOut(
    invitation_id=INVITATION, email="bo@example.org", role=Role.VIEWER, state="open", invited_by=USER, created_at=NOON,
    expires_at=NOON + timedelta(days=7), accepted_at=None, revoked_at=None,
)  # fmt: skip
_CODE, _WORDS = "the-code-of-the-mail", "correct horse battery"

EXAMPLES = {
    "GET /members": Example(MembersOut(items=[_ANA, _BO], seats_used=2, seats_limit=5)),
    "PATCH /members/{user_id}": Example(_BO, RoleIn(role=Role.VIEWER)),
    "GET /invitations": Example(InvitationsOut(items=[_SENT])),
    "POST /invitations": Example(_SENT, InvitationIn(email="bo@example.org", role=Role.VIEWER)),
    "POST /invitations/{invitation_id}/resend": Example(_SENT),
    "POST /invitations/accept": Example(
        WorkspaceOut(workspace_id=WORKSPACE, workspace="Example Kitchen", role="viewer", plan="free", is_demo=False), AcceptIn(token=_CODE)
    ),
    "POST /invitations/register": Example(
        ProfileOut(
            user_id=OTHER, email="bo@example.org", full_name=None, workspace_id=WORKSPACE, workspace="Example Kitchen", role="viewer",
            plan="free", is_demo=False, company_name=None, profile_image=None, settings={}, is_verified=True,
        ),
        JoinIn(token=_CODE, password=_WORDS),
    ),
}  # fmt: skip
