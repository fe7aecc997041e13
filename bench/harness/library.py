"""A synthetic library of any size: tenants with a key each, accounts, videos with texts, a score for every video.

Loaded as the superuser, without looking up foreign keys; indexes are made anew afterwards. What is measured reads as the app role.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

import psycopg

from bench.harness.texts import Texts
from gateways.credentials import NewKey, new_key
from store.ids import new_id

VIDEOS_PER_ACCOUNT = 100
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Holder:
    """A tenant of so many videos, and the key that opens it."""

    tenant_id: UUID
    user_id: UUID
    key_id: UUID
    key: NewKey
    videos: int

    @classmethod
    def of(cls, videos: int) -> "Holder":
        key_id = new_id()
        return cls(new_id(), new_id(), key_id, new_key(key_id), videos)


def fill(superuser: str, sizes: Sequence[int], *, seed: int = 7) -> list[Holder]:
    """One tenant for each size; statistics are up to date afterwards."""
    holders = [Holder.of(size) for size in sizes]
    with psycopg.connect(superuser, autocommit=True) as connection:
        indexes = _without_indexes(connection)
        _make_tenants(connection, holders)
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(lambda part: _load(superuser, *part), [(part, seed + n) for n, part in enumerate(_halves(holders))]))
        connection.execute("set maintenance_work_mem = '1GB'")
        for statement in indexes:
            connection.execute(statement.encode())
        connection.execute("vacuum (analyze) videos, scores, accounts, releases, users, api_keys")
        connection.execute("checkpoint")
    return holders


def _without_indexes(connection: psycopg.Connection) -> list[str]:
    """Drops those that guard nothing, and says how to make them again."""
    found = connection.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index"
        " where indrelid in ('videos'::regclass, 'scores'::regclass) and not indisunique"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"drop index {name}".encode())
    return [statement for _, statement in found]


def _make_tenants(connection: psycopg.Connection, holders: Sequence[Holder]) -> None:
    rows = [
        {"tenant": each.tenant_id, "user": each.user_id, "key": each.key_id, "prefix": each.key.prefix, "hash": each.key.key_hash}
        for each in holders
    ]
    with connection.transaction(), connection.cursor() as cursor:
        for statement in (
            "insert into users (user_id, email) values (%(user)s, %(user)s || '@example.org')",
            "insert into tenants (tenant_id, name) values (%(tenant)s, 'Bench')",
            "insert into memberships (tenant_id, user_id, role) values (%(tenant)s, %(user)s, 'owner')",
            "insert into subscriptions (tenant_id, plan, status) values (%(tenant)s, 'free', 'active')",
            "insert into api_keys (tenant_id, key_id, user_id, name, prefix, key_hash, scopes)"
            " values (%(tenant)s, %(key)s, %(user)s, 'bench', %(prefix)s, %(hash)s, '{read}')",
        ):
            cursor.executemany(statement, rows)


def _halves(holders: Sequence[Holder]) -> tuple[Sequence[Holder], Sequence[Holder]]:
    """Two parts of about as many videos."""
    totals = list(accumulate(each.videos for each in holders))
    middle = next(number for number, total in enumerate(totals, 1) if total * 2 >= totals[-1])
    return holders[:middle], holders[middle:]


def _load(superuser: str, holders: Sequence[Holder], seed: int) -> None:
    texts = Texts(seed)
    with psycopg.connect(superuser, options="-c session_replication_role=replica -c synchronous_commit=off") as connection:
        connection.execute("create temp table staged (n int, title text, description text) on commit delete rows")
        for holder in holders:
            _load_tenant(connection, holder, texts)


def _load_tenant(connection: psycopg.Connection, holder: Holder, texts: Texts) -> None:
    words = {"tenant": holder.tenant_id, "accounts": holder.videos // VIDEOS_PER_ACCOUNT + 1, "videos": holder.videos}
    connection.execute(_RELEASE, words)
    connection.execute(_ACCOUNTS, words)
    for begin in range(0, holder.videos, _CHUNK):
        count = min(_CHUNK, holder.videos - begin)
        with connection.cursor().copy("copy staged from stdin") as copy:
            for number, (title, description) in enumerate(texts.lines(count), begin):
                copy.write(f"{number}\t{title}\t{description}\n")
        connection.execute(_VIDEOS, words)
        connection.execute(_SCORES, {**words, "begin": begin})
        connection.commit()


_RELEASE = (
    "insert into releases (tenant_id, release_id, kind, method, code_version, params, seed, inputs_hash, outputs_hash, inputs_count, as_of)"
    " values (%(tenant)s, uuidv7(), 'scores', 'fair/1', 'bench', '{}', 1, 'in', 'out', %(videos)s, now())"
)
_ACCOUNTS = (
    "insert into accounts (tenant_id, account_id, platform, identity, external_id, username, title, source, first_seen_at, last_seen_at)"
    " select %(tenant)s, uuidv7(), 'youtube', 'id:' || n, n::text, 'creator_' || n, 'Creator ' || n, 'bench', now(), now()"
    " from generate_series(0, %(accounts)s::int - 1) n"
)
# Views are log-normal, the rest follows from them. The order of the ids says nothing about the views.
_VIDEOS = """
insert into videos (tenant_id, video_id, account_id, platform, external_id, url, title, description, thumbnail_url, posted_at,
    duration_seconds, format, selection, views, likes, dislikes, comments, shares, source, first_seen_at, observed_at)
select %(tenant)s, uuidv7(), a.account_id, 'youtube', s.n::text, 'https://www.youtube.com/watch?v=' || s.n, s.title, s.description,
    'https://i.ytimg.com/vi/' || s.n || '/hqdefault.jpg', now() - random() * interval '2 years', 20 + random() * 600, 'long', 'census',
    v.views, v.views * 0.05, v.views * 0.001, v.views * 0.004, v.views * 0.01, 'bench', now() - interval '1 day', now()
from staged s cross join lateral (select exp(9 + 2 * random_normal() + s.n * 0)::bigint as views) v
join accounts a on a.tenant_id = %(tenant)s and a.external_id = (s.n %% %(accounts)s::int)::text"""
_SCORES = """
insert into scores (tenant_id, video_id, release_id, multiple, low, high, shrunk_multiple, p_outlier, is_outlier, peers, age_days,
    virality_band, naive_multiple, naive_band, as_of)
select v.tenant_id, v.video_id, r.release_id, l.luck, l.luck * 0.6, l.luck * 1.7, (1 + l.luck) / 2, random(), l.luck > 3, 40, 30,
    'typical', l.luck * 1.2, 'typical', now()
from staged s join videos v on v.tenant_id = %(tenant)s and v.platform = 'youtube' and v.external_id = s.n::text
join releases r on r.tenant_id = v.tenant_id cross join lateral (select exp(random_normal() + s.n * 0) as luck) l"""
