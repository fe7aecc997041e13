"""Reading tracked accounts of YouTube from the sandbox, which is a process of its own, through the real client libraries.

`ours` is `services.scraping.refresh`, which the asset runs: due accounts, fetch cache, quota, log, breaker, then posts, snapshots and
trackings in PostgreSQL with fsync, of the 50 newest posts of an account. `baseline` is googleapiclient as its documentation shows it, in a
bare loop: the channel, its list, its videos, one account after the other, nothing kept; then the same loop in as many threads as ours has.
Both wait for what the sandbox takes to make an answer. Figures are accounts per minute of wall time, and of processor time of our process.

*Memory* is the most that a process of its own held (VmHWM), with Dagster and our assets loaded, while it read 500 accounts of 200 posts in
one run. *Due work* is what a schedule asks for every five minutes. *The browser* is TikTok's way: what beginning one takes, spread over the
calls after which it is begun anew.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice

import psycopg

from bench.harness.provider import Provider, provider
from bench.harness.reading import read, tenant, tracked
from bench.harness.rows import Row, Scale
from bench.harness.stage import Stage, stage
from domain.observations import Platform
from domain.ports import Platforms
from domain.sources import Answer, Ask, Bucket, SourceName, Target
from gateways.tiktok import browser
from gateways.tiktok.browser import BrowserOptions
from gateways.tiktok.pool import CALLS_PER_BROWSER, Pool
from gateways.tiktok.web import TikTokWeb
from sandbox.google import API_KEY
from services.fetching import Fetching
from services.scraping import CONCURRENCY
from store.database import Database

TITLE = "Reading tracked accounts"
ACCOUNTS, MOST_POSTS, POSTS, TRACKINGS = 500, 200, 50, 10_000
RATIO, DUE_MS, MEMORY_MB = 0.8, 50.0, 400.0
LATENCIES = (0.0, 0.2)
THREADS = CONCURRENCY[Platform.YOUTUBE]


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is measured."""

    made: Stage
    database: Database
    provider: Provider
    scale: Scale


def run(scale: Scale) -> list[Row]:
    with ExitStack() as stack:
        made = stack.enter_context(stage())
        database = stack.enter_context(closing(Database(made.urls.app, system_url=made.urls.system, pool_size=12)))
        accounts = max(32, scale.rows(ACCOUNTS))
        there = stack.enter_context(provider(made.home / "sandbox", accounts=accounts, posts=MOST_POSTS))
        place = Place(made, database, there, scale)
        rows = [row for latency in LATENCIES for row in _throughput(place, latency)]
        there.delay(0)
        return [*rows, _cache_hit(database), _due(place), _memory(place), *_browser(place)]


