"""Members of a workspace and invitations to it: who may change whom, what is still open, how fresh a login has to be.

What a role may do is in `domain.roles`; joining is counted and done in the database (`store.invitations`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import Conflict, FieldProblem, Refused, Unacceptable
from domain.identity import EMAIL
from domain.roles import Role, outranks

INVITATION_LIFE = timedelta(days=7)
MOST_OWNED = 5
# Twenty at once, then twenty a day.
INVITATION_MAILS = (20, 20 / 86_400)
FRESH = timedelta(minutes=15)
OVERLAP, LONGEST_OVERLAP = timedelta(hours=24), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the workspace. `is_active`: false where they deactivated themselves, or were by an administrator."""

    user_id: UUID
    email: str
    full_name: str | None
    role: Role
    joined_at: datetime
    is_active: bool
    is_verified: bool
    has_second_factor: bool


def name_of(person: Member) -> str:
    """How people are called in mails."""
    return f"{person.full_name} ({person.email})" if person.full_name else person.email


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that was sent to an address; its secret is in the mail only."""

    invitation_id: UUID
    email: str
    role: Role
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """One of open, accepted, revoked, expired."""
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class Seats:
    """Taken by members and by open invitations. `limit` is None where the plan sets none."""

    members: int
    invited: int
    limit: int | None

    @property
    def used(self) -> int:
        return self.members + self.invited

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.used >= self.limit


@dataclass(frozen=True, slots=True)
class Login:
    """How a session was opened. `has_factor`: its user has a second factor."""

    opened_at: datetime
    second_factor_at: datetime | None
    has_factor: bool

    def is_fresh(self, now: datetime) -> bool:
        """Within the last 15 minutes: by the second factor where there is one, else by the login itself."""
        proven = self.second_factor_at if self.has_factor else self.opened_at
        return proven is not None and now - proven <= FRESH


def check_change(mine: Role, theirs: Role, *, is_self: bool, to: Role | None = None) -> None:
    """Whether a manager may give `to`, or remove where it is None. One manages who ranks below oneself, and gives roles below one's own."""
    if is_self:
        raise Conflict("you cannot change or remove yourself: leave the workspace, or transfer its ownership")
    if to is Role.OWNER:
        raise Unacceptable("the role cannot be given", (FieldProblem("/role", "transfer the ownership instead"),))
    if not outranks(mine, theirs) or (to is not None and not outranks(mine, to)):
        raise Refused(f"as {mine} you manage only members below your own role")


def check_invitation(mine: Role, email: str, role: Role) -> None:
    found = []
    if len(email) > 254 or not EMAIL.fullmatch(email):
        found.append(FieldProblem("/email", "write an e-mail address such as ana@example.org"))
    if role is Role.OWNER:
        found.append(FieldProblem("/role", "choose admin, member or viewer; an owner is made by transfer"))
    if found:
        raise Unacceptable("the invitation cannot be accepted", tuple(found))
    if not outranks(mine, role):
        raise Refused(f"as {mine} you invite only below your own role")


def check_heir(role: Role, *, is_self: bool, is_active: bool) -> None:
    """Whether ownership may go to somebody."""
    if is_self or role in (Role.OWNER, Role.VIEWER) or not is_active:
        problem = FieldProblem("/user_id", "choose another admin or member of this workspace whose user is active")
        raise Unacceptable("the ownership cannot be transferred", (problem,))


def check_overlap(seconds: int) -> timedelta:
    """How long an old secret goes on after a rotation."""
    most = int(LONGEST_OVERLAP.total_seconds())
    if not 0 <= seconds <= most:
        raise Unacceptable("the rotation cannot be accepted", (FieldProblem("/overlap_seconds", f"choose 0 to {most} seconds"),))
    return timedelta(seconds=seconds)
