"""New posts that are pushed to us (WebSub): asking hubs to, answering their questions, taking in what arrives. Polling stays the net."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from domain.errors import NotFound, SourceFailed
from domain.ports import Platforms
from domain.websub import channel_of, is_signed, read_feed
from services.work import Work
from store.work import UnitOfWork

log = structlog.get_logger(name=__name__, category="SCRAPE")

# Asked for; hubs grant up to ten days. Renewed when half of it is over, by the next read of an account.
LEASE = timedelta(days=10)
PATIENCE = timedelta(hours=1)
PATH = "/api/v1/webhooks/youtube"


def subscribe(work: Work, platforms: Platforms, account_ids: Iterable[UUID], *, now: datetime) -> int:
    """Ask for the feeds of these accounts that have none, or soon none. Where a hub cannot be asked, looking for new posts goes on."""
    ids = sorted(account_ids)
    with work.begin() as uow:
        uow.pushes.align(ids, now=now)
        if platforms.push is None or not platforms.callback_url:
            return 0
        channels = uow.pushes.wanting(ids, before=now + LEASE / 2, not_since=now - PATIENCE)
    return sum(_asked(work, platforms, channel, now) for channel in channels)


def _asked(work: Work, platforms: Platforms, channel: str, now: datetime) -> bool:
    fresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    with work.begin() as uow:
        known = uow.pushes.ask(channel, token=fresh[0], secret=fresh[1], now=now, not_since=now - PATIENCE)
    if known is None or platforms.push is None:
        return False
    callback = f"{(platforms.callback_url or '').rstrip('/')}{PATH}/{known[0]}"
    try:
        platforms.push.subscribe(channel, callback=callback, secret=known[1], lease_seconds=int(LEASE.total_seconds()))
    except SourceFailed as error:
        log.info("no push for now", channel=channel, reason=str(error))
        return False
    return True


def challenge(uow: UnitOfWork, token: str, *, mode: str, topic: str, lease_seconds: int | None, now: datetime) -> None:
    """The hub asks whether we want it. Raises NotFound for what we did not ask for."""
    feed = uow.pushes.find(token)
    if feed is None or channel_of(topic) != feed.channel_id or mode not in ("subscribe", "unsubscribe"):
        raise NotFound("feed", "of this address")
    uow.pushes.confirm(token, now + timedelta(seconds=lease_seconds or 0) if mode == "subscribe" else None)


def receive(uow: UnitOfWork, token: str, body: bytes, *, signature: str | None, now: datetime) -> int:
    """Take in what a hub sent. What is not signed with the feed's secret is ignored. Returns how many entries were new.

    Raises NotFound for an address that nobody was given, Unacceptable for a signed body that is no feed.
    """
    feed = uow.pushes.find(token)
    if feed is None:
        raise NotFound("feed", "of this address")
    if not is_signed(body, feed.secret, signature):
        log.warning("a push with a wrong signature was ignored", channel=feed.channel_id)
        return 0
    entries = [each.key for each in read_feed(body) if each.channel_id in (None, feed.channel_id)]
    return uow.pushes.arrived(token, entries, now=now) if entries else 0
