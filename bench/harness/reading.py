"""A run of due accounts of YouTube, without Dagster; and as a process of its own, which tells how large it grew for `bench.fetching`."""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg
import sqlalchemy as sa

import assets.tracking  # noqa: F401 - a run has Dagster and our assets in memory
from bench.harness.importing import peak_mb
from domain.observations import Platform
from domain.ports import Errand, Platforms
from domain.requests import Request
from domain.sources import AccountRead, SourceName, Target
from gateways.platforms import PlatformOptions, platforms
from gateways.youtube import YouTubeReader
from services import tracking
from services.scraping import refresh
from services.settling import Tally
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork


@dataclass
class Held:
    """A run's hold on its work, without Dagster."""

    database: Database
    request: Request

    @property
    def tenant_id(self) -> UUID:
        return self.request.tenant_id

    @property
    def params(self) -> Mapping[str, object]:
        return self.request.params

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        with self.database.begin(self.tenant_id) as uow:
            uow.connection.execute(sa.text("update requests set note = note where request_id = :id"), {"id": self.request.request_id})
            yield uow

    def tidying(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.tenant_id)

    def ensure_months(self, months: set[str]) -> None:
        self.database.ensure_months(sorted(months))

    def report(self, share: float, note: str) -> None:
        with self.begin() as uow:
            uow.requests.report(self.request.request_id, progress=share, note=note)

    def is_unwanted(self) -> bool:
        return False


def tenant(database: Database) -> UUID:
    tenant_id = new_id()
    with database.begin_anonymous() as uow:
        uow.identity.register(
            user_id=new_id(), tenant_id=tenant_id, email=f"{tenant_id.hex}@example.org", password_hash="x", names=(None, "Bench")
        )
    return tenant_id


def tracked(superuser: str, database: Database, accounts: Sequence[tuple[str, str]]) -> Held:
    """A workspace that follows these accounts (id, handle), all due; nothing else is followed, cached or spent."""
    tenant_id = tenant(database)
    words = [{"tenant": tenant_id, "id": external_id, "name": name} for external_id, name in accounts]
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("truncate trackings, fetch_cache, fetch_uses, quota_days, quota_uses, source_health")
        with connection.transaction(), connection.cursor() as cursor:
            for statement in _FOLLOWED:
                cursor.executemany(statement, words)
    with database.begin(tenant_id) as uow:
        return Held(database, tracking.ask_due(uow, Platform.YOUTUBE.value))


_FOLLOWED = (
    "insert into accounts (tenant_id, account_id, platform, identity, external_id, username, source, first_seen_at, last_seen_at)"
    " values (%(tenant)s, gen_random_uuid(), 'youtube', 'id:' || %(id)s, %(id)s, %(name)s, 'bench', now(), now())",
    "insert into trackings (tenant_id, account_id, platform, state, next_run_at, next_reason, floor_seconds)"
    " select tenant_id, account_id, platform, 'live', now() - interval '1 minute', 'look', 3600 from accounts"
    " where tenant_id = %(tenant)s and external_id = %(id)s",
)


def reached(options: PlatformOptions) -> Platforms:
    """A project of its own: its quota is whole."""
    return replace(platforms(options), project=new_id().hex)


def read(held: Held, options: PlatformOptions, *, posts: int | None = None) -> tuple[Tally, float]:
    """What the run came to, and in how many seconds. `posts`: fewer than a first read takes."""
    made = reached(options)
    if posts is not None:
        made = replace(made, readers=tuple(Newest(each, posts) for each in made.readers if isinstance(each, YouTubeReader)))
    began = time.perf_counter()
    tally = refresh(held, made, Platform.YOUTUBE)
    return tally, time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Newest:
    """The reader, asked for so many posts at most."""

    reader: YouTubeReader
    most: int

    @property
    def name(self) -> SourceName:
        return self.reader.name

    @property
    def platform(self) -> Platform:
        return self.reader.platform

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        return self.reader.account(target, errand, posts=min(posts, self.most), since=since)


def main() -> None:
    asked = json.loads(sys.stdin.read())
    database = Database(asked["database"])
    with database.begin(UUID(asked["tenant_id"])) as uow:
        held = Held(database, uow.requests.get(UUID(asked["request_id"])))
    loaded = peak_mb()
    words = asked["options"]
    tally, _ = read(held, PlatformOptions(**{**words, "ca_file": Path(words["ca_file"]), "work_folder": Path(words["work_folder"])}))
    print(json.dumps({"peak_mb": peak_mb(), "loaded_mb": loaded, "outcomes": tally.outcomes, "posts": tally.posts}))


if __name__ == "__main__":
    main()
