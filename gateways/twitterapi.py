"""X through TwitterAPI.io: accounts with their posts, posts by id, replies, search. How its records read is in `domain.platforms.x`.

It answers 200 with a status of its own where it failed; such an answer, and one that cannot be read, is raised before it is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from domain.errors import SourceRefused, SourceUnavailable
from domain.imports.values import Unreadable, identifier
from domain.observations import AccountFacts, Observed, Platform
from domain.platforms import x
from domain.platforms.records import Read, Record, list_of, read_each, record_of
from domain.ports import Errand
from domain.prices import CREDITS_PER_CALL, CREDITS_PER_PROFILE, post_credits
from domain.sources import AccountRead, Answer, Ask, Bucket, CommentFacts, CommentsRead, PostsRead, SearchKind, SourceName, Target
from gateways.bounded_http import BoundedHttp
from gateways.readable import checked, moment_of, readable

SOURCE = SourceName.TWITTERAPI
PAGE, IDS = 20, 100
# An account that reposts all day is not followed for ever.
MOST_PAGES = 50
# So many ids of which none is there are a failure, not so many deletions.
_SUSPICIOUS = 3
_ABSENT = ("not found", "not exist", "suspended", "unavailable")


@dataclass(frozen=True, slots=True)
class Pages:
    """Records of several pages, newest first. `is_whole`: they were followed to the end."""

    records: tuple[Record, ...]
    is_whole: bool
    read_at: datetime


class TwitterApi:
    """Reads X. Each answer is paid for by what is in it."""

    name = SourceName.TWITTERAPI
    platform = Platform.X

    def __init__(self, http: BoundedHttp) -> None:
        self._http = http

    def close(self) -> None:
        self._http.close()

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        """The profile and its own posts; reposts are passed over, and so is a pinned post that is older than the rest."""
        account, read_at = self._profile(target, errand)
        if posts == 0:
            return AccountRead(SOURCE, read_at, account, ())
        pages = self._last(account, errand, posts=posts, since=since)
        if not pages.records and account.declared_videos != 0:
            self._demand_replies_only(account, errand)
        read = readable(SOURCE, lambda: _own_posts(pages, account))
        newest, is_whole = read.things[:posts], pages.is_whole and len(read.things) <= posts
        whole_since = None if read.notes else x.complete_since(newest, is_whole=is_whole, since=since)
        return AccountRead(SOURCE, pages.read_at, account, _numbered(newest), whole_since, read.notes)

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        """By id, a hundred at a time."""
        ids, found, read_at = sorted(set(keys)), list[Observed](), datetime.now(UTC)
        there: set[str] = set()
        for start in range(0, len(ids), IDS):
            wanted = ids[start : start + IDS]
            answer = self._by_id(wanted, errand)
            read_at = moment_of(answer)
            found += _read_posts(_tweets(answer.payload), read_at)
            # One that is oddly worded is there all the same.
            there |= {str(tweet.get("id")) for tweet in _tweets(answer.payload)}
        return PostsRead(SOURCE, read_at, _numbered(found), {key: "not_found" for key in ids if key not in there})

    def comments(self, key: str, errand: Errand, *, limit: int) -> CommentsRead:
        """Replies, newest first, with the replies to them that came along."""
        pages = self._pages("tweet.replies", {"tweetId": key}, errand, enough=lambda records: len(records) >= limit)
        replies = readable(SOURCE, lambda: _replies(pages.records, key))
        tops_first = sorted(replies[:limit], key=lambda reply: reply.parent_id is not None)
        return CommentsRead(SOURCE, pages.read_at, tuple(tops_first), is_whole=pages.is_whole and 0 < len(replies) <= limit)

    def search(self, kind: SearchKind, words: str, errand: Errand, *, limit: int) -> PostsRead:
        """What X puts first for these words. Nothing found is an answer here."""
        query = f"{'#' if kind is SearchKind.HASHTAG else ''}{words} -filter:replies"
        asked = {"query": query, "queryType": "Top"}
        pages = self._pages("tweet.advanced_search", asked, errand, enough=lambda records: len(records) >= limit)
        found = _read_posts(filter(x.is_own, pages.records), pages.read_at)
        return PostsRead(SOURCE, pages.read_at, _numbered(found[:limit]))

    def _profile(self, target: Target, errand: Errand) -> tuple[AccountFacts, datetime]:
        by_id = target.external_id is not None
        operation, params = (
            ("user.batch_info_by_ids", {"userIds": str(target.external_id)}) if by_id else ("user.info", {"userName": str(target.username)})
        )
        ask = Ask(SOURCE, operation, target.key, Bucket.TWITTERAPI_CREDITS, 2 * CREDITS_PER_PROFILE, is_durable=True)
        answer = errand.fetch(ask, lambda: self._user(operation, params))
        return _user(answer.payload), moment_of(answer)

    def _user(self, operation: str, params: Mapping[str, str]) -> Answer:
        """Asked twice where nobody was found: an account that is rarely asked for is not found at first."""
        answer = self._get(operation, params)
        tries = 1
        if not readable(SOURCE, lambda: _users(answer.payload)):
            answer, tries = self._get(operation, params), 2
        return checked(SOURCE, answer, _user, units=lambda _: tries * CREDITS_PER_PROFILE)

    def _last(self, account: AccountFacts, errand: Errand, *, posts: int, since: datetime | None) -> Pages:
        def enough(records: Sequence[Record]) -> bool:
            own = [record for record in records if x.is_own(record)]
            is_back = since is not None and any(x.moment(record.get("createdAt"), "createdAt").at < since for record in own)
            return len(own) >= posts or is_back

        asked = {"userId": account.external_id or "", "includeReplies": "false"}
        return self._pages("user.last_tweets", asked, errand, enough=enough)

    def _demand_replies_only(self, account: AccountFacts, errand: Errand) -> None:
        """An account that says it has posts and shows none may only ever have replied; else the list is hidden from us."""
        asked = {"userId": account.external_id or "", "includeReplies": "true"}
        if not self._pages("user.last_tweets", asked, errand, enough=lambda _: True).records:
            said = f"the profile says {account.declared_videos} posts and none came"
            raise SourceUnavailable(SOURCE, said, category="blocked")

    def _by_id(self, ids: Sequence[str], errand: Errand) -> Answer:
        def check(payload: Any) -> None:
            tweets = _tweets(payload)
            if not tweets and len(ids) >= _SUSPICIOUS:
                raise SourceUnavailable(SOURCE, f"none of {len(ids)} posts came back", category="blocked")
            _read_posts(tweets, datetime.now(UTC))

        joined = ",".join(ids)
        ask = Ask(SOURCE, "tweets", joined, Bucket.TWITTERAPI_CREDITS, post_credits(len(ids)), is_durable=True)
        return errand.fetch(ask, lambda: checked(SOURCE, self._get("tweets", {"tweet_ids": joined}), check, units=_credits))

    def _pages(self, operation: str, asked: Mapping[str, str], errand: Errand, *, enough: Callable[[Sequence[Record]], bool]) -> Pages:
        """Page by page, until there is enough or no more. A cursor that was there before is no way on."""
        records: list[Record] = []
        cursors = [""]
        while True:
            answer = self._page(operation, asked, tuple(cursors), errand)
            page = _tweets(answer.payload)
            records += page
            following = _following(answer.payload)
            if not following or not page or enough(records) or len(cursors) == MOST_PAGES:
                return Pages(tuple(records), following is None, moment_of(answer))
            cursors.append(following)

    def _page(self, operation: str, asked: Mapping[str, str], cursors: Sequence[str], errand: Errand) -> Answer:
        def check(payload: Any) -> None:
            tweets = _tweets(payload)
            if _following(payload) in cursors:
                raise SourceUnavailable(SOURCE, "its list leads back to where it was", category="parse_error")
            for tweet in tweets:
                # By these the list is followed, so none may be odd.
                identifier(tweet.get("id"), "id")
                x.moment(tweet.get("createdAt"), "createdAt")
            _demand_counters(tweets)

        params = {**asked, "cursor": cursors[-1]}
        key = "&".join(f"{name}={word}" for name, word in sorted(params.items()))
        ask = Ask(SOURCE, operation, key, Bucket.TWITTERAPI_CREDITS, post_credits(PAGE), is_durable=True)
        return errand.fetch(ask, lambda: checked(SOURCE, self._get(operation, params), check, units=_credits))

    def _get(self, operation: str, params: Mapping[str, str]) -> Answer:
        """Once: an answer that breaks off on its way was paid for all the same, and the errand books one call at a time."""
        return self._http.get(f"/twitter/{operation.replace('.', '/')}", params, is_repeatable=False)


def _users(payload: object) -> list[Record]:
    """Who was found: one under `data`, several under `users`."""
    words = record_of(payload, "user")
    listed = words.get("users") if "users" in words else [words.get("data")]
    return [record_of(user, "user") for user in list_of(listed, "users") if user is not None]


def _user(payload: object) -> AccountFacts:
    users = _users(payload)
    if not users:
        _raise_status(record_of(payload, "user"))
        raise SourceRefused(SOURCE, "there is no such account", category="not_found")
    if users[0].get("unavailable") is True:
        raise SourceRefused(SOURCE, f"the account is not available: {users[0].get('unavailableReason')}", category="not_found")
    if users[0].get("protected") is True:
        raise SourceRefused(SOURCE, "the account shows its posts to its followers only", category="private")
    return x.read_user(users[0])


def _tweets(payload: object) -> list[Record]:
    """The list stands at the top, below `data`, or is called replies. Raises where the answer is a failure."""
    words = record_of(payload, "answer")
    inner = words.get("data")
    place: Mapping[str, object] = inner if isinstance(inner, Mapping) else words
    listed = place.get("tweets", place.get("replies"))
    if words.get("status") == "error" or listed is None:
        _raise_status(words)
        raise Unreadable("the answer has no list of posts")
    return [record_of(tweet, "post") for tweet in list_of(listed, "posts")]


def _following(payload: object) -> str | None:
    """The cursor of the next page; None at the end."""
    words = record_of(payload, "answer")
    cursor = words.get("next_cursor")
    return cursor if words.get("has_next_page") is True and isinstance(cursor, str) else None


def _raise_status(words: Record) -> None:
    """What its own status says, beside 200."""
    if words.get("status") != "error":
        return
    said = next((str(words[name])[:200] for name in ("msg", "message") if words.get(name)), "it failed")
    if any(word in said.lower() for word in _ABSENT):
        raise SourceRefused(SOURCE, said, category="not_found")
    raise SourceUnavailable(SOURCE, said, category="api_error")


def _demand_counters(tweets: Sequence[Record]) -> None:
    """Every post has counters that can be read, or the answer is not one."""
    read_each(tweets, lambda tweet: x.read_post({"author": {"id": "0"}, **tweet}, observed_at=datetime.now(UTC)), subject="posts")


def _own_posts(pages: Pages, account: AccountFacts) -> Read[Observed]:
    own = [record for record in pages.records if x.is_own(record)]
    return read_each(own, lambda record: x.read_post(record, observed_at=pages.read_at, account=account), subject="posts")


def _read_posts(records: Iterable[Record], read_at: datetime) -> tuple[Observed, ...]:
    return readable(SOURCE, lambda: read_each(records, lambda one: x.read_post(one, observed_at=read_at), subject="posts")).things


def _replies(records: Iterable[Record], root_id: str) -> tuple[CommentFacts, ...]:
    return read_each(records, lambda record: x.read_reply(record, root_id=root_id), subject="replies").things


def _numbered(posts: Sequence[Observed]) -> tuple[Observed, ...]:
    return tuple(replace(post, line=number) for number, post in enumerate(posts, start=1))


def _credits(payload: object) -> int:
    return max(CREDITS_PER_CALL, post_credits(len(_tweets(payload))))
