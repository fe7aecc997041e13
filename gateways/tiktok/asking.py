"""What TikTok's web client asks, one question each: accounts, pages of posts and comments, sounds, what is recommended.

Each answer is read before it is handed on: what cannot be read, or says that we are blocked, is no answer to keep.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from domain.imports.values import Unreadable, mapping
from domain.observations import AccountFacts
from domain.platforms import tiktok
from domain.platforms.tiktok import Found
from domain.ports.platforms import Errand
from domain.sources import Answer, Ask, SoundFacts, SourceName, Target
from gateways.tiktok import failures
from gateways.tiktok.failures import readable
from gateways.tiktok.paging import FIRST, Page
from gateways.tiktok.pool import Pool

COMMENTS_PAGE = 20
# What the page sends along with a search, as TikTokApi does.
_SEARCH_CODE = (
    '{"tiktok":{"client_params_x":{"search_engine":{"ies_mt_user_live_video_card_use_libra":1,"mt_search_general_user_live_card":1}},'
    '"search_server":{}}}'
)
_Read = TypeVar("_Read")
_Rows = tuple[list[Found], str | None]


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the API: what it is called in logs and in the cache, and its address and parameters."""

    operation: str
    key: str
    path: str
    words: Mapping[str, object]

    def after(self, cursor: str) -> "Question":
        """The same question about the page that begins there."""
        return Question(self.operation, f"{self.key}:{cursor}", self.path, {**self.words, "cursor": cursor})


@dataclass(frozen=True, slots=True)
class Asking:
    """Questions on one errand."""

    pool: Pool
    errand: Errand
    now: Callable[[], datetime]
    page: int

    def account(self, target: Target) -> tuple[tuple[AccountFacts, str], datetime]:
        """The profile, with the secUid of its posts."""
        return self._get(Question("account", target.key, "user/detail", _who(target)), _profile)

    def post(self, video_id: str) -> tuple[Found, datetime]:
        def call() -> object:
            return self.pool.call(lambda live: live.scope(f"/@_/video/{video_id}", "webapp.video-detail"))

        return self._asked(Ask(SourceName.TIKTOK_WEB, "post", video_id), call, _shown)

    def posts(self, sec_uid: str, declared: int) -> Callable[[str], Page]:
        """`declared`: how many posts the profile says it has; the first page must not be empty then."""
        asked = Question("posts", f"{sec_uid}:{self.page}", "post/item_list", {"secUid": sec_uid, "count": self.page})

        def ask(cursor: str) -> Page:
            return self._page(asked.after(cursor), lambda answer: _posts(answer, declared if cursor == FIRST else 0))

        return ask

    def hashtag(self, name: str) -> tuple[str, datetime]:
        return self._get(Question("hashtag", name.casefold(), "challenge/detail", {"challengeName": name}), _tag)

    def hashtag_posts(self, tag: str) -> Callable[[str], Page]:
        asked = Question("hashtag_posts", f"{tag}:{self.page}", "challenge/item_list", {"challengeID": tag, "count": self.page})
        return lambda cursor: self._page(asked.after(cursor), lambda answer: _posts(answer, 0))

    def found(self, words: str) -> Callable[[str], Page]:
        """Every page but the first names the search that it belongs to."""
        searches: list[str] = []

        def read(answer: Found) -> _Rows:
            searches.append(str(answer.get("rid") or ""))
            return _listed("item_list")(answer)

        def ask(cursor: str) -> Page:
            asked = {"keyword": words, "from_page": "search", "web_search_code": _SEARCH_CODE}
            more = {"search_id": searches[-1]} if searches and searches[-1] else {}
            return self._page(Question("search", words.casefold(), "search/item/full", {**asked, **more}).after(cursor), read)

        return ask

    def comments(self, video_id: str) -> Callable[[str], Page]:
        asked = Question("comments", video_id, "comment/list", {"aweme_id": video_id, "count": COMMENTS_PAGE})
        return lambda cursor: self._page(asked.after(cursor), _listed("comments"))

    def replies(self, video_id: str, comment_id: str) -> Callable[[str], Page]:
        words = {"item_id": video_id, "comment_id": comment_id, "count": COMMENTS_PAGE}
        asked = Question("replies", f"{video_id}:{comment_id}", "comment/list/reply", words)
        return lambda cursor: self._page(asked.after(cursor), _listed("comments"))

    def recommended(self, country: str, number: int) -> tuple[list[Found], datetime]:
        """The `number`-th helping. TikTok goes by the address that asks; the country is a wish."""
        words = {"from_page": "fyp", "count": self.page, "region": country, "priority_region": country}
        return self._get(Question("trending", f"{country}:{number}", "recommend/item_list", words), _recommended)

    def sound(self, sound_id: str) -> tuple[SoundFacts, datetime]:
        return self._get(Question("sound", sound_id, "music/detail", {"musicId": sound_id}), _sound)

    def _page(self, question: Question, read: Callable[[Found], _Rows]) -> Page:
        (rows, after), at = self._get(question, read)
        return Page(rows, at, after)

    def _get(self, question: Question, read: Callable[[Found], _Read]) -> tuple[_Read, datetime]:
        def call() -> object:
            return self.pool.call(lambda live: live.get(question.path, question.words))

        return self._asked(Ask(SourceName.TIKTOK_WEB, question.operation, question.key), call, read)

    def _asked(self, ask: Ask, call: Callable[[], object], read: Callable[[Found], _Read]) -> tuple[_Read, datetime]:
        def answer() -> Answer:
            payload = call()
            _understood(payload, read)
            return Answer(payload, fetched_at=self.now())

        found = self.errand.fetch(ask, answer)
        return _understood(found.payload, read), found.fetched_at or self.now()


