"""50,000 videos over 100 tenants with a score each; every tenant has published effects (60, each with 12 gates, parts and assumptions), a
deep analysis of five sections (50 kB) and forecasts of its outliers. Embedded PostgreSQL with production settings, row-level security and
key check on; one worker process, started as `whyral up` starts it.

32 connections ask, the keys of all tenants in turn, after a warm-up; the figure is the 95th percentile of the answers' times, the median of
the rounds. *Saturated*: each asks again at once, so the server always has 32 calls at hand, and a call's time is mostly waiting for the
others: 32 over the calls per second. *Paced*: each waits 100 ms on average before it asks again, as 32 busy people would. Answers are
compared with what was stored before anything is timed.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import httpx

from bench.harness import servers
from bench.harness.library import Holder, fill
from bench.harness.load import Load, press, tool
from bench.harness.rows import Row, Scale
from bench.harness.stage import Stage, stage
from services.insights.deep import ABOUT, ACCOUNTS, SECTIONS
from store.database import Database
from store.forecasts import FORECAST_COLUMNS
from store.ids import new_id
from store.releases import EVERYBODY, EffectRow
from store.work import UnitOfWork

TITLE = "Reads of stored insights"
CONNECTIONS, WARM_UP_SECONDS, P95_MS = 32, 2.0, 20.0
# What each connection lets pass between an answer and its next call.
PAUSES_MS: Mapping[str, int | None] = MappingProxyType({"saturated": None, "paced": 100})
TENANTS, VIDEOS, EFFECTS, GATES = 100, 500, 60, 12
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PATHS = ("/api/v1/insights/effects", "/api/v1/insights/deep/cached", "/api/v1/insights/outliers")


def run(scale: Scale) -> list[Row]:
    with stage() as made:
        holders = fill(made.superuser, [VIDEOS] * scale.rows(TENANTS))
        _publish(made, holders)
        keys = made.home / "keys"
        keys.write_text("\n".join(each.key.plain for each in holders), encoding="utf-8")
        with servers.ours(made) as address:
            sizes = {path: _checked(address, path, holders[0]) for path in PATHS}
            loads = [(path, name, _pressed(address + path, keys, scale, pause)) for name, pause in PAUSES_MS.items() for path in PATHS]
            return [_row(path, name, sizes[path], load) for path, name, load in loads]


def _pressed(url: str, keys: Path, scale: Scale, pause: int | None) -> Load:
    press(url, keys, connections=CONNECTIONS, seconds=WARM_UP_SECONDS)
    return Load.middle([press(url, keys, connections=CONNECTIONS, seconds=scale.seconds, pause_ms=pause) for _ in range(scale.rounds)])


def _row(path: str, name: str, size: int, load: Load) -> Row:
    return Row(
        name=f"{path.removeprefix('/api/v1')}, {name}, p95", ours=load.p95_ms, unit="ms", bar=f"<= {P95_MS:g} ms",
        passed=load.p95_ms <= P95_MS,
        note=f"{size / 1000:.0f} kB; p50 {load.p50_ms:.1f} ms, {load.requests_per_second:,.0f} requests/s; load by {tool()}",
    )  # fmt: skip


def _publish(made: Stage, holders: Sequence[Holder]) -> None:
    database = Database(made.urls.app)
    for holder in holders:
        with database.begin(holder.tenant_id) as uow:
            _put(uow)
    with database.begin(holders[0].tenant_id) as uow:
        uow.connection.exec_driver_sql("analyze")
    database.close()


def _put(uow: UnitOfWork) -> None:
    uow.connection.exec_driver_sql(
        "update scores set is_outlier = true, multiple = 3 + random() * 9, low = 2, high = 20, p_outlier = 0.9, peers = 20, age_days = 3"
        " where video_id in (select video_id from scores order by video_id limit 60)"
    )
    releases = {kind: _release(uow, kind) for kind in ("effects", "deep", "forecasts", "scores")}
    uow.connection.exec_driver_sql("update scores set release_id = %s", (releases["scores"],))
    uow.releases.put_findings(releases["scores"], [("counts", EVERYBODY, {"outlier": 60, "usual": VIDEOS - 60})])
    uow.releases.put_effects(
        releases["effects"], [EffectRow(f"reach/feature/f{n:02}", "associational", _effect(n)) for n in range(EFFECTS)]
    )
    table = [dict.fromkeys(("name", "n", "difference", "low", "high", "multiple", "reason"), 0.123456789) for _ in range(80)]
    found = {name: {"nature": "descriptive", "sentence": "None.", "n": VIDEOS, "table": table} for name in SECTIONS}
    sections = [(name, EVERYBODY, figures) for name, figures in ({ABOUT: {"n": VIDEOS}, ACCOUNTS: {"items": []}} | found).items()]
    uow.releases.put_findings(releases["deep"], sections)
    figures = {
        "horizon": "7d",
        "age_days": 3.0,
        "target_age_days": 7.0,
        "views": 10,
        "predicted": 20.0,
        "low": 10.0,
        "high": 40.0,
        "level": 0.8,
    }
    videos = list(uow.connection.exec_driver_sql("select video_id from scores where is_outlier").scalars())
    uow.forecasts.put(releases["forecasts"], [(video, *(figures.get(name) for name in FORECAST_COLUMNS)) for video in videos])


def _release(uow: UnitOfWork, kind: str) -> UUID:
    release_id = new_id()
    facts: Mapping[str, Any] = {
        "method": f"{kind}/1",
        "code_version": "bench",
        "params": {},
        "seed": 1,
        "inputs_hash": "in",
        "outputs_hash": "out",
    }
    uow.releases.publish({"release_id": release_id, "kind": kind, "inputs_count": VIDEOS, "as_of": NOW, "newest_observation": NOW, **facts})
    return release_id


def _effect(number: int) -> dict[str, Any]:
    gate = {"name": "census", "passed": True, "value": 1.0, "threshold": 1.0, "detail": "every post of the window is in"}
    part = {"by": "format", "level": "short", "estimate": 0.1, "low": 0.0, "high": 0.2, "n": 100, "accounts": 10, "p": 0.1, "q": 0.2}
    names = ("estimate", "low", "high", "multiple", "multiple_low", "multiple_high", "naive", "p", "q", "mde", "robustness_value", "se")
    words = dict.fromkeys(("contrast", "estimand", "design", "sentence"), "a question in the title, compared with none")
    return {
        "feature": f"f{number:02}", "key": f"reach/feature/f{number:02}", "verdict": "associational", **words,
        **dict.fromkeys(names, 0.1234567891),
        "gates": [gate] * GATES, "parts": [part] * 6, "assumptions": [words["estimand"]] * 4, "n": 1600, "accounts": 40,
    }  # fmt: skip


def _checked(address: str, path: str, holder: Holder) -> int:
    """Nothing is timed before the answer is right: what was stored, of this tenant."""
    answer = httpx.get(address + path, headers={"Authorization": f"Bearer {holder.key.plain}"}, timeout=30).raise_for_status()
    told = json.loads(answer.content)
    assert told["release_id"] is not None
    if "items" in told:
        assert len(told["items"]) == 20
        assert told["has_more"]
    else:
        assert set(told["sections"]) >= set(SECTIONS)
    return len(answer.content)
