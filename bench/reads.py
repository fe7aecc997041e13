"""1,000,000 videos over 1,000 tenants (one of 100,000, one of 1,000, the others about 900 each), titles and descriptions of the length of
public YouTube lists, a score for every video; embedded PostgreSQL with production settings, row-level security and key check on.

**The list**: `GET /api/v1/videos?sort=views&limit=50`, 32 connections without a pause, the keys of 100 tenants in turn, one worker process.
Ours is started as `whyral up` starts it, with metrics, request ids and ETags. The baseline is `bench/baselines/fastapi_orm.py`: FastAPI,
SQLAlchemy's async ORM on asyncpg and pydantic, on the same database and role, with the same fields and key check. It is served by uvicorn,
by uvicorn with a database connection for everybody, and by Granian; the best figure of all these counts as the baseline's. All of them
take turns, after a warm-up; figures are medians of the rounds. Answers are compared first: all servers give the same 50 items.

**Tenant size**: the same call and load, with the key of one tenant only.

**Search**: `q=` of one and of two words, one client without load, on the tenant of 100,000 videos; every search matches at most 1 % of its
videos (the frequent end of what does), and takes turns with other words and orders.
"""

import time
from collections.abc import Hashable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import psycopg

from bench.harness import servers
from bench.harness.library import Holder, fill
from bench.harness.load import Load, press, tool
from bench.harness.rows import Row, Scale
from bench.harness.stage import Stage, stage

TITLE = "Reads: lists and search"
LIST = "/api/v1/videos?sort=views&limit=50"
CONNECTIONS, WARM_UP_SECONDS, ROTATED = 32, 2.0, 100
BASELINE = "bench.baselines.fastapi_orm:application"
BASELINES = {
    "uvicorn": (servers.uvicorn, "10"),
    "uvicorn, 32 connections": (servers.uvicorn, "32"),
    "granian": (servers.granian, "10"),
}
SEARCHES, SEARCH_SHARE = 30, 0.01
MATCHES = "search @@ websearch_to_tsquery('simple', %s)"
ORDERS = ("views", "posted_at", "score")
Name = TypeVar("Name", bound=Hashable)


def run(scale: Scale) -> list[Row]:
    with stage() as made:
        began = time.monotonic()
        holders = fill(made.superuser, _sizes(scale))
        print(f"  {sum(each.videos for each in holders):,} videos loaded in {time.monotonic() - began:.0f} s; load: {tool()}", flush=True)
        return [*_lists(made, holders[2:], scale), *_alone(made, holders, scale)]


def _sizes(scale: Scale) -> list[int]:
    """How many videos each tenant has: the big one, the small one, and the others share what is left."""
    big, small, others = scale.rows(100_000), min(1_000, scale.rows(100_000)), max(ROTATED, scale.rows(1_000)) - 2
    each, left = divmod(scale.rows(1_000_000) - big - small, others)
    return [big, small, *(each + (number < left) for number in range(others))]


def _lists(made: Stage, holders: Sequence[Holder], scale: Scale) -> list[Row]:
    """Ours and every baseline in turn."""
    keys = _keys(made.home / "keys", holders[:ROTATED])
    with ExitStack() as running:
        addresses = {"ours": running.enter_context(servers.ours(made))}
        for number, (name, (serve, pool)) in enumerate(BASELINES.items()):
            environment = {"WHYRAL_BENCH_POOL": pool}
            addresses[name] = running.enter_context(serve(made, BASELINE, f"baseline-{number}", environment))
        _compare(addresses, holders[0])
        found = _in_turn({name: (address, keys) for name, address in addresses.items()}, scale)
    mine, others = found.pop("ours"), found
    fastest = max(others, key=lambda name: others[name].requests_per_second)
    calmest = min(others, key=lambda name: others[name].p99_ms)
    speed = mine.requests_per_second / others[fastest].requests_per_second
    calm = mine.p99_ms / others[calmest].p99_ms
    return [
        Row(
            name="list 50 of 1,000,000", ours=mine.requests_per_second, baseline=others[fastest].requests_per_second, unit="requests/s",
            ratio=speed, bar=">= 3", passed=speed >= 3, note=f"baseline on {fastest}; load by {tool()}",
        ),
        Row(
            name="list 50 of 1,000,000, p99", ours=mine.p99_ms, baseline=others[calmest].p99_ms, unit="ms", ratio=calm, bar="<= 1",
            passed=calm <= 1, note=f"baseline on {calmest}; p50: ours {mine.p50_ms:.1f} ms, baseline {others[calmest].p50_ms:.1f} ms",
        ),
    ]  # fmt: skip


def _compare(addresses: dict[str, str], holder: Holder) -> None:
    """Nothing is timed before all answers are right: 50 items of this tenant, most viewed first, the same everywhere."""
    answers = {name: _get(address + LIST, holder)["items"] for name, address in addresses.items()}
    views = [item["views"] for item in answers["ours"]]
    assert len(views) == min(50, holder.videos)
    assert views == sorted(views, reverse=True)
    for name, items in answers.items():
        assert items == answers["ours"], f"{name} answers otherwise"