def _throughput(place: Place, latency: float) -> list[Row]:
    """Ours and the bare loops in turn; none of the accounts has been read before by anybody."""
    place.provider.delay(latency)
    count = min(len(place.provider.youtube), max(16, place.scale.rows(80 if latency else 200)))
    some = place.provider.youtube[:count]
    few = some[: max(8, count // 8)] if latency else some
    ours, bare, many, spent = [], [], [], []
    for _ in range(place.scale.rounds):
        held, cpu = tracked(place.made.superuser, place.database, some), time.process_time()
        tally, seconds = read(held, place.provider.options(place.made.home), posts=POSTS)
        spent.append((time.process_time() - cpu) / count * 1000)
        if tally.outcomes != {"ok": count} or tally.posts != count * POSTS:
            raise AssertionError(f"{count} accounts of {POSTS} posts came to {tally.outcomes}, {tally.posts} posts")
        ours.append(count / seconds * 60)
        bare.append(len(few) / _looped(place.provider, few, threads=1) * 60)
        many.append(count / _looped(place.provider, some, threads=THREADS) * 60)
    words = f"answers after {latency * 1000:.0f} ms"
    mine, cpu_ms = statistics.median(ours), statistics.median(spent)
    return [
        _ratio(f"accounts, {words}: to a bare loop", mine, statistics.median(bare), f"{count} accounts, medians of {place.scale.rounds}"),
        _ratio(f"accounts, {words}: to {THREADS} bare loops", mine, statistics.median(many), "with as many threads as ours", is_bar=False),
        Row(
            name=f"processor for an account, {words}", ours=cpu_ms, unit="ms",
            note=f"{cpu_ms / POSTS:.2f} ms a video; {60_000 / cpu_ms:,.0f} accounts/min of a core of ours",
        ),
    ]  # fmt: skip


def _ratio(name: str, mine: float, theirs: float, note: str, *, is_bar: bool = True) -> Row:
    ratio = mine / theirs
    return Row(
        name=name, ours=mine, baseline=theirs, unit="accounts/min", ratio=ratio, bar=f">= {RATIO}" if is_bar else "",
        passed=ratio >= RATIO if is_bar else None, note=note,
    )  # fmt: skip


def _looped(there: Provider, accounts: Sequence[tuple[str, str]], *, threads: int) -> float:
    """How many seconds the client library takes; each thread has one of its own, as it is not to be shared."""

    def loop(some: Sequence[tuple[str, str]]) -> None:
        from googleapiclient.discovery import build

        with build("youtube", "v3", developerKey=API_KEY, client_options={"api_endpoint": there.url}, static_discovery=True) as service:
            for channel_id, _ in some:
                channels = service.channels().list(part="snippet,contentDetails,statistics", id=channel_id).execute()
                uploads = channels["items"][0]["contentDetails"]["relatedPlaylists"]["uploads"]
                listed = service.playlistItems().list(part="contentDetails", playlistId=uploads, maxResults=POSTS).execute()
                ids = ",".join(each["contentDetails"]["videoId"] for each in listed["items"])
                service.videos().list(part="snippet,contentDetails,statistics,liveStreamingDetails", id=ids).execute()

    parts = [accounts[first::threads] for first in range(threads)]
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(loop, parts))
    return time.perf_counter() - began


def _cache_hit(database: Database) -> Row:
    """Another workspace's fresh answer, of fifty posts."""
    item = {"id": "x" * 11, "snippet": {"title": "A title of usual length for a video", "description": "d" * 900, "tags": ["one", "two"]}}
    answer, times = Answer({"items": [item] * POSTS}), list[float]()
    for tenant_id in (tenant(database), tenant(database)):
        begin = lambda tenant_id=tenant_id: database.begin(tenant_id)  # noqa: E731
        with closing(Fetching(begin, Platforms(project="hits"), tenant_id=tenant_id, max_age=timedelta(minutes=10))) as fetching:
            times = [_seconds(partial(_hit, fetching, answer, number)) for number in range(200)]
    return Row(
        name="an answer out of the fetch cache", ours=statistics.median(times) * 1000, unit="ms",
        note=f"{len(json.dumps(answer.payload)) // 1000} kB of JSON, charged to a second workspace; median of 200",
    )  # fmt: skip


def _due(place: Place) -> Row:
    """A fifth of the trackings is due, of twenty workspaces."""
    tenants = [tenant(place.database) for _ in range(20)]
    each = max(1, place.scale.rows(TRACKINGS) // len(tenants))
    with psycopg.connect(place.made.superuser, autocommit=True) as connection:
        connection.execute("truncate trackings")
        for tenant_id in tenants:
            for statement in _FOLLOWED:
                connection.execute(statement, {"tenant": tenant_id, "accounts": each})
        connection.execute("vacuum analyze trackings")
    times = []
    for _ in range(20):
        with place.database.begin_system() as system:
            began = time.perf_counter()
            groups = system.trackings.due(now=datetime.now(UTC))
            times.append(time.perf_counter() - began)
    slowest = max(times) * 1000
    return Row(
        name=f"picking due work among {each * len(tenants):,} trackings", ours=slowest, unit="ms", bar=f"<= {DUE_MS:.0f} ms",
        passed=slowest <= DUE_MS, note=f"{sum(group.accounts for group in groups):,} due of {len(tenants)} workspaces; the slowest of 20",
    )  # fmt: skip


_FOLLOWED = (
    "insert into accounts (tenant_id, account_id, platform, identity, external_id, username, source, first_seen_at, last_seen_at)"
    " select %(tenant)s, gen_random_uuid(), (array['tiktok', 'youtube', 'instagram', 'x'])[1 + n %% 4], 'id:' || n, n::text, 'n' || n,"
    " 'bench', now(), now() from generate_series(1, %(accounts)s) n",
    "insert into trackings (tenant_id, account_id, platform, state, next_run_at, next_reason, floor_seconds)"
    " select tenant_id, account_id, platform, 'live', now() + (row_number() over () %% 5) * interval '1 hour' - interval '30 minutes',"
    " 'look', 3600 from accounts where tenant_id = %(tenant)s",
)


def _memory(place: Place) -> Row:
    some = place.provider.youtube[: place.scale.rows(ACCOUNTS)]
    held = tracked(place.made.superuser, place.database, some)
    asked = {
        "database": place.made.urls.app, "tenant_id": str(held.tenant_id), "request_id": str(held.request.request_id),
        "options": place.provider.known(place.made.home),
    }  # fmt: skip
    command = [sys.executable, "-m", "bench.harness.reading"]
    found = json.loads(subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True).stdout)
    if found["outcomes"] != {"ok": len(some)}:
        raise AssertionError(f"{len(some)} accounts came to {found['outcomes']}")
    return Row(
        name=f"memory while {len(some)} accounts are read in one run", ours=found["peak_mb"], unit="MB", bar=f"<= {MEMORY_MB:.0f} MB",
        passed=found["peak_mb"] <= MEMORY_MB, note=f"{found['posts']:,} posts; {found['loaded_mb']:.0f} MB of it before the first account",
    )  # fmt: skip


def _browser(place: Place) -> Iterator[Row]:
    """Nothing where no browser is found."""
    found, _ = browser.find("find")
    if found is None:
        return
    with closing(Pool(BrowserOptions(found, place.provider.proxy, place.provider.ca))) as pool:
        reader, names = TikTokWeb(pool), cycle(place.provider.tiktok)

        def ask(name: str) -> Callable[[], object]:
            return lambda: reader.account(Target(Platform.TIKTOK, username=name), Straight(), posts=POSTS)

        first = _seconds(ask(next(names)[1]))
        cpu = time.process_time()
        times = [_seconds(ask(name)) for _, name in islice(names, max(5, place.scale.rows(40)))]
        cpu_ms = (time.process_time() - cpu) / len(times) * 1000
    usual = statistics.median(times)
    yield Row(
        name="beginning a browser, spread over its calls", ours=(first - usual) / CALLS_PER_BROWSER * 1000, unit="ms a call",
        note=f"{first - usual:.1f} s for a session of {CALLS_PER_BROWSER} calls",
    )  # fmt: skip
    yield Row(
        name=f"an account of {POSTS} posts through the browser", ours=usual * 1000, unit="ms",
        note=f"one after the other; {cpu_ms:.1f} ms of it is our process, {cpu_ms / POSTS:.2f} ms a video",
    )  # fmt: skip


def _hit(fetching: Fetching, answer: Answer, number: int) -> Answer:
    ask = Ask(SourceName.YOUTUBE_API, "hit", str(number), Bucket.YOUTUBE_UNITS, 1)
    return fetching.errand(ask.source).fetch(ask, lambda: answer)


class Straight:
    """An errand that just calls."""

    def fetch(self, _: Ask, call: Callable[[], Answer]) -> Answer:
        return call()


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
