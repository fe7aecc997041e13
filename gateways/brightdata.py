"""Instagram through Bright Data: accounts with their posts, posts by address, comments. Ordering is in `gateways.brightdata_orders`.

Instagram is never asked by ourselves. Bright Data knows profiles by their handle, not by their number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.errors import FailureCategory, SourceFailed, SourceRefused, SourceUnavailable
from domain.links import LinkKind, read_link
from domain.observations import Observed, Platform
from domain.platforms import instagram
from domain.platforms.instagram import NothingThere, Profile
from domain.platforms.records import Read, Record, read_each
from domain.ports import Errand
from domain.sources import AccountRead, CommentFacts, CommentsRead, PostsRead, SourceName, Target
from gateways.bounded_http import BoundedHttp
from gateways.brightdata_orders import SOURCE, Order, Orders, Patience, Unusable
from gateways.readable import moment_of, readable

_GONE = (FailureCategory.NOT_FOUND, FailureCategory.PRIVATE)


@dataclass(frozen=True, slots=True)
class Datasets:
    """Bright Data's names of its Instagram collectors."""

    profiles: str = "gd_l1vikfch901nx3by4"
    posts: str = "gd_lk5ns7kz21pck8jpis"
    comments: str = "gd_ltppn085pokosxh13"


class BrightDataInstagram:
    """Reads Instagram. Every record that is delivered is paid for, so each order says how many it wants at most."""

    name = SourceName.BRIGHTDATA
    platform = Platform.INSTAGRAM

    def __init__(self, http: BoundedHttp, *, datasets: Datasets | None = None, orders: Orders | None = None) -> None:
        self._http, self._datasets = http, datasets or Datasets()
        self._orders = orders or Orders(http, Patience())

    def close(self) -> None:
        self._http.close()

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        """The profile and its newest posts, both ordered before either is waited for."""
        url = f"https://www.instagram.com/{_handle(target)}/"
        profiles = self._orders.place(Order("profile", self._datasets.profiles, ({"url": url},), 1), errand)
        listed = self._orders.place(self._newest(url, posts, since), errand) if posts else None
        found, answer = self._orders.records(profiles, errand, _profile_of)
        profile = readable(SOURCE, lambda: _profile_of(found))
        read_at = readable(SOURCE, lambda: instagram.seen_at(found[0], moment_of(answer)))
        if listed is None:
            return AccountRead(SOURCE, read_at, profile.facts, ())
        records, _ = self._orders.records(listed, errand, lambda records: _posts_of(profile, records, read_at, since))
        read = readable(SOURCE, lambda: _posts_of(profile, records, read_at, since))
        newest = _newest_first(read.things, posts)
        whole_since = None if read.notes else instagram.complete_since(newest, wanted=posts, pinned=profile.pinned, since=since)
        return AccountRead(SOURCE, read_at, profile.facts, newest, whole_since, read.notes)

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        """By short code or address, all in one order."""
        if not keys:
            return PostsRead(SOURCE, datetime.now(UTC), ())
        codes = {_code(key): key for key in keys}
        inputs = tuple({"url": _address(code)} for code in sorted(codes))
        placed = self._orders.place(Order("posts", self._datasets.posts, inputs, len(inputs)), errand)
        records, answer = self._orders.records(placed, errand, _named_posts)
        read_at = moment_of(answer)
        gone = {codes.get(code, code): category.value for code, category in _gone(records).items()}
        read = readable(SOURCE, lambda: _named_posts(records, read_at))
        return PostsRead(SOURCE, read_at, _numbered(read.things), gone)

    def comments(self, key: str, errand: Errand, *, limit: int) -> CommentsRead:
        """The newest ones. That these are all is never claimed: the source does not say so."""
        inputs = ({"url": _address(_code(key))},)
        placed = self._orders.place(Order("comments", self._datasets.comments, inputs, limit, limit_per_input=limit), errand)
        records, answer = self._orders.records(placed, errand, _comments_of)
        return CommentsRead(SOURCE, moment_of(answer), readable(SOURCE, lambda: _comments_of(records))[:limit])

    def _newest(self, url: str, posts: int, since: datetime | None) -> Order:
        days = {"start_date": f"{since.astimezone(UTC):%m-%d-%Y}"} if since else {}
        one: Mapping[str, object] = {"url": url, "num_of_posts": posts, **days}
        return Order("account_posts", self._datasets.posts, (one,), posts, discover_by="url", limit_per_input=posts)


