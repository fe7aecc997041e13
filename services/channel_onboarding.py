"""What follows once a channel is connected: its account is kept, and its first reading is asked for, once per connection.

New users are in `services.onboarding`; the reading itself is the job of the request.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from domain.connections import Connection, ConnectionStatus, Onboard, Reading, onboarding
from domain.observations import Observed
from domain.ports import Errand
from domain.requests import Request
from domain.sources import AccountRead, Answer, Ask, SourceName
from store.catalogue import Origin
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork

API_ROWS_LIVE = timedelta(days=30)


class PlainErrand:
    """Calls through: the one look at the channel of a fresh grant, which no cache could answer."""

    def fetch(self, ask: Ask, call: Callable[[], Answer]) -> Answer:  # noqa: ARG002 - the port's shape
        return call()


@contextmanager
def errand_of(database: Database, tenant_id: UUID) -> Iterator[Errand]:  # noqa: ARG001 - what a metered errand is made of
    """What the channel of a grant is fetched with."""
    yield PlainErrand()


def keep_own_account(uow: UnitOfWork, read: AccountRead) -> UUID:
    """The channel as an account of the catalogue, of which a census is taken from now on. Returns its id."""
    expires_at = read.fetched_at + API_ROWS_LIVE if read.source is SourceName.YOUTUBE_API else None
    seen = Observed(line=1, account=read.account, observed_at=read.fetched_at)
    uow.catalogue.put([seen], Origin(source=read.source, selection="census", expires_at=expires_at))
    return uow.channels.account_of(str(read.account.external_id))


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
