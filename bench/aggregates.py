"""One workspace with 1,000,000 snapshots: 1,000 accounts, 100 posts each, posted over three months; each post was seen nine times in its
first four weeks and once more at the end, when the whole library was. The tables are filled by plain SQL and analysed, as autovacuum
does; then a full recompute makes the first aggregates.

In each round 10,000 snapshots change (1 %): new observations through `uow.catalogue.put`, of which the recompute learns only by the marks
that this leaves. Then ours makes the aggregates of what changed, as the assets do by default (`put_totals` and `put_days` of the store, a
transaction each, as the app's role under row-level security), and the baseline is the same two calls with `is_full`, which is what
`is_full: true` in the assets' configuration does. After each round both tables must be equal, to the last row.

The bar is on the first shape, accounts refreshed one by one: 10 accounts (1 %), every post of theirs seen ten times more. The others say
what it costs when the same number of snapshots is spread: over a tenth of the accounts, each post seen once more, and over all accounts,
ten posts of each.
"""

import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg

from bench.harness.rows import Row, Scale
from bench.harness.stage import Stage, stage
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts
from store.catalogue import Origin
from store.database import Database
from store.ids import new_id

TITLE = "Account aggregates after a change"
SNAPSHOTS, POSTS, SEEN = 1_000_000, 100, 10
BAR = 20
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
SHAPES = {
    "1 % of the accounts, each post ten times": (0.01, 1.0, 10),
    "10 % of the accounts, each post once": (0.1, 1.0, 1),
    "all accounts, a tenth of the posts once": (1.0, 0.1, 1),
}
_FILL = """
insert into accounts (tenant_id, account_id, platform, identity, known_as, external_id, username, source, first_seen_at, last_seen_at)
  select %(tenant)s, md5('account ' || a)::uuid, 'tiktok', 'id:acc' || a, array['name:maker' || a], 'acc' || a, 'maker' || a, 'bench',
    %(first)s, %(first)s
    from generate_series(1, %(accounts)s) a;
insert into videos (tenant_id, video_id, account_id, platform, external_id, posted_at, selection, views, likes, comments, shares, source,
    first_seen_at, observed_at)
  select %(tenant)s, md5('video ' || a || ' ' || p)::uuid, md5('account ' || a)::uuid, 'tiktok', a || '-' || p, posted, 'manual',
    (a * 31 + p * 17) %% 5000 + 100000, (a * 7 + p) %% 900 + 9000, p, a %% 50, 'bench',
    posted, %(first)s + interval '120 days' + make_interval(secs => a)
    from generate_series(1, %(accounts)s) a, generate_series(1, %(posts)s) p, lateral (
      select %(first)s + make_interval(secs => (p * 86400 * 90.0 / %(posts)s + a * 61)::int) as posted) t;
insert into video_snapshots (tenant_id, video_id, observed_at, views, likes, comments, shares, source)
  select %(tenant)s, v.video_id, case when s < %(seen)s then v.posted_at + interval '3 days' * s else v.observed_at end,
    v.views * s / %(seen)s, v.likes * s / %(seen)s, v.comments * s / %(seen)s, v.shares * s / %(seen)s, 'bench'
    from videos v, generate_series(1, %(seen)s) s where v.tenant_id = %(tenant)s"""


