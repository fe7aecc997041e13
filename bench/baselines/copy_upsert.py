"""The same rows written by hand, as fast as plain SQL goes: COPY in binary into a temporary table, then one upsert for each table.

It writes twins of our tables, made with the same columns, checks and indexes, as the tables' owner and without row-level security. It
knows that its rows are clean: it rejects nothing, merges no accounts, keeps no word of an older row and tells nothing about a row.
"""

from collections.abc import Sequence
from uuid import UUID

import psycopg

from domain.observations import Observed
from store.ids import new_id

COLUMNS = {
    "new_account_id": "uuid", "new_video_id": "uuid", "platform": "text", "identity": "text", "known_as": "text[]",
    "account_external_id": "text", "username": "text", "account_title": "text", "followers": "int8", "external_id": "text", "url": "text",
    "title": "text", "description": "text", "posted_at": "timestamptz",
    "duration_seconds": "int8", "format": "text", "hashtags": "text[]", "observed_at": "timestamptz",
    "views": "int8", "likes": "int8", "comments": "int8", "shares": "int8",
}  # fmt: skip
_FACTS = (
    "url", "title", "description", "posted_at", "duration_seconds", "format", "hashtags", "views", "likes", "comments", "shares",
    "observed_at",
)  # fmt: skip
_LIST = ", ".join(_FACTS)
Flat = tuple[object, ...]

TABLES = ("accounts", "videos", "video_texts", "video_snapshots")

_ACCOUNTS = """
insert into bare.accounts (tenant_id, account_id, platform, identity, known_as, external_id, username, title, followers, source,
  first_seen_at, last_seen_at)
select distinct on (platform, identity) %(tenant)s, new_account_id, platform, identity, known_as, account_external_id, username,
  account_title, followers, %(source)s, min(observed_at) over (partition by platform, identity), observed_at
  from bare_incoming order by platform, identity, observed_at desc
on conflict (tenant_id, platform, identity) do update set username = excluded.username, title = excluded.title,
  followers = excluded.followers, last_seen_at = excluded.last_seen_at, updated_at = now()
  where (accounts.username, accounts.title, accounts.followers, accounts.last_seen_at)
    is distinct from (excluded.username, excluded.title, excluded.followers, excluded.last_seen_at)"""

_VIDEOS = f"""
insert into bare.videos (tenant_id, video_id, account_id, platform, external_id, selection, source, first_seen_at, {_LIST})
select distinct on (i.platform, i.external_id) %(tenant)s, i.new_video_id, a.account_id, i.platform, i.external_id, 'manual', %(source)s,
  min(i.observed_at) over (partition by i.platform, i.external_id),
  {", ".join(f"i.{name}" for name in _FACTS)}
  from bare_incoming i join bare.accounts a on a.tenant_id = %(tenant)s and a.platform = i.platform and a.identity = i.identity
 order by i.platform, i.external_id, i.observed_at desc
on conflict (tenant_id, platform, external_id) do update set {", ".join(f"{name} = excluded.{name}" for name in _FACTS)}, updated_at = now()
  where ({", ".join(f"videos.{name}" for name in _FACTS)}) is distinct from ({", ".join(f"excluded.{name}" for name in _FACTS)})"""

_SNAPSHOTS = """
insert into bare.video_snapshots (tenant_id, video_id, observed_at, views, likes, comments, shares, source, import_id)
select %(tenant)s, v.video_id, i.observed_at, i.views, i.likes, i.comments, i.shares, %(source)s, %(import_id)s
  from bare_incoming i join bare.videos v on v.tenant_id = %(tenant)s and v.platform = i.platform and v.external_id = i.external_id
on conflict do nothing"""

_TEXTS = """
insert into bare.video_texts (tenant_id, video_id, seen_from, title, description, source)
select distinct on (v.video_id) %(tenant)s, v.video_id, i.observed_at, i.title, i.description, %(source)s
  from bare_incoming i join bare.videos v on v.tenant_id = %(tenant)s and v.platform = i.platform and v.external_id = i.external_id
 where not exists (select from bare.video_texts t where t.tenant_id = %(tenant)s and t.video_id = v.video_id
   and t.title = i.title and t.description = i.description)
 order by v.video_id, i.observed_at
on conflict do nothing"""


def flat(seen: Observed) -> Flat:
    """A row as it goes into the temporary table."""
    account, video, counters = seen.account, seen.video, seen.counters
    assert video is not None
    return (
        new_id(), new_id(), account.platform.value, f"id:{account.external_id}",
        [f"name:{account.username}", f"title:{(account.title or '').lower()}"],
        account.external_id, account.username, account.title, account.followers, video.external_id, video.url, video.title,
        video.description,
        video.posted_at, video.duration_seconds, video.format.value if video.format else None, list(video.hashtags), seen.observed_at,
        counters.views, counters.likes, counters.comments, counters.shares,
    )  # fmt: skip


def prepare(connection: psycopg.Connection, months: Sequence[str]) -> None:
    """The twins, empty, with the snapshots' partitions of these months."""
    connection.execute("drop schema if exists bare cascade; create schema bare")
    for table in TABLES:
        kind = " partition by range (observed_at)" if table == "video_snapshots" else ""
        connection.execute(f"create table bare.{table} (like public.{table} including all){kind}")
    for table, other, column in (("videos", "accounts", "account_id"), ("video_texts", "videos", "video_id")):
        connection.execute(f"alter table bare.{table} add foreign key (tenant_id, {column}) references bare.{other} (tenant_id, {column})")
    connection.execute("create table bare.video_snapshots_default partition of bare.video_snapshots default")
    for month in months:
        first = f"{month}-01"
        connection.execute(
            f"create table bare.video_snapshots_{month.replace('-', '')} partition of bare.video_snapshots"
            f" for values from ('{first}') to ('{first}'::date + interval '1 month')"
        )


def put(connection: psycopg.Connection, tenant_id: UUID, import_id: UUID, rows: Sequence[Flat]) -> None:
    """One batch, one transaction."""
    words = {"tenant": tenant_id, "source": "import:whyral", "import_id": import_id}
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            f"create temporary table bare_incoming ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())}) on commit drop"
        )
        with cursor.copy(f"copy bare_incoming ({', '.join(COLUMNS)}) from stdin (format binary)") as copy:
            copy.set_types(list(COLUMNS.values()))
            for row in rows:
                copy.write_row(row)
        cursor.execute("analyze bare_incoming")
        for statement in (_ACCOUNTS, _VIDEOS, _SNAPSHOTS, _TEXTS):
            cursor.execute(statement, words)
