"""1,000,000 observations of 100,000 synthetic posts of 1,000 accounts: the posts go out over three months, each is seen ten times between
its first hours and its thirtieth day, and the rows come in the order of time, as crawls bring them. Every observation is a new snapshot.

*put* is the store's own work: normalised rows, 20,000 to a transaction, through the unit of work as the app's role under row-level
security, with all that it decides (rejected rows, accounts that turn out to be one, older words, marks for the aggregates, an outcome per
row). The baseline (`bench/baselines/copy_upsert.py`) brings the same rows in the same batches into twins of our tables, with the same
indexes and constraints and without row-level security: binary COPY of prepared rows into a temporary table, then one
`INSERT ... ON CONFLICT` for each of accounts, videos, snapshots and texts. Both take turns batch by batch on one server, in an order that
changes with every batch; at the end the tables of both must hold the same rows.

*whole import* is one NDJSON file of our own format through `services.imports.load`, fenced by its claim, in a process that has loaded
Dagster and our assets, as a run has: reading, checking, normalising, putting, reporting. Peak memory is the resident size of that
process (VmHWM).
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import UUID

import psycopg

from bench.baselines import copy_upsert
from bench.harness.posts import Library, as_line, as_observed
from bench.harness.rows import Row, Scale
from bench.harness.stage import Stage, stage
from domain.observations import Observed
from services.imports import BATCH
from store.catalogue import Origin
from store.database import Database
from store.ids import new_id

TITLE = "Bringing observations in"
OBSERVATIONS = 1_000_000
BAR, MEMORY_BAR_MB = 0.7, 300
_CHILD_SECONDS = 3600

# The same figures of the same posts, whatever their ids.
_SAME = {
    "accounts": "select platform, identity, external_id, username, title, followers, first_seen_at, last_seen_at from {0}.accounts",
    "videos": "select v.external_id, a.identity, url, v.title, v.description, posted_at, duration_seconds, format, hashtags, views, likes,"
    " comments, shares, v.first_seen_at, v.observed_at from {0}.videos v join {0}.accounts a using (tenant_id, account_id)",
    "snapshots": "select v.external_id, s.observed_at, s.views, s.likes, s.comments, s.shares from {0}.video_snapshots s"
    " join {0}.videos v using (tenant_id, video_id)",
    "texts": "select v.external_id, t.seen_from, t.title, t.description from {0}.video_texts t"
    " join {0}.videos v using (tenant_id, video_id)",
}


def run(scale: Scale) -> list[Row]:
    library = Library(scale.rows(OBSERVATIONS))
    with stage() as made:
        put = _put_in_turn(made, library)
    with stage() as made:
        return [put, *_whole_import(made, library)]


def _put_in_turn(made: Stage, library: Library) -> Row:
    """Ours and the baseline, batch by batch."""
    database = Database(made.urls.app)
    tenant_id, import_id = _workspace(database), new_id()
    database.ensure_months(library.months)
    spent = {"ours": 0.0, "baseline": 0.0}
    shares: list[float] = []
    with psycopg.connect(made.urls.owner.replace("+psycopg", ""), autocommit=True) as bare:
        copy_upsert.prepare(bare, library.months)
        for number, batch in enumerate(_batches(library)):
            flat = [copy_upsert.flat(seen) for seen in batch]
            turns: dict[str, Callable[[], object]] = {
                "ours": partial(_put, database, tenant_id, batch, import_id),
                "baseline": partial(copy_upsert.put, bare, tenant_id, import_id, flat),
            }
            took = {name: _timed(turns[name]) for name in sorted(turns, reverse=number % 2 == 0)}
            spent = {name: spent[name] + took[name] for name in spent}
            shares.append(took["baseline"] / took["ours"])
        rows = _same_rows(made)
    database.close()
    ours, baseline = (library.observations / spent[name] for name in ("ours", "baseline"))
    lower, upper = (sorted(shares)[len(shares) * quarter // 4] for quarter in (1, 3))
    return Row(
        name="put of normalised rows", ours=ours, baseline=baseline, unit="rows/s", ratio=ours / baseline, bar=f">= {BAR}",
        passed=ours / baseline >= BAR,
        note=f"{len(shares)} batches, half of their ratios between {lower:.2f} and {upper:.2f}; both hold the same {rows}",
    )  # fmt: skip


def _workspace(database: Database) -> UUID:
    tenant_id = new_id()
    with database.begin_anonymous() as uow:
        uow.identity.register(
            user_id=new_id(), tenant_id=tenant_id, email=f"{tenant_id.hex}@example.org", password_hash="x", names=(None, "Bench")
        )
    return tenant_id


def _batches(library: Library) -> Iterator[list[Observed]]:
    rows = library.seen()
    while batch := [as_observed(seen) for seen in islice(rows, BATCH)]:
        yield batch


def _put(database: Database, tenant_id: UUID, batch: list[Observed], import_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        uow.catalogue.put(batch, Origin("import:whyral", "manual", import_id))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _same_rows(made: Stage) -> str:
    """How many rows both hold. Raises where one holds a row that the other does not."""
    counts = []
    with psycopg.connect(made.superuser) as connection:
        for table, rows in _SAME.items():
            ours, bare = rows.format("public"), rows.format("bare")
            differ = f"select count(*) from (({ours} except all {bare}) union all ({bare} except all {ours})) d"
            found = connection.execute(f"select ({differ}), (select count(*) from ({ours}) o)").fetchone()
            assert found is not None
            if found[0]:
                raise AssertionError(f"{table}: {found[0]} rows are in one set of tables alone")
            counts.append(f"{found[1]:,} {table}")
    return ", ".join(counts)


def _whole_import(made: Stage, library: Library) -> list[Row]:
    file = made.home / "posts.ndjson"
    with file.open("wb") as lines:
        lines.writelines(as_line(seen) for seen in library.seen())
    told = _child(made, file)
    seconds, reading = told["seconds"], told["reading_seconds"]
    rate, peak = library.observations / seconds, told["peak_mb"]
    where = (
        f"{file.stat().st_size / 1e6:,.0f} MB of NDJSON in {seconds:.0f} s;"
        f" reading and normalising alone: {library.observations / reading:,.0f} rows/s"
    )
    return [
        Row(name="whole import of a file", ours=rate, unit="rows/s", note=where),
        Row(
            name="peak memory of its process", ours=peak, unit="MB", bar=f"<= {MEMORY_BAR_MB} MB", passed=peak <= MEMORY_BAR_MB,
            note=f"{told['loaded_mb']:.0f} MB of them before the first row",
        ),
    ]  # fmt: skip


def _child(made: Stage, file: Path) -> dict[str, float]:
    asked = json.dumps({"url": made.urls.app, "home": str(made.home), "file": str(file)})
    # By its standard input: the address holds a password, and arguments are there for everybody to read.
    done = subprocess.run(
        [sys.executable, "-m", "bench.harness.importing"], input=asked, capture_output=True, text=True, timeout=_CHILD_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the import ended with {done.returncode}: {done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told
