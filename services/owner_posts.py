"""The posts of an own channel, page by page into the catalogue: all of them once a week, else the young ones.

Every page is kept with its watermark in one transaction, so that a run that is stopped goes on where it was. Nothing is fetched inside one.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain import owner_sync as planned
from domain.errors import SourceUnavailable
from domain.observations import Platform, Selection, VideoFacts, Visibility
from domain.sources import PostsRead
from services.keeping import keep, keep_account, mark_gone
from services.owner_sync import SOURCE, OwnReading
from services.work import Work
from store.own_channels import ChannelSync
from store.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing came to, with what an earlier run of it had listed."""

    posts: int
    gone: int
    pages: int
    is_full: bool
    resumes: int


def list_posts(work: Work, reading: OwnReading, *, now: datetime) -> Listing:
    """Walk the channel's posts, newest first. A listing that was stopped is taken up at the page behind its last one."""
    read = reading.own.own_channel(reading.grant, reading.errand)
    declared = read.account.declared_videos
    with work.begin() as uow:
        keep_account(uow, read)
        sync = _begun(uow, reading, work.request.request_id, now)
    pages = _walk(work, reading, sync, declared, now=now)
    with work.begin() as uow:
        gone = _end_listing(uow, reading, declared, now=now)
        ended = uow.own_channels.get(reading.channel_id)
    return Listing(ended.posts_listed, gone, pages, sync.is_listing_full, ended.resumes)


def _walk(work: Work, reading: OwnReading, sync: ChannelSync, declared: int | None, *, now: datetime) -> int:
    page, walked, posts = sync.next_page, {sync.next_page}, sync.posts_listed
    while True:
        read = reading.own.own_page(reading.grant, reading.errand, page=page)
        if read.next_page is not None and read.next_page in walked:
            raise SourceUnavailable(SOURCE, "the list of the channel's posts goes in circles", category="parse_error")
        _keep_page(work, reading, read)
        posts += len(read.posts)
        work.report(min(0.99, posts / declared) if declared else 0.5, f"{posts} posts of {reading.channel.name}")
        if read.next_page is None or (not sync.is_listing_full and planned.is_past_young(_posted(read), now)):
            return len(walked)
        walked.add(page := read.next_page)


def _begun(uow: UnitOfWork, reading: OwnReading, request_id: UUID, now: datetime) -> ChannelSync:
    """The listing that was stopped, where it is not too old to be taken up; else a new one."""
    channel_id, own = reading.channel_id, uow.own_channels
    sync = own.begin(channel_id, request_id, now=now)
    if sync.next_page is not None and sync.listing_began_at is not None and now - sync.listing_began_at < planned.RESUMABLE:
        own.resume_listing(channel_id)
    else:
        own.begin_listing(channel_id, now=now, is_full=planned.is_full_due(sync.listed_at, now))
    return own.get(channel_id)


def _posted(read: PostsRead) -> list[datetime | None]:
    return [post.video.posted_at for post in read.posts if post.video is not None]


def _keep_page(work: Work, reading: OwnReading, read: PostsRead) -> None:
    """One page with its watermark. What the public cannot see is marked as not there: it is no post to compare others with."""
    posts = [replace(post, line=line, video=_as_public(post.video)) for line, post in enumerate(read.posts, 1) if post.video is not None]
    marks = {post.video.external_id: post.video.visibility for post in read.posts if post.video is not None}
    work.ensure_months({f"{post.observed_at:%Y-%m}" for post in posts})
    with work.begin() as uow:
        keep(uow, posts, source=read.source, selection=Selection.CENSUS)
        uow.own_channels.keep_page(reading.channel_id, marks, next_page=read.next_page, listed_at=read.fetched_at)


def _as_public(video: VideoFacts | None) -> VideoFacts | None:
    return replace(video, is_removed=True) if video is not None and video.visibility not in (None, Visibility.PUBLIC) else video


def _end_listing(uow: UnitOfWork, reading: OwnReading, declared: int | None, *, now: datetime) -> int:
    """A whole listing knows what is gone, unless it came to fewer posts than YouTube says there are: then it was not whole."""
    own, channel_id = uow.own_channels, reading.channel_id
    sync = own.get(channel_id)
    if sync.posts_listed == 0 and declared:
        raise SourceUnavailable(SOURCE, f"no post was listed, though the channel has {declared}", category="parse_error")
    gone: list[str] = []
    if sync.is_listing_full and sync.listing_began_at is not None and sync.posts_listed >= (declared or 0):
        gone = own.mark_gone(channel_id, began_at=sync.listing_began_at, now=now)
        mark_gone(uow, Platform.YOUTUBE, dict.fromkeys(gone, "not_found"), now=now)
    own.end_listing(channel_id, now=now)
    return len(gone)
