"""Reading videos: lists, one video as of a moment, its snapshots. Writing them is in `store.catalogue`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from domain.errors import NotFound
from store import keyset
from store.keyset import Key, Position
from store.repository import Repository

# A search looks at so many matching videos at most; what it is sorted by orders those.
SEARCH_CAP = 10_000

SORTS: Mapping[str, str] = {"views": "v.views", "posted_at": "v.posted_at", "score": "s.multiple"}

FILTERS: Mapping[str, str] = {
    "platform": "v.platform = %(platform)s",
    "account_id": "v.account_id = %(account_id)s",
    "posted_from": "v.posted_at >= %(posted_from)s",
    "posted_to": "v.posted_at < %(posted_to)s::date + 1",
    "selection": "v.selection = %(selection)s",
    "min_views": "v.views >= %(min_views)s",
    # The function fixes its tenant and uses the GIN index, which row-level security would not allow here (see store.rls).
    # As an array it is asked once; as a joined set the planner asks whether each video is in it.
    "words": f"v.video_id = any(array(select app.search_videos(%(words)s, {SEARCH_CAP})))",
    "collection_id": "exists (select from collection_videos m where m.tenant_id = v.tenant_id and m.video_id = v.video_id"
    " and m.collection_id = %(collection_id)s)",
    # Posts of the accounts that use it, as last made, or that have changed since: their own words decide.
    "hashtag_often": "exists (select from unnest(v.hashtags) each where lower(each) = %(hashtag_often)s)",
    "hashtag": "v.account_id = any(array(select account_id from account_hashtags where tenant_id = %(tenant)s and name = %(hashtag)s"
    " union all select account_id from account_changes where tenant_id = %(tenant)s and aggregate = 'hashtags'))"
    " and exists (select from unnest(v.hashtags) each where lower(each) = %(hashtag)s)",
    "sound": "v.account_id = any(array(select account_id from account_sounds where tenant_id = %(tenant)s and name = %(sound)s"
    " union all select account_id from account_changes where tenant_id = %(tenant)s and aggregate = 'sounds')) and v.sound_id = %(sound)s",
    "is_removed": "v.is_removed = %(is_removed)s",
    "video_ids": "v.video_id = any(%(video_ids)s)",
}


class VideoScore(NamedTuple):
    """The published score of a video. Without one (`multiple` None) `reason` says why."""

    multiple: float | None
    low: float | None
    high: float | None
    peers: int
    p_outlier: float | None
    is_outlier: bool | None
    shrunk_multiple: float | None
    virality_band: str | None
    reason: str | None
    naive_multiple: float | None
    naive_band: str | None
    release_id: UUID
    age_days: float | None
    as_of: datetime
    method: str


class ListedVideo(NamedTuple):
    """A video as lists show it. Counters are the newest that were seen; None: never said.

    A tuple, as its score is, and not a dataclass: it is made fifty times per call out of a row that is one (docs/decisions/0010-hot-reads.md).
    """

    video_id: UUID
    account_id: UUID
    account_name: str | None
    platform: str
    external_id: str
    url: str | None
    title: str | None
    thumbnail_url: str | None
    posted_at: datetime | None
    posted_error_seconds: int
    duration_seconds: int | None
    format: str | None
    selection: str
    is_removed: bool
    removed_since: datetime | None
    removed_reason: str | None
    first_seen_at: datetime
    observed_at: datetime
    views: int | None
    likes: int | None
    dislikes: int | None
    comments: int | None
    shares: int | None
    bookmarks: int | None
    score: VideoScore | None

    def key(self, sort: str) -> Key:
        """What it is sorted by."""
        if sort == "score":
            return self.score.multiple if self.score else None
        return self.posted_at if sort == "posted_at" else self.views


@dataclass(frozen=True, slots=True)
class Described:
    """What only the page of one video shows. `missing` says why a fact is not there."""

    description: str | None
    category: str | None
    sound_id: str | None
    sound_title: str | None
    tags: list[str]
    hashtags: list[str]
    mentions: list[str]
    missing: Mapping[str, str]
    source: str
    is_promoted: bool | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The counters that were seen at one moment; a row is kept when one of them had changed."""

    observed_at: datetime
    observed_error_seconds: int
    views: int | None
    likes: int | None
    dislikes: int | None
    comments: int | None
    shares: int | None
    bookmarks: int | None
    source: str


_COUNTERS = ("views", "likes", "dislikes", "comments", "shares", "bookmarks")
_LISTED, _SCORE = ListedVideo._fields[:-1], VideoScore._fields
_ELSEWHERE = {"account_name": "coalesce(a.username, a.title)", "method": "r.method"}
_COLUMNS = ", ".join(_ELSEWHERE.get(name, f"{of}.{name}") for of, names in (("v", _LISTED), ("s", _SCORE)) for name in names)
_SCORES = " left join scores s on s.tenant_id = v.tenant_id and s.video_id = v.video_id"
_BESIDE = (
    f" join accounts a on a.tenant_id = v.tenant_id and a.account_id = v.account_id{_SCORES}"
    " left join releases r on r.tenant_id = s.tenant_id and r.release_id = s.release_id"
)
_WIDTH, _END = len(_LISTED), len(_LISTED) + len(_SCORE)


