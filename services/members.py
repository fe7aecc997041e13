"""Members of a workspace: roles, removal, leaving, handing over the ownership. Who may is in `domain.members`."""

from datetime import datetime
from uuid import UUID

from domain.errors import Conflict, Refused, Unauthenticated
from domain.members import Member, check_change, check_heir, name_of
from domain.roles import Action, Role, may
from services import mailing
from store.ids import new_id
from store.work import UnitOfWork


def caller(uow: UnitOfWork) -> UUID:
    if uow.user_id is None:
        raise Unauthenticated("the credential names no user")
    return uow.user_id


def managing(uow: UnitOfWork) -> tuple[str, Member]:
    """From here on nobody else changes members. Returns the workspace's name, and the caller as they are now. Raises Refused."""
    workspace, mine = uow.members.lock(), _mine(uow)
    if not may(mine.role, Action.MANAGE_MEMBERS):
        raise Refused("you do not manage the members of this workspace any more")
    return workspace, mine


def give_role(uow: UnitOfWork, user_id: UUID, role: Role) -> Member:
    """Raises Conflict for oneself, Refused where the member or the role does not rank below the caller's."""
    (_, mine), theirs = managing(uow), uow.members.get(user_id)
    check_change(mine.role, theirs.role, is_self=user_id == mine.user_id, to=role)
    if role is not theirs.role:
        uow.members.set_role(user_id, role)
        _note(uow, "member.role_changed", user_id, before={"role": theirs.role}, after={"role": role})
    return uow.members.get(user_id)


def remove(uow: UnitOfWork, user_id: UUID) -> None:
    """Their keys of this workspace go, their sessions in it end, they are told by mail."""
    (workspace, mine), theirs = managing(uow), uow.members.get(user_id)
    check_change(mine.role, theirs.role, is_self=user_id == mine.user_id)
    keys = uow.members.remove(user_id, "removed")
    _note(uow, "member.removed", user_id, before={"role": theirs.role, "keys": keys}, after=None)
    mailing.send_removed(uow, theirs.email, event=str(new_id()), workspace=workspace)


def leave(uow: UnitOfWork) -> None:
    """Keys and mails of the member go, and with their last workspace the user; what they made stays, under an id that names nobody.

    Raises Conflict for the owner, as a workspace always has one, and for who still owns channels.
    """
    uow.members.lock()
    mine = _mine(uow)
    if mine.role is Role.OWNER:
        raise Conflict("you own this workspace: transfer its ownership first, or erase it")
    if uow.rows.owns_channels(mine.user_id):
        raise Conflict("you own channels here: transfer them, or archive them and hand them over first")
    uow.rows.forget_mails(mine.email)
    keys = uow.members.remove(mine.user_id, "left")
    _note(uow, "member.left", mine.user_id, before={"role": mine.role, "keys": keys}, after=None)
    uow.rows.forget_user(mine.user_id)


def transfer(uow: UnitOfWork, heir: UUID) -> None:
    """Another admin or member becomes the owner, the owner an admin. Both are told by mail."""
    workspace = uow.members.lock()
    mine, theirs = _mine(uow), uow.members.get(heir)
    if mine.role is not Role.OWNER:
        raise Refused("the ownership of this workspace is somebody else's by now")
    check_heir(theirs.role, is_self=heir == mine.user_id, is_active=theirs.is_active)
    uow.members.set_role(mine.user_id, Role.ADMIN)
    uow.members.set_role(heir, Role.OWNER)
    _note(uow, "ownership.given", mine.user_id, before={"role": Role.OWNER}, after={"role": Role.ADMIN, "owner": heir})
    _note(uow, "ownership.taken", heir, before={"role": theirs.role, "owner": mine.user_id}, after={"role": Role.OWNER})
    for each in (mine, theirs):
        names = {"before": name_of(mine), "after": name_of(theirs)}
        mailing.send_ownership_changed(uow, each.email, event=str(new_id()), workspace=workspace, **names)


def needs_fresh_login(uow: UnitOfWork, *, now: datetime) -> None:
    """For what cannot be taken back: the session's login, or its second factor where the user has one, is at most 15 minutes old."""
    if uow.session is None or not uow.members.login(uow.session.session_id).is_fresh(now):
        raise Refused("this needs a login, or your second factor, of the last 15 minutes: log in again")


def _mine(uow: UnitOfWork) -> Member:
    """The caller as they are now that nobody else changes members."""
    return uow.members.get(caller(uow))


def _note(uow: UnitOfWork, action: str, user_id: UUID, *, before: dict[str, object] | None, after: dict[str, object] | None) -> None:
    uow.trust.note(action, str(user_id), actor=uow.user_id, details={"before": before, "after": after})
