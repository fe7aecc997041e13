"""Reading hashtags and sounds with what they come to. Making them is in `store.names_sql`, what charts tell of sounds in `store.trending`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from store import keyset
from store.keyset import Key, Position
from store.repository import Repository

SORTS: Mapping[str, str] = {"views": "n.views", "videos": "n.videos"}
FILTERS: Mapping[str, str] = {
    "platform": "n.platform = %(platform)s",
    # A plain "begins with": no character of it is a wildcard.
    "words": "starts_with(lower(coalesce({label}, '')), lower(%(words)s))",
}


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A hashtag of a platform, in lower case, over all posts that use it and were not removed."""

    row_id: UUID
    platform: str
    name: str
    accounts: int
    videos: int
    views: int
    likes: int
    as_of: datetime | None

    def key(self, sort: str) -> Key:
        return self.views if sort == "views" else self.videos


@dataclass(frozen=True, slots=True)
class Sound(Hashtag):
    """A sound of a platform. `name` is its id there, `last_used_at` the newest post with it."""

    title: str | None
    last_used_at: datetime | None


# So often a hashtag is used that hardly any list of videos is without it.
OFTEN = 1_000
_PLATFORMS = ["tiktok", "youtube", "instagram", "x"]
_AS_OF = "(select m.as_of from aggregates_made m where m.tenant_id = n.tenant_id and m.aggregate = '{kind}')"
_SUMS = "n.platform, n.name, n.accounts, n.videos, n.views, n.likes"
_SELECT = {
    "hashtags": f"select n.hashtag_id, {_SUMS}, {_AS_OF.format(kind='hashtags')} from hashtags n where n.tenant_id = %(tenant)s",
    "sounds": f"select n.sound_id, {_SUMS}, {_AS_OF.format(kind='sounds')}, n.title, n.last_used_at from sounds n where n.tenant_id = %(tenant)s",
}


class Names(Repository):
    """One tenant's hashtags and sounds."""

    def hashtags(self, *, sort: str, limit: int, after: Position | None, filters: Mapping[str, object]) -> list[Hashtag]:
        return [Hashtag(*row) for row in self._page("hashtags", "hashtag_id", "n.name", sort, limit, after, filters)]

    def sounds(self, *, sort: str, limit: int, after: Position | None, filters: Mapping[str, object]) -> list[Sound]:
        return [Sound(*row) for row in self._page("sounds", "sound_id", "n.title", sort, limit, after, filters)]

    def sound(self, sound_id: UUID) -> Sound:
        rows = self._read(f"{_SELECT['sounds']} and n.sound_id = %(id)s", id=sound_id)
        if not rows:
            raise NotFound("sound", sound_id)
        return Sound(*rows[0])

    def hashtag_filter(self, name: str) -> str:
        """Which filter finds its videos fastest: of one that is met often, the list itself leads there sooner than the accounts do."""
        rows = self._read(
            "select coalesce(sum(videos), 0) as videos from hashtags where tenant_id = %(tenant)s and name = %(name)s and platform = any(%(all)s)",
            name=name, all=_PLATFORMS,
        )  # fmt: skip
        return "hashtag_often" if rows[0].videos >= OFTEN else "hashtag"

    def is_used(self, name: str) -> bool:
        """Whether a hashtag is known, on any platform, or may be: the posts of an account changed and were not looked at since."""
        return bool(
            self._read(
                "select 1 from hashtags where tenant_id = %(tenant)s and name = %(name)s and platform = any(%(all)s)"
                " union all select 1 from account_changes where tenant_id = %(tenant)s and aggregate = 'hashtags' limit 1",
                name=name, all=_PLATFORMS,
            )
        )  # fmt: skip

    def _page(  # noqa: PLR0913 - what a page of names is made of
        self, kind: str, key: str, label: str, sort: str, limit: int, after: Position | None, filters: Mapping[str, object]
    ) -> keyset.Rows:
        chosen = {name: value for name, value in filters.items() if value is not None}
        clauses = keyset.known(SORTS[sort], f"n.{key}", is_descending=True, is_after=after is not None)
        where = " and ".join((*(FILTERS[name].format(label=label) for name in sorted(chosen)), clauses.where))
        words = {"at": after.key, "after": after.row_id} if after else {}
        return self._read(f"{_SELECT[kind]} and {where} order by {clauses.order} limit %(limit)s", limit=limit, **chosen, **words)
