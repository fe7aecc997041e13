"""What a user does with workspaces of their own: make another one, name it, go to another one, or go altogether."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from domain.errors import Conflict, LimitReached, Refused, SourceFailed
from domain.identity import Membership, check_name
from domain.members import MOST_OWNED
from domain.ports import RunLauncher
from domain.roles import Role
from services.members import caller, needs_fresh_login
from store.ids import new_id
from store.work import UnitOfWork

log = structlog.get_logger()


def add(uow: UnitOfWork, name: str) -> Membership:
    """A workspace that the caller owns, with a free subscription. Tell Dagster after the commit (`announce`)."""
    check_name(name, "/workspace")
    user_id, tenant_id = caller(uow), new_id()
    owned = uow.members.add_workspace(tenant_id, name.strip(), most=MOST_OWNED)
    if owned >= MOST_OWNED:
        raise LimitReached("workspaces that you own", MOST_OWNED, owned)
    with uow.visiting(tenant_id, user_id) as there:
        there.trust.note("workspace.made", str(tenant_id), actor=user_id, details={"before": None, "after": {"name": name.strip()}})
    return named(uow, tenant_id)


def announce(launcher: RunLauncher, tenant_id: UUID) -> None:
    """Its partition, best effort: the sensor repairs what could not be told."""
    try:
        launcher.add_tenant(tenant_id)
    except SourceFailed as error:
        log.info("the sensor will add the tenant's partition", reason=str(error))


def rename(uow: UnitOfWork, name: str) -> Membership:
    check_name(name, "/workspace")
    before = uow.members.lock()
    uow.members.rename_workspace(name.strip())
    uow.trust.note(
        "workspace.renamed", str(uow.tenant_id), actor=uow.user_id, details={"before": {"name": before}, "after": {"name": name.strip()}}
    )
    return named(uow, uow.tenant_id)


def named(uow: UnitOfWork, tenant_id: UUID) -> Membership:
    """A workspace of the caller's user."""
    return next(each for each in uow.identity.workspaces(caller(uow)) if each.tenant_id == tenant_id)


@dataclass(frozen=True, slots=True)
class Moved:
    """A session that went to another workspace."""

    session_id: UUID
    user_id: UUID
    role: Role


def switch(uow: UnitOfWork, workspace: UUID) -> Moved:
    """Raises NotFound where the caller is no member there."""
    user_id = caller(uow)
    if uow.session is None:
        raise Refused("only a session can switch: log in")
    role = uow.members.switch(uow.session.session_id, workspace)
    uow.sessions.note("switch", is_success=True, user_id=user_id)
    return Moved(uow.session.session_id, user_id, role)


def deactivate(uow: UnitOfWork, *, now: datetime) -> None:
    """The caller's user is let in no more, anywhere. Raises Conflict where others would be left without an owner."""
    needs_fresh_login(uow, now=now)
    user_id = caller(uow)
    for each in uow.identity.workspaces(user_id):
        with uow.visiting(each.tenant_id, user_id) as there:
            there.trust.note(
                "user.deactivated", str(user_id), actor=user_id, details={"before": {"is_active": True}, "after": {"is_active": False}}
            )
    if not uow.members.deactivate():
        raise Conflict("you own a workspace with other members: transfer its ownership first")
