"""What follows once a channel is connected: its account is kept, and its first reading is asked for, once per connection.

New users are in `services.onboarding`; the reading itself is the job of the request.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from domain.connections import Connection, ConnectionStatus, Onboard, Reading, onboarding
from domain.errors import LimitReached, PaymentNeeded, Refused
from domain.ports import Errand, Platforms
from domain.requests import Request
from domain.sources import AccountRead, SourceName
from services.fetching import Fetching
from services.keeping import keep_account
from services.tracking import track
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork


@contextmanager
def errand_of(database: Database, platforms: Platforms, tenant_id: UUID) -> Iterator[Errand]:
    """What the channel of a grant is fetched with: logged, and planned against the project's quota."""
    begin = partial(database.begin, tenant_id)
    with closing(Fetching(begin, platforms, tenant_id=tenant_id, max_age=timedelta())) as fetching:
        yield fetching.errand(SourceName.YOUTUBE_API)


def keep_own_account(uow: UnitOfWork, platforms: Platforms, read: AccountRead) -> UUID:
    """The channel as an account of the catalogue, followed where the plan has room for it. Returns its id."""
    account_id = keep_account(uow, read, is_amended=platforms.is_amended)
    # A channel is connected all the same: its owner's data does not depend on it.
    with suppress(LimitReached, Refused, PaymentNeeded):
        track(uow, account_id, now=read.fetched_at)
    return account_id


def ask_for_reading(uow: UnitOfWork, connection: Connection) -> Request:
    """In the transaction that makes the connection live. It is not taken from the day's requests: nobody asked for it."""
    params = {"channel_id": str(connection.channel_id)}
    return uow.requests.ask(
        request_id=new_id(), kind="sync", subject=subject_of(connection.connection_id), params=params, user_id=connection.user_id
    )


def subject_of(connection_id: UUID) -> str:
    return f"onboard:{connection_id}"


def mend(database: Database, *, now: datetime) -> list[Request]:
    """Ask again for first readings that were never asked for, or failed for good. Returns the requests that wait now."""
    with database.begin_system() as system:
        unread = system.connections.unread()
    asked: list[Request] = []
    for each in unread:
        if onboarding(each.asked, now=now) in (Onboard.ASK, Onboard.AGAIN):
            with database.begin(each.tenant_id) as uow:
                asked.extend(_mended(uow, each.connection_id, now=now))
    return asked


def _mended(uow: UnitOfWork, connection_id: UUID, *, now: datetime) -> Iterator[Request]:
    """Decided anew behind the connection's lock: a second sensor, or a person who retried, came first perhaps."""
    connection = uow.connections.get(connection_id, lock=True)
    if connection.status is not ConnectionStatus.LIVE:
        return
    known = uow.requests.of_subject("sync", subject_of(connection_id))
    what = onboarding(Reading(known.state, known.attempt, known.finished_at) if known else None, now=now)
    if known is not None and what is Onboard.AGAIN:
        yield uow.requests.retry(known.request_id)
    elif what is Onboard.ASK:
        yield ask_for_reading(uow, connection)
