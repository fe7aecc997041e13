"""The statements that make hashtags and sounds: what each account's posts use, and what that comes to over all accounts.

As the other aggregates they are made of the accounts of `changed`; a full recompute is one of which every account is. A name whose account
went, with all that it used, is in `name_changes`. Taking marks is in `store.aggregates_sql`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.analytics import HASHTAGS as HASHTAGS_METHOD
from domain.analytics import SOUNDS as SOUNDS_METHOD
from domain.analytics import Method
from store.aggregates_sql import CREATE_CHANGED, FORGET_MARKS, PUT_MADE, TAKE_MARKS, Aggregate
from store.probing import NO_SORTS, SORTS

_ALL_ACCOUNTS = "insert into changed select account_id from accounts where tenant_id = :tenant"
_FORGET_NAMES = "delete from name_changes where tenant_id = :tenant and aggregate = :aggregate"
_TAKE_NAMES = """
create temporary table touched on commit drop as
with taken as (delete from name_changes where tenant_id = :tenant and aggregate = :aggregate returning platform, name)
select distinct platform, name from taken"""
_TAKE_ALL_NAMES = "create temporary table touched on commit drop as select platform, name from {kind} where tenant_id = :tenant"


@dataclass(frozen=True, slots=True)
class Named:
    """How the posts of an account use names, and the facts of a name beside its sums: per account, and over all of them."""

    kind: str
    key: str
    uses: str
    name: str
    facts: Mapping[str, tuple[str, str]]
    method: Method

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.facts, "videos", "views", "likes")

    @property
    def of_accounts(self) -> str:
        """Per account; names that came, went or changed are noted in `touched`."""
        columns = ", ".join(self.columns)
        facts = "".join(f"{here} as {fact}, " for fact, (here, _) in self.facts.items())
        return f"""
with made as (
  select v.account_id, v.platform, {self.name} as name, {facts}count(*) as videos, coalesce(sum(v.views), 0) as views, coalesce(sum(v.likes), 0) as likes
    from changed c cross join lateral (
      select v.* from videos v where v.tenant_id = :tenant and v.account_id = c.account_id and not v.is_removed offset 0) v {self.uses}
   group by v.account_id, v.platform, {self.name}),
gone as (
  delete from account_{self.kind} a using changed c where a.tenant_id = :tenant and a.account_id = c.account_id
    and not exists (select from made m where m.account_id = a.account_id and m.name = a.name) returning a.platform, a.name),
put as (
  insert into account_{self.kind} as a (tenant_id, account_id, platform, name, {columns})
  select :tenant, account_id, platform, name, {columns} from made
  on conflict (tenant_id, account_id, name) do update set {_sets(self.columns)} where {_differ("a", self.columns)} returning a.platform, a.name)
insert into touched select platform, name from gone union select platform, name from put"""

    @property
    def of_all(self) -> str:
        """Over all accounts, of the touched names."""
        columns = ("accounts", *self.columns)
        facts = "".join(f"{there} as {fact}, " for fact, (_, there) in self.facts.items())
        return f"""
with sums as (
  select a.platform, a.name, count(*) as accounts, {facts}sum(a.videos) as videos, sum(a.views) as views, sum(a.likes) as likes
    from (select distinct platform, name from touched) t
    join account_{self.kind} a on a.tenant_id = :tenant and a.platform = t.platform and a.name = t.name group by a.platform, a.name),
gone as (
  delete from {self.kind} h using touched t where h.tenant_id = :tenant and h.platform = t.platform and h.name = t.name
    and not exists (select from sums s where s.platform = t.platform and s.name = t.name))
insert into {self.kind} as h (tenant_id, platform, name, {self.key}, {", ".join(columns)})
select :tenant, platform, name, md5(:aggregate || ' ' || platform || ' ' || name)::uuid, {", ".join(columns)} from sums
on conflict (tenant_id, platform, name) do update set {_sets(columns)} where {_differ("h", columns)}"""

    @property
    def aggregate(self) -> Aggregate:
        forget = "drop table if exists changed, touched"
        made = (NO_SORTS, self.of_accounts, SORTS, "analyze touched", self.of_all, PUT_MADE)
        return Aggregate(
            self.kind, self.method.id,
            (forget, FORGET_MARKS, _FORGET_NAMES, CREATE_CHANGED, _ALL_ACCOUNTS, "analyze changed", _TAKE_ALL_NAMES.format(kind=self.kind), *made),
            (forget, CREATE_CHANGED, TAKE_MARKS, "analyze changed", _TAKE_NAMES, *made),
        )  # fmt: skip


def _sets(columns: tuple[str, ...]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in columns)


def _differ(table: str, columns: tuple[str, ...]) -> str:
    return f"({', '.join(f'{table}.{name}' for name in columns)}) is distinct from ({', '.join(f'excluded.{name}' for name in columns)})"


# A post that says a hashtag twice, or in two cases, uses it once.
_TAGS = "cross join lateral (select distinct lower(each) as tag from unnest(v.hashtags) each where each <> '') t"

HASHTAGS = Named("hashtags", "hashtag_id", _TAGS, "t.tag", {}, HASHTAGS_METHOD).aggregate
SOUNDS = Named(
    "sounds", "sound_id", "where v.sound_id is not null", "v.sound_id",
    {
        "title": (
            "(array_agg(v.sound_title order by v.observed_at desc, v.video_id) filter (where v.sound_title is not null))[1]",
            "(array_agg(a.title order by a.last_used_at desc nulls last, a.account_id) filter (where a.title is not null))[1]",
        ),
        "last_used_at": ("max(v.posted_at)", "max(a.last_used_at)"),
    },
    SOUNDS_METHOD,
).aggregate  # fmt: skip


def _off_by(kind: str, name: str, uses: str) -> str:
    return f"""
select count(*) from (
  select v.platform, {name} as name, count(*) as videos, coalesce(sum(v.views), 0) as views from videos v {uses} group by 1, 2) v
  full join (select platform, name, videos, views from {kind} where tenant_id = :tenant) h using (platform, name)
 where (v.videos, v.views) is distinct from (h.videos, h.views)"""


OFF_BY: Mapping[str, str] = {
    "hashtags": _off_by("hashtags", "t.tag", f"{_TAGS} where v.tenant_id = :tenant and not v.is_removed"),
    "sounds": _off_by("sounds", "v.sound_id", "where v.tenant_id = :tenant and not v.is_removed and v.sound_id is not null"),
}
