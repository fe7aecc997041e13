"""What the owner of a channel granted: the channel with its private videos, and reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.errors import FailureCategory, SourceRefused
from domain.owner_reports import NO_SCOPE, NOT_MONETISED, SPECS, ReportSpec, is_covered, reads_channels
from domain.platforms.youtube_reports import read_report
from domain.ports import Errand
from domain.sources import AccountRead, Grant, PostsRead, Report, ReportAsk, ReportRead
from gateways.youtube.asking import SOURCE, Google, Question
from gateways.youtube.listing import Listing, numbered
from gateways.youtube.reader import read_account


@dataclass(frozen=True, slots=True)
class YouTubeOwner:
    """Asks with the grant's token, never with the key; nothing of it goes to the cache that tenants share."""

    google: Google

    def close(self) -> None:
        self.google.wire.close()

    def own_channel(self, grant: Grant, errand: Errand) -> AccountRead:
        return self.own_posts(grant, errand, posts=0)

    def own_posts(self, grant: Grant, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        """Private and unlisted ones too. Raises SourceRefused (not_found) where the Google account has no channel."""
        _check(grant)
        return read_account(Listing(self.google, errand, grant), _MINE, "of this Google account", posts, since)

    def own_page(self, grant: Grant, errand: Errand, *, page: str | None = None) -> PostsRead:
        """Fifty posts: one call for the list, one for its videos, and with the first page one for the channel, whose list `page` names."""
        _check(grant)
        listing = Listing(self.google, errand, grant)
        playlist, _, token = (page or "").partition(":")
        if not playlist:
            playlist = listing.channel(_MINE, "of this Google account").value.uploads
        listed, behind = listing.page_of_uploads(playlist, token or None)
        found = listing.videos([each.video_id for each in listed])
        at = min((moment for _, moment in found), default=self.google.now())
        return PostsRead(SOURCE, at, numbered(found), next_page=f"{playlist}:{behind}" if behind else None)

    def report(self, grant: Grant, ask: ReportAsk, errand: Errand) -> ReportRead:
        """Where the scope or the Partner Program is lacking, that is the answer."""
        spec = SPECS[ask.report]
        if not is_covered(spec, grant.scopes):
            return ReportRead(ask.report, self.google.now(), (), unavailable=NO_SCOPE)
        try:
            question = Question("reports.query", _words(ask, spec))
            read = self.google.ask(errand, question, partial(read_report, spec=spec), grant=grant)
        except SourceRefused as refused:
            reason = _lacking(ask.report, refused.category)
            if reason is None:
                raise
            return ReportRead(ask.report, self.google.now(), (), unavailable=reason)
        return ReportRead(ask.report, read.fetched_at, read.value or ())


_MINE = {"mine": "true"}


def _check(grant: Grant) -> None:
    if not reads_channels(grant.scopes):
        raise SourceRefused(SOURCE, "the connection does not allow to see the YouTube account", category="no_scope")


def _lacking(report: Report, category: FailureCategory) -> str | None:
    """YouTube says no more than "Forbidden" where a channel is not in the Partner Program."""
    if category is FailureCategory.NO_SCOPE:
        return NO_SCOPE
    return NOT_MONETISED if report is Report.REVENUE and category is FailureCategory.PRIVATE else None


def _words(ask: ReportAsk, spec: ReportSpec) -> Mapping[str, str]:
    if spec.needs_video and not ask.video_id:
        raise ValueError(f"{ask.report.value}: this report is about one video")
    words = {
        "ids": f"channel=={ask.channel_id}",
        "startDate": ask.first.isoformat(),
        "endDate": ask.last.isoformat(),
        "dimensions": ",".join(spec.dimensions),
        "metrics": ",".join(spec.metrics),
    }
    more = {"filters": f"video=={ask.video_id}" if ask.video_id else None, "sort": spec.sort}
    more |= {"maxResults": str(spec.max_rows) if spec.max_rows else None, "currency": "USD" if ask.report is Report.REVENUE else None}
    return words | {name: word for name, word in more.items() if word}