def _understood(payload: object, read: Callable[[Found], _Read]) -> _Read:
    with readable():
        return read(failures.checked(payload))


def _who(target: Target) -> dict[str, object]:
    """By handle where it is known; a secUid finds an account, too."""
    if target.username:
        return {"uniqueId": target.username, "secUid": ""}
    known = target.external_id or ""
    return {"uniqueId": "", "secUid": known} if known.startswith("MS4w") else {"uniqueId": known, "secUid": ""}


# How answers are read.


def _profile(answer: Found) -> tuple[AccountFacts, str]:
    return tiktok.user(mapping(answer.get("userInfo"), "userInfo"))


def _posts(answer: Found, declared: int) -> _Rows:
    rows = tiktok.rows(answer, "itemList")
    if rows and not any(tiktok.is_readable(row) for row in rows):
        raise Unreadable("none of the posts of a page can be read", "itemList")
    if declared and not rows:
        raise failures.unavailable("blocked", f"it lists none of {declared} posts: it takes us for a robot")
    return rows, str(answer.get("cursor")) if answer.get("hasMore") else None


def _listed(column: str) -> Callable[[Found], _Rows]:
    return lambda answer: (tiktok.rows(answer, column), str(answer.get("cursor")) if answer.get("has_more") else None)


def _recommended(answer: Found) -> list[Found]:
    rows = tiktok.rows(answer, "itemList")
    if not rows:
        raise failures.unavailable("blocked", "it shows nothing that is trending: it takes us for a robot")
    return rows


def _shown(answer: Found) -> Found:
    item = mapping(mapping(answer.get("itemInfo"), "itemInfo").get("itemStruct"), "itemStruct")
    if not tiktok.is_readable(item):
        raise Unreadable("the page of the post carries no post that can be read", "itemStruct")
    return item


def _tag(answer: Found) -> str:
    return str(mapping(mapping(answer.get("challengeInfo"), "challengeInfo").get("challenge"), "challenge")["id"])


def _sound(answer: Found) -> SoundFacts:
    page = mapping(answer.get("musicInfo"), "musicInfo")
    return tiktok.sound(mapping(page.get("music"), "music"), mapping(page.get("stats"), "stats"))