def _profile_of(records: Sequence[Record]) -> Profile:
    if not records:
        raise Unusable(SOURCE, "the profile came back empty", category="blocked")
    _raise_failure(records[0])
    profile = instagram.read_profile(records[0])
    if profile.is_private:
        raise SourceRefused(SOURCE, "the profile is private", category="private")
    return profile


def _posts_of(profile: Profile, records: Sequence[Record], read_at: datetime, since: datetime | None) -> Read[Observed]:
    """The account's own posts; those that others published with it are theirs. Nothing where something must be raises Unusable."""
    name = (profile.facts.username or "").casefold()
    own = [record for record in records if not record.get("error") and str(record.get("user_posted") or name).casefold() == name]
    if not own:
        _demand_empty(profile, records, since)
    return read_each(own, lambda record: _post(record, profile, read_at), subject="posts")


def _post(record: Record, profile: Profile, read_at: datetime) -> Observed:
    return instagram.read_post(record, observed_at=instagram.seen_at(record, read_at), account=profile.facts)


def _demand_empty(profile: Profile, records: Sequence[Record], since: datetime | None) -> None:
    """Raises unless no post is what the profile itself lets us expect: a list that came back empty proves nothing."""
    if profile.facts.declared_videos == 0:
        return
    try:
        failures = [instagram.failure_of(record) for record in records]
    except NothingThere:
        if since is not None and (profile.newest_at is None or profile.newest_at < since):
            return
        failures = []
    said = next((said for _, said in filter(None, failures)), "none came")
    raise Unusable(SOURCE, f"the profile says {profile.facts.declared_videos} posts: {said}", category="blocked")


def _named_posts(records: Sequence[Record], read_at: datetime | None = None) -> Read[Observed]:
    """Those that were delivered. Raises where every input failed for a reason that may pass."""
    failed = [category for record in records if (category := _category(record)) is not None]
    if not records or (len(failed) == len(records) and not set(failed) & set(_GONE)):
        raise Unusable(SOURCE, "no post came back", category="blocked")
    moment = read_at or datetime.now(UTC)
    there = [record for record in records if _category(record) is None]
    return read_each(there, lambda one: instagram.read_post(one, observed_at=instagram.seen_at(one, moment)), subject="posts")


def _comments_of(records: Sequence[Record]) -> tuple[CommentFacts, ...]:
    if not records:
        raise Unusable(SOURCE, "the comments came back empty", category="blocked")
    try:
        _raise_failure(records[0])
    except NothingThere:
        return ()
    there = [record for record in records if not record.get("error")]
    return tuple(one for thread in read_each(there, instagram.read_comment, subject="comments").things for one in thread)


def _gone(records: Sequence[Record]) -> dict[str, FailureCategory]:
    found = {_code(_input(record)): category for record in records if (category := _category(record)) in _GONE}
    return {code: category for code, category in found.items() if category}


def _category(record: Record) -> FailureCategory | None:
    try:
        failure = instagram.failure_of(record)
    except NothingThere:
        return FailureCategory.NOT_FOUND
    return failure[0] if failure else None


def _raise_failure(record: Record) -> None:
    failure = instagram.failure_of(record)
    if failure:
        category, said = failure
        kind: type[SourceFailed] = SourceRefused if category in _GONE else SourceUnavailable
        raise kind(SOURCE, said, category=category)


def _input(record: Record) -> str:
    given = record.get("input")
    return str(given.get("url", "")) if isinstance(given, Mapping) else ""


def _newest_first(posts: Sequence[Observed], most: int) -> tuple[Observed, ...]:
    never = datetime.min.replace(tzinfo=UTC)
    return _numbered(sorted(posts, key=lambda post: (post.video and post.video.posted_at) or never, reverse=True)[:most])


def _numbered(posts: Sequence[Observed]) -> tuple[Observed, ...]:
    return tuple(replace(post, line=number) for number, post in enumerate(posts, start=1))


def _handle(target: Target) -> str:
    if not target.username:
        raise SourceRefused(SOURCE, "Instagram is read by handle, and this account has none", category="invalid_url")
    return target.username


def _code(key: str) -> str:
    if "/" not in key:
        return key
    link = read_link(key)
    if link.kind is not LinkKind.VIDEO or link.platform is not Platform.INSTAGRAM or link.external_id is None:
        raise SourceRefused(SOURCE, f"{link.url} is no post on Instagram", category="invalid_url")
    return link.external_id


def _address(code: str) -> str:
    return f"https://www.instagram.com/p/{code}/"