@lru_cache(maxsize=2048)
def _listing(sort: str, is_descending: bool, is_known: bool, is_after: bool, filters: frozenset[str], limit: int) -> str:
    """The statement of one kind of list, built once: a hot read spends nothing on assembling it.

    The limit is written out: as a bound word the planner takes it for a tenth of the rows, and never keeps its plan.
    """
    part = keyset.known if is_known else keyset.unknown
    clauses = part(SORTS[sort], "v.video_id", is_descending=is_descending, is_after=is_after)
    where = " and ".join(("v.tenant_id = %(tenant)s", *(FILTERS[name] for name in sorted(filters)), clauses.where))
    # First the page, then what stands beside its rows: no plan, however badly estimated, joins more than a page.
    picked = f"select v.* from videos v{_SCORES if sort == 'score' else ''} where {where} order by {clauses.order} limit {limit:d}"
    return f"select {_COLUMNS} from ({picked}) v{_BESIDE} order by {clauses.order}"


_ONE = f"select {_COLUMNS}, {', '.join(f'v.{name}' for name in Described.__dataclass_fields__)} from videos v{_BESIDE}"
_ONE += " where v.tenant_id = %(tenant)s and v.video_id = %(id)s and (%(as_of)s::timestamptz is null or v.first_seen_at <= %(as_of)s)"


def _listed(row: Sequence[Any]) -> ListedVideo:
    score = VideoScore._make(row[_WIDTH:_END]) if row[_END - 1] is not None else None
    return ListedVideo._make((*row[:_WIDTH], score))


class Videos(Repository):
    """One tenant's videos, to read."""

    def page(
        self, *, sort: str, is_descending: bool, limit: int, after: Position | None = None, filters: Mapping[str, object] | None = None
    ) -> list[ListedVideo]:
        """At most `limit` videos after the position; those without the sort key come last. Filters are of `FILTERS`, None is no filter."""
        chosen = {name: value for name, value in (filters or {}).items() if value is not None}

        def run(is_known: bool, is_after: bool, limit: int, words: Mapping[str, object]) -> keyset.Rows:
            statement = _listing(sort, is_descending, is_known, is_after, frozenset(chosen), limit)
            return self._read_hot(statement, **chosen, **words)

        return [_listed(row) for row in keyset.read(run, after, limit)]

    def get(self, video_id: UUID, *, as_of: datetime | None = None) -> tuple[ListedVideo, Described]:
        """The video; with `as_of` its counters, texts and score as they were known then. Raises NotFound where it was not."""
        row = next(iter(self._read(_ONE, id=video_id, as_of=as_of)), None)
        if row is None:
            raise NotFound("video", video_id)
        described = Described(*row[_END:])
        return (_listed(row), described) if as_of is None else self._then(_listed(row), described, as_of)

    def _then(self, now: ListedVideo, described: Described, as_of: datetime) -> tuple[ListedVideo, Described]:
        words = {"id": now.video_id, "as_of": as_of}
        then = dict(self._read(_COUNTERS_THEN, **words)[0]._mapping)
        title, description = self._read(_TEXTS_THEN, **words)[0]
        then["observed_at"] = then["observed_at"] or now.first_seen_at
        score = now.score if now.score and now.score.as_of <= as_of else None
        return now._replace(**then, title=title, score=score), replace(described, description=description)

    def among(self, video_ids: Sequence[UUID]) -> list[ListedVideo]:
        """These videos in this order; those that are not there are left out."""
        found = {
            video.video_id: video
            for video in self.page(sort="views", is_descending=True, limit=100, filters={"video_ids": list(video_ids)})
        }
        return [found[each] for each in video_ids if each in found]

    def of_platform(self, platform: str, external_ids: Sequence[str]) -> dict[str, tuple[UUID, UUID]]:
        """(video, account) by the platform's own id, of those that are known."""
        rows = self._read(
            "select external_id, video_id, account_id from videos where tenant_id = %(tenant)s and platform = %(platform)s"
            " and external_id = any(%(ids)s)", platform=platform, ids=list(external_ids),
        )  # fmt: skip
        return {row.external_id: (row.video_id, row.account_id) for row in rows}

    def snapshots(self, video_id: UUID, *, limit: int, as_of: datetime | None = None, before: datetime | None = None) -> list[Snapshot]:
        """Newest first, strictly before the position. Raises NotFound where the video is not there."""
        if not self._read("select 1 from videos where tenant_id = %(tenant)s and video_id = %(id)s", id=video_id):
            raise NotFound("video", video_id)
        rows = self._read(_SNAPSHOTS, id=video_id, as_of=as_of, before=before, limit=limit)
        return [Snapshot(*row) for row in rows]


def newest_known(names: Iterable[str], *, by: str = "observed_at") -> str:
    """Per column its newest known value among a group of rows `s`: a source that was silent took nothing away."""
    return ", ".join(f"(array_agg(s.{name} order by s.{by} desc) filter (where s.{name} is not null))[1] as {name}" for name in names)


def first_known(names: Iterable[str], *, by: str) -> str:
    """Per column its first known value among a group of rows `s`."""
    return ", ".join(f"(array_agg(s.{name} order by s.{by}) filter (where s.{name} is not null))[1] as {name}" for name in names)


_COUNTERS_THEN = (
    f"select {newest_known(_COUNTERS)}, max(s.observed_at) as observed_at from video_snapshots s"
    " where s.tenant_id = %(tenant)s and s.video_id = %(id)s and s.observed_at <= %(as_of)s"
)
_TEXTS_THEN = (
    f"select {newest_known(('title', 'description'), by='seen_from')} from video_texts s"
    " where s.tenant_id = %(tenant)s and s.video_id = %(id)s and s.seen_from <= %(as_of)s"
)
_SNAPSHOTS = (
    f"select {', '.join(Snapshot.__dataclass_fields__)} from video_snapshots where tenant_id = %(tenant)s and video_id = %(id)s"
    " and (%(as_of)s::timestamptz is null or observed_at <= %(as_of)s) and (%(before)s::timestamptz is null or observed_at < %(before)s)"
    " order by observed_at desc limit %(limit)s"
)