def _alone(made: Stage, holders: Sequence[Holder], scale: Scale) -> list[Row]:
    """What needs no baseline: ours against itself, and against a bound."""
    big, small = holders[0], holders[1]
    with servers.ours(made) as address:
        sizes = {each.videos: (address, _keys(made.home / f"key-{each.videos}", [each])) for each in (big, small)}
        # Two figures of ours that should be alike: shorter turns, and more of them, even out what else the machine does.
        found = _in_turn(sizes, replace(scale, rounds=3 * scale.rounds, seconds=scale.seconds / 3))
        searched = _search(made, address, big, scale)
    large, little = found[big.videos].p50_ms, found[small.videos].p50_ms
    growth = large / little
    size = Row(
        name="list 50, tenant of 100,000 to one of 1,000, p50", ours=large, baseline=little, unit="ms", ratio=growth, bar="<= 1.3",
        passed=growth <= 1.3, note="baseline: ours on the small tenant",
    )  # fmt: skip
    return [size, *searched]


def _in_turn(targets: Mapping[Name, tuple[str, Path]], scale: Scale) -> dict[Name, Load]:
    """Everybody warms up, then takes turns."""
    rounds: dict[Name, list[Load]] = {name: [] for name in targets}
    for address, keys in targets.values():
        press(address + LIST, keys, connections=CONNECTIONS, seconds=WARM_UP_SECONDS)
    for _ in range(scale.rounds):
        for name, (address, keys) in targets.items():
            rounds[name].append(press(address + LIST, keys, connections=CONNECTIONS, seconds=scale.seconds))
            print(f"  {name}: {rounds[name][-1]}", flush=True)
    return {name: Load.middle(found) for name, found in rounds.items()}


def _search(made: Stage, address: str, holder: Holder, scale: Scale) -> list[Row]:
    with psycopg.connect(made.superuser) as connection:
        chosen = {"one word": _words(connection, holder), "two words": _pairs(connection, holder)}
        for words in chosen.values():
            for each in words:
                _check_search(connection, address, holder, each)
    return [_searched(name, words, address, holder, scale) for name, words in chosen.items()]


def _searched(name: str, words: Mapping[str, int], address: str, holder: Holder, scale: Scale) -> Row:
    calls = [(each, order) for _ in range(scale.rounds) for order in ORDERS for each in words]
    with httpx.Client(base_url=address, headers=_headers(holder)) as client:
        took = [_timed(client, *call) for call in calls]
    p95 = quantiles(took, n=20)[-1]
    matched = f"{min(words.values()):,} to {max(words.values()):,}"
    return Row(
        name=f"search {name} in {holder.videos:,}, p95", ours=p95, unit="ms", bar="<= 50 ms", passed=p95 <= 50,
        note=f"{len(calls)} calls, {matched} videos match; p50 {median(took):.1f} ms",
    )  # fmt: skip


def _timed(client: httpx.Client, words: str, order: str) -> float:
    began = time.perf_counter()
    answer = client.get("/api/v1/videos", params={"q": words, "sort": order, "limit": 20})
    took = (time.perf_counter() - began) * 1000
    assert answer.raise_for_status().json()["items"]
    return took


def _check_search(connection: psycopg.Connection, address: str, holder: Holder, words: str) -> None:
    """What is found is what a plain statement finds."""
    expected = connection.execute(
        f"select video_id::text from videos where tenant_id = %s and {MATCHES} order by views desc, video_id limit 20",
        [holder.tenant_id, words],
    ).fetchall()
    found = _get(f"{address}/api/v1/videos?limit=20&q={quote(words)}", holder)["items"]
    assert [item["video_id"] for item in found] == [video_id for (video_id,) in expected]


def _words(connection: psycopg.Connection, holder: Holder) -> dict[str, int]:
    """The most frequent words that at most 1 % of the videos have, and how many do."""
    most = int(holder.videos * SEARCH_SHARE)
    return dict(list(_frequencies(connection, holder, most // 10, most).items())[:SEARCHES])


def _pairs(connection: psycopg.Connection, holder: Holder) -> dict[str, int]:
    """Two words that more videos have each, but at most 1 % have both; the most frequent ones."""
    most = int(holder.videos * SEARCH_SHARE)
    frequent = list(_frequencies(connection, holder, most, most * 10))[:200]
    counted = {}
    for pair in zip(frequent[::2], frequent[1::2], strict=False):
        both = connection.execute(
            f"select count(*) from videos where tenant_id = %s and {MATCHES}", [holder.tenant_id, " ".join(pair)]
        ).fetchone()
        counted[" ".join(pair)] = both[0] if both else 0
    within = {words: count for words, count in counted.items() if 0 < count <= most}
    return dict(sorted(within.items(), key=lambda each: -each[1])[:SEARCHES])


def _frequencies(connection: psycopg.Connection, holder: Holder, least: int, most: int) -> dict[str, int]:
    """Words by how many videos have them, the most frequent first."""
    texts = f"select search from videos where tenant_id = '{holder.tenant_id}'"
    statement = "select word, ndoc from ts_stat(%s) where ndoc between %s and %s order by ndoc desc, word"
    return dict(connection.execute(statement, [texts, least, most]).fetchall())


def _keys(path: Path, holders: Sequence[Holder]) -> Path:
    path.write_text("\n".join(each.key.plain for each in holders), encoding="utf-8")
    return path


def _get(url: str, holder: Holder) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(url, headers=_headers(holder), timeout=30).raise_for_status().json()
    return answer


def _headers(holder: Holder) -> dict[str, str]:
    return {"Authorization": f"Bearer {holder.key.plain}"}
