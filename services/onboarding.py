"""A new user: the rows, and the partition that their workspace's runs will have."""

from uuid import UUID

import structlog

from domain.errors import Conflict, SourceFailed
from domain.identity import Profile
from domain.ports import RunLauncher
from services.account_mails import AccountMails
from services.passwords import send_verification
from services.sessions import Caller, note
from store.database import Database
from store.ids import new_id

log = structlog.get_logger(name=__name__, category="AUTH")


def register(  # noqa: PLR0913 - a new user, and whom to tell
    database: Database, launcher: RunLauncher, email: str, password_hash: str, names: tuple[str | None, str], *, is_demo: bool = False,
    caller: Caller | None = None, mails: AccountMails | None = None,
) -> Profile:  # fmt: skip
    """Commit the new user and workspace, then tell Dagster, best effort: the sensor repairs what could not be told.

    `mails` None: nobody is asked whether the address is theirs.
    """
    user_id, tenant_id = new_id(), new_id()
    caller = caller or Caller("")
    try:
        with database.begin_anonymous() as uow:
            uow.identity.register(
                user_id=user_id, tenant_id=tenant_id, email=email, password_hash=password_hash, names=names, is_demo=is_demo
            )
            note(uow, "signup", caller, user_id=user_id, email=email)
    except Conflict:
        with database.begin_anonymous() as uow:
            note(uow, "signup", caller, is_success=False, email=email, reason="address_taken")
        raise
    return welcome(database, launcher, user_id, tenant_id, mails=mails)


def welcome(database: Database, launcher: RunLauncher, user_id: UUID, tenant_id: UUID, *, mails: AccountMails | None = None) -> Profile:
    """After the rows of a new user are committed. `mails` None: nobody is asked whether the address is theirs."""
    with database.begin(tenant_id) as uow:
        uow.trust.note("user.registered", str(user_id), actor=user_id)
        profile = uow.identity.profile(user_id)
    if mails is not None:
        send_verification(database, mails, profile)
    try:
        launcher.add_tenant(tenant_id)
    except SourceFailed as error:
        log.info("the sensor will add the tenant's partition", reason=str(error))
    return profile
