"""A new user: the rows, and the partition that their workspace's runs will have."""

from uuid import UUID

import structlog

from domain.errors import SourceFailed
from domain.identity import Profile
from domain.ports import RunLauncher
from store.database import Database
from store.ids import new_id

log = structlog.get_logger()


def register(
    database: Database, launcher: RunLauncher, email: str, password_hash: str, names: tuple[str | None, str], *, is_demo: bool = False
) -> Profile:
    """Commit the new user and workspace, then tell Dagster, best effort: the sensor repairs what could not be told."""
    user_id, tenant_id = new_id(), new_id()
    with database.begin_anonymous() as uow:
        uow.identity.register(user_id=user_id, tenant_id=tenant_id, email=email, password_hash=password_hash, names=names, is_demo=is_demo)
    return welcome(database, launcher, user_id, tenant_id)


def welcome(database: Database, launcher: RunLauncher, user_id: UUID, tenant_id: UUID) -> Profile:
    """After the rows of a new user are committed."""
    with database.begin(tenant_id) as uow:
        uow.trust.note("user.registered", str(user_id), actor=user_id)
        profile = uow.identity.profile(user_id)
    try:
        launcher.add_tenant(tenant_id)
    except SourceFailed as error:
        log.info("the sensor will add the tenant's partition", reason=str(error))
    return profile