def run(scale: Scale) -> list[Row]:
    accounts = max(100, scale.rows(SNAPSHOTS) // (POSTS * SEEN))
    with stage() as made:
        database = Database(made.urls.app)
        tenant_id = _filled(made, database, accounts)
        _made(database, tenant_id, is_full=True)
        rows = [_shape(database, tenant_id, accounts, scale, name) for name in SHAPES]
        database.close()
    return rows


def _filled(made: Stage, database: Database, accounts: int) -> UUID:
    tenant_id = new_id()
    with database.begin_anonymous() as uow:
        uow.identity.register(user_id=new_id(), tenant_id=tenant_id, email="bench@example.org", password_hash="x", names=(None, "Bench"))
    database.ensure_months([f"2026-{month:02}" for month in range(1, 11)])
    words = {"tenant": tenant_id, "first": FIRST, "accounts": accounts, "posts": POSTS, "seen": SEEN}
    with psycopg.connect(made.superuser, autocommit=True) as connection:
        for statement in _FILL.split(";"):
            connection.execute(statement, words)
        connection.execute("vacuum analyze")
    return tenant_id


def _shape(database: Database, tenant_id: UUID, accounts: int, scale: Scale, name: str) -> Row:
    """Ours and the baseline in turn, after a change each time."""
    ours, full = [], []
    changed = 0
    for number in range(scale.rounds):
        changed = _change(database, tenant_id, accounts, name, number)
        ours.append(_timed(database, tenant_id, is_full=False))
        renewed = _rows(database, tenant_id)
        full.append(_timed(database, tenant_id, is_full=True))
        if renewed != _rows(database, tenant_id):
            raise AssertionError(f"{name}: the aggregates of what changed are not those of a full recompute")
    mine, baseline = statistics.median(ours), statistics.median(full)
    is_bar = name == next(iter(SHAPES))
    return Row(
        name=name, ours=mine * 1000, baseline=baseline * 1000, unit="ms", ratio=baseline / mine, bar=f">= {BAR}" if is_bar else "",
        passed=baseline / mine >= BAR if is_bar else None,
        note=f"{changed:,} snapshots changed; medians of {scale.rounds}; equal to the full recompute",
    )  # fmt: skip


def _change(database: Database, tenant_id: UUID, accounts: int, name: str, number: int) -> int:
    """New observations, each of which is a new snapshot. Returns how many."""
    of_accounts, of_posts, times = SHAPES[name]
    shape = list(SHAPES).index(name)
    first = FIRST + timedelta(days=121 + 12 * (3 * number + shape))
    many = max(1, round(accounts * of_accounts)), max(1, round(POSTS * of_posts)), times
    rows = list(_observations(*many, first=first, views=1_000_000 * (3 * number + shape + 1)))
    with database.begin(tenant_id) as uow:
        found = uow.catalogue.put(rows, Origin("bench", "manual"))
    accepted = [each for each in found if each.outcome == "accepted"]
    if len(accepted) != len(rows):
        raise AssertionError(f"{name}: {len(rows) - len(accepted)} rows are no new snapshots")
    return len(rows)


def _observations(accounts: int, posts: int, times: int, *, first: datetime, views: int) -> Iterator[Observed]:
    line = 0
    for nth in range(times):
        for account in range(1, accounts + 1):
            for post in range(1, posts + 1):
                line += 1
                now = views + nth * 1000 + line % 997
                owner = AccountFacts(Platform.TIKTOK, external_id=f"acc{account}", username=f"maker{account}")
                yield Observed(
                    line, owner, first + timedelta(days=nth), video=VideoFacts(f"{account}-{post}"),
                    counters=Counters(views=now, likes=now // 11, comments=post, shares=nth),
                )  # fmt: skip


def _timed(database: Database, tenant_id: UUID, *, is_full: bool) -> float:
    began = time.perf_counter()
    _made(database, tenant_id, is_full=is_full)
    return time.perf_counter() - began


def _made(database: Database, tenant_id: UUID, *, is_full: bool) -> None:
    """As the two assets do."""
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_totals(now=datetime.now(UTC), is_full=is_full)
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_days(now=datetime.now(UTC), is_full=is_full)


def _rows(database: Database, tenant_id: UUID) -> Sequence[Sequence[object]]:
    with database.begin(tenant_id) as uow:
        read = uow.connection.exec_driver_sql
        totals = read("select to_jsonb(t) - 'as_of' from account_totals t order by account_id").all()
        return [tuple(row) for row in (*totals, *read("select * from account_days order by account_id, day"))]
