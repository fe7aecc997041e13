"""What may not be kept any longer: rows whose `expires_at` has passed. They are confirmed by a newer reading, reduced to what is ours, or deleted.

A text or snapshot in force is as old as the last change, while its video was read since: it is confirmed, not deleted. A video that somebody
marked, collected or gave us facts of stays without what may not be kept; any other goes. Each call is one batch of one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from store.catalogue_merge import COUNTERS
from store.repository import LOCK, Repository
from store.tables import metadata
from store.tables.library import retention_reports
from store.videos import newest_known

TABLES = ("videos", "video_texts", "video_snapshots", "video_comments", "account_followers", "release_inputs", "accounts")
WHY_MISSING = "not read again within the time that its source allows to keep it"


@dataclass(frozen=True, slots=True)
class Expiring:
    """A video that is to be read again before its time is up."""

    video_id: UUID
    platform: str
    external_id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class ExpiringAccount:
    """An account that is to be read again."""

    account_id: UUID
    platform: str
    external_id: str | None
    username: str | None


def _confirmed(table: str, key: str, moment: str, parent: str) -> str:
    """Delete what expired; what is in force of a parent that was read since comes back with the parent's time."""
    columns = [column.name for column in metadata.tables[table].columns]
    kept = ", ".join("until" if name == "expires_at" else name for name in columns)
    return f"""
with due as (
  select t.{key}, t.{moment}, p.expires_at as until,
    p.expires_at > :now and not exists (
      select from {table} n where n.tenant_id = :tenant and n.{key} = t.{key} and n.{moment} > t.{moment}) as is_in_force
    from {table} t left join {parent} p on p.tenant_id = t.tenant_id and p.{key} = t.{key}
   where t.tenant_id = :tenant and t.expires_at <= :now limit :batch),
gone as (
  delete from {table} t using due d where t.tenant_id = :tenant and t.{key} = d.{key} and t.{moment} = d.{moment} returning t.*, d.until, d.is_in_force),
back as (
  insert into {table} ({", ".join(columns)}) select {kept} from gone where is_in_force is true)
select count(*) as looked_at, count(*) filter (where is_in_force is not true) as deleted from gone"""


_DATED = {
    "video_texts": _confirmed("video_texts", "video_id", "seen_from", "videos"),
    "video_snapshots": _confirmed("video_snapshots", "video_id", "observed_at", "videos"),
    "account_followers": _confirmed("account_followers", "account_id", "observed_at", "accounts"),
    "video_comments": """
with due as (select video_id, comment_id from video_comments where tenant_id = :tenant and expires_at <= :now limit :batch),
gone as (
  delete from video_comments c using due d where c.tenant_id = :tenant and c.video_id = d.video_id and c.comment_id = d.comment_id returning 1)
select count(*) as looked_at, count(*) as deleted from gone""",
    "release_inputs": """
with due as (select release_id from release_inputs where tenant_id = :tenant and expires_at <= :now limit :batch),
gone as (delete from release_inputs i using due d where i.tenant_id = :tenant and i.release_id = d.release_id returning 1)
select count(*) as looked_at, count(*) as deleted from gone""",
}

_DUE_VIDEOS = """
create temporary table due on commit drop as
select v.video_id, v.account_id, v.selection, v.posted_at,
  v.is_removed or exists (select from video_snapshots s where s.tenant_id = :tenant and s.video_id = v.video_id and s.expires_at is null)
    or exists (select from video_texts t where t.tenant_id = :tenant and t.video_id = v.video_id and t.expires_at is null)
    or exists (select from owner_metrics o where o.tenant_id = :tenant and o.video_id = v.video_id)
    or exists (select from collection_videos m where m.tenant_id = :tenant and m.video_id = v.video_id)
    or exists (select from video_activity a where a.tenant_id = :tenant and a.video_id = v.video_id) as is_ours
  from videos v where v.tenant_id = :tenant and v.expires_at <= :now order by v.expires_at limit :batch"""

_DROP_SNAPSHOTS = """
delete from video_snapshots s using due d where s.tenant_id = :tenant and s.video_id = d.video_id
  and (not d.is_ours or (s.expires_at is not null and not :is_amended))"""
_DROP_TEXTS = """
delete from video_texts t using due d where t.tenant_id = :tenant and t.video_id = d.video_id and t.expires_at is not null"""

_REDUCE = f"""
update videos v set title = t.title, description = t.description, thumbnail_url = null, category = null, tags = '{{}}', hashtags = '{{}}', mentions = '{{}}',
  sound_id = null, sound_title = null, expires_at = null, updated_at = now(), {", ".join(f"{name} = s.{name}" for name in COUNTERS)},
  missing = v.missing || jsonb_strip_nulls(jsonb_build_object({", ".join(f"'{name}', case when s.{name} is null and v.{name} is not null then :why end" for name in COUNTERS)}))
  from due d
  cross join lateral (select {newest_known(COUNTERS)} from video_snapshots s where s.tenant_id = :tenant and s.video_id = d.video_id) s
  cross join lateral (select {newest_known(("title", "description"), by="seen_from")} from video_texts s where s.tenant_id = :tenant and s.video_id = d.video_id) t
 where v.tenant_id = :tenant and v.video_id = d.video_id and d.is_ours"""
