"""Comments of own channels' posts, read with each sync. Of any other video they are read where somebody asks (`services.commenting`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.channels import Channel
from domain.errors import FailureCategory, LimitReached, SourceFailed
from domain.observations import Platform
from domain.owner_sync import YOUNG
from domain.ports import Platforms
from services import commenting
from services.commenting import MAX_AGE, Commented
from services.fetching import Fetching
from services.work import Work

# Of so many posts a sync reads the comments, and so many of each: a unit of quota or two per post.
MOST_POSTS, MOST_COMMENTS = 25, 100
# What was read so lately is not read again.
AGAIN = timedelta(hours=20)


@dataclass(slots=True)
class Heard:
    """What a reading of comments came to, and what stopped it."""

    posts: int = 0
    comments: int = 0
    new: int = 0
    trouble: str | None = None


# Nobody's comments could be read either. Of the second kind the post went since it was listed: the next listing marks it.
_OF_ALL = frozenset({FailureCategory.QUOTA, FailureCategory.NOT_CONFIGURED, FailureCategory.NETWORK, FailureCategory.RATE_LIMIT})
_GONE = frozenset({FailureCategory.NOT_FOUND, FailureCategory.PRIVATE})


def read_comments(work: Work, platforms: Platforms, channels: Sequence[Channel], *, now: datetime) -> Heard:
    """Of every channel the posts whose comments were never read, and the young ones anew, newest first.

    Nothing else of a sync depends on comments: what stops reading them is told, and stops no sync.
    """
    heard = Heard()
    fetching = Fetching(work.tidying, platforms, tenant_id=work.tenant_id, max_age=MAX_AGE, request_id=work.request.request_id)
    try:
        for channel in channels:
            _read(work, fetching, channel, heard, is_amended=platforms.is_amended, now=now)
    except (SourceFailed, LimitReached) as error:
        heard.trouble = str(error)
    finally:
        fetching.close()
    return heard


def _read(work: Work, fetching: Fetching, channel: Channel, heard: Heard, *, is_amended: bool, now: datetime) -> None:
    with work.begin() as uow:
        due = uow.comments.due(channel.channel_id, read_before=now - AGAIN, posted_since=now - YOUNG, limit=MOST_POSTS)
    for video_id, key in due:
        try:
            found = fetching.comments(Platform.YOUTUBE, key, limit=MOST_COMMENTS)
        except SourceFailed as error:
            if error.category in _OF_ALL:
                raise
            if error.category not in _GONE:
                heard.trouble = str(error)
            continue
        with work.begin() as uow:
            heard.new += commenting.keep(uow, Commented(video_id, Platform.YOUTUBE, key), found, is_amended=is_amended)
        heard.posts += 1
        heard.comments += len(found.comments)