_DROP_MEASURES = "delete from video_thumbnails t using due d where t.tenant_id = :tenant and t.video_id = d.video_id and d.is_ours"
_MARK_REDUCED = """
insert into account_changes (tenant_id, account_id, aggregate, change_id)
select :tenant, a.account_id, m.aggregate, gen_random_uuid() from (select distinct account_id from due where is_ours) a
  cross join (values ('totals'), ('hashtags'), ('sounds')) m(aggregate)"""
_DROP_VIDEOS = "delete from videos v using due d where v.tenant_id = :tenant and v.video_id = d.video_id and not d.is_ours"

# Of what is left of an account up to its last lost post, nobody can say any more that it is every post there was.
_DEMOTE = """
update videos v set selection = 'manual', updated_at = now() from (
  select account_id, coalesce(max(posted_at), 'infinity') as until from due where selection = 'census' and not is_ours group by account_id) l
 where v.tenant_id = :tenant and v.account_id = l.account_id and v.selection = 'census' and coalesce(v.posted_at, '-infinity') <= l.until"""

_SHORTEN = """
update trackings t set complete_since = case when l.until < 'infinity' then greatest(t.complete_since, l.until + interval '1 second') end from (
  select account_id, coalesce(max(posted_at), 'infinity') as until from due where selection = 'census' and not is_ours group by account_id) l
 where t.tenant_id = :tenant and t.account_id = l.account_id and t.complete_since <= l.until"""

_REDUCE_ACCOUNTS = """
with due as (select account_id from accounts where tenant_id = :tenant and expires_at <= :now limit :batch)
update accounts a set title = null, description = null, avatar_url = null, is_verified = null, followers = null, following = null,
  declared_videos = null, declared_likes = null, expires_at = null, updated_at = now()
  from due d where a.tenant_id = :tenant and a.account_id = d.account_id"""


class Retention(Repository):
    """One tenant's rows that expire."""

    def expiring_videos(self, *, before: datetime, limit: int) -> list[Expiring]:
        """The ones to read again, the most urgent first. What is known to be gone is not asked for."""
        rows = self._read(
            "select video_id, platform, external_id, url from videos where tenant_id = %(tenant)s and expires_at < %(before)s and not is_removed"
            " order by expires_at, video_id limit %(limit)s", before=before, limit=limit,
        )  # fmt: skip
        return [Expiring(*row) for row in rows]

    def expiring_accounts(self, *, before: datetime, limit: int) -> list[ExpiringAccount]:
        rows = self._read(
            "select account_id, platform, external_id, username from accounts where tenant_id = %(tenant)s and expires_at < %(before)s"
            " and not is_provisional order by expires_at, account_id limit %(limit)s", before=before, limit=limit,
        )  # fmt: skip
        return [ExpiringAccount(*row) for row in rows]

    def clear_dated(self, table: str, *, now: datetime, batch: int) -> tuple[int, int]:
        """One batch of a table of moments: how many rows were looked at, and deleted."""
        self._run(LOCK)
        row = self._run(_DATED[table], now=now, batch=batch).one()
        return row.looked_at, row.deleted

    def clear_videos(self, *, now: datetime, batch: int, is_amended: bool) -> tuple[int, int]:
        """One batch of videos: how many were looked at, and deleted; the others were reduced to what is ours."""
        self._run(LOCK)
        self._run("drop table if exists due")
        self._run(_DUE_VIDEOS, now=now, batch=batch)
        self._run(_DROP_SNAPSHOTS, is_amended=is_amended)
        self._run(_DROP_TEXTS)
        self._run(_REDUCE, why=WHY_MISSING)
        self._run(_DROP_MEASURES)
        self._run(_MARK_REDUCED)
        self._run(_DEMOTE)
        self._run(_SHORTEN)
        deleted = self._run(_DROP_VIDEOS).rowcount
        return int(self._run("select count(*) from due").scalar_one()), deleted

    def clear_accounts(self, *, now: datetime, batch: int) -> int:
        """One batch of accounts that nobody read again: they keep their names, and lose what was told of them."""
        self._run(LOCK)
        return self._run(_REDUCE_ACCOUNTS, now=now, batch=batch).rowcount

    def overdue(self, *, now: datetime, is_amended: bool) -> dict[str, int]:
        """How many rows are there whose time is up, per table."""
        tables = self._due_tables(is_amended)
        return {
            name: int(self._run(f"select count(*) from {name} where tenant_id = :tenant and expires_at <= :now", now=now).scalar_one())
            for name in tables
        }

    def oldest(self) -> Mapping[str, str]:
        """Per table, until when the row may be kept whose time is up first."""
        found = {
            name: self._run(f"select min(expires_at) from {name} where tenant_id = :tenant and expires_at is not null").scalar_one()
            for name in TABLES
        }
        return {name: moment.isoformat() for name, moment in found.items() if moment is not None}

    def report(self, facts: Mapping[str, object]) -> None:
        self._insert(retention_reports, facts)

    def reports(self) -> int:
        return int(self._run("select count(*) from retention_reports where tenant_id = :tenant").scalar_one())

    def _due_tables(self, is_amended: bool) -> Sequence[str]:
        return [name for name in TABLES if not (is_amended and name == "video_snapshots")]
