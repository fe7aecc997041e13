"""Workspaces full of canaries and an app over them. What is played on it is `tests.canary.replay`."""

import asyncio
import gzip
import itertools
import json
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO, TypeVar, cast

import sqlalchemy as sa
import structlog
from litestar import Litestar

from api.app import create_app
from api.media.links import Links, Promise
from domain.roles import SCOPES
from gateways.files.store import LocalFiles
from gateways.log_lines import configure_logging
from store.database import Database
from store.ids import new_id
from tests.api.conftest import SECRET, FakeDagster, make_key, make_parts, token_of
from tests.canary.calling import Call, Door
from tests.canary.filling import Filling
from tests.canary.hearing import Heard
from tests.canary.persons import personal
from tests.canary.routes import Ids, Operation, operations
from tests.canary.words import canary
from tests.conftest import Member, TestUrls

T = TypeVar("T")
# Of all stages of a process: several may stand on one database.
_NUMBERS = itertools.count()
# What limiters remember of everybody, and meters of one workspace: a campaign that is only ever told to wait tests nothing.
_FORGET = """
with a as (delete from rate_limits), b as (delete from call_counts), c as (delete from usage_counters where tenant_id = :id)
delete from usage_takes where tenant_id = :id
"""


# The same of every app, and dear to make.
_document: dict[str, Any] = {}


class PlainPainter:
    """Pictures that can be read: what a real one would hide in its pixels is searched as well."""

    def png(self, chart: Mapping[str, object]) -> bytes:
        return self.svg(chart).encode()

    def svg(self, chart: Mapping[str, object]) -> str:
        return json.dumps(chart, default=str)


@dataclass(frozen=True, slots=True)
class Resident:
    """A workspace of the campaign, its owner and all its ids."""

    number: int
    member: Member
    ids: Ids
    key: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(slots=True)
class Stage:
    """What the campaign is played on."""

    app: Litestar
    database: Database
    superuser: sa.Engine
    dagster: FakeDagster
    files: LocalFiles
    operations: tuple[Operation, ...]
    logged: Heard
    runner: asyncio.Runner
    residents: list[Resident] = field(default_factory=list)

    def play(self, calls: Coroutine[Any, Any, T]) -> T:
        """Calls of the running app, in its loop."""
        return self.runner.run(calls)

    def settle(self, count: int) -> list[Resident]:
        """So many workspaces more, each full."""
        made = [self._settled(next(_NUMBERS)) for _ in range(count)]
        self.residents += made
        return made

    def forget_meters(self, resident: Resident) -> None:
        """The workspace has used up nothing. What the others have used stays: it is theirs to be seen by nobody else."""
        with self.superuser.begin() as connection:
            connection.execute(sa.text(_FORGET), {"id": resident.member.tenant_id})

    def renewed(self, resident: Resident) -> Resident:
        """The same workspace with credentials that are good again, whatever it did to its own."""
        who = {"tenant": resident.member.tenant_id, "user": resident.member.user_id, "session": resident.ids["session_id"][0]}
        with self.superuser.begin() as connection:
            connection.execute(sa.text("delete from api_keys where tenant_id = :tenant and name = 'test'"), who)
            connection.execute(sa.text("update users set is_active = true, deactivated_at = null where user_id = :user"), who)
            connection.execute(sa.text("update sessions set ended_at = null where session_id = :session"), who)
        return replace(resident, key=self._key(resident.member), token=token_of(self.database, resident.member))

    def has_key(self, resident: Resident, key: str) -> bool:
        """Whether the workspace itself has an answer kept under this idempotency key."""
        words = {"tenant": resident.member.tenant_id, "key": key}
        with self.superuser.connect() as connection:
            found = connection.execute(sa.text("select 1 from idempotency_keys where tenant_id = :tenant and key = :key"), words)
            return found.first() is not None

    def _settled(self, number: int) -> Resident:
        member = self._member(number)
        files = self._stored(member, number)
        with self.superuser.connect() as connection:
            filling = Filling(connection, number, member.tenant_id, user_id=member.user_id, files=files)
            filling.fill()
            more = {**self._dressed(connection, filling.ids), **personal(connection, member, number)}
            connection.execute(sa.text("update subscriptions set plan = 'canary' where tenant_id = :id"), {"id": member.tenant_id})
            connection.commit()
        return Resident(number, member, {**filling.ids, **more}, self._key(member), token_of(self.database, member))

    def _stored(self, member: Member, number: int) -> dict[str, str]:
        """Files whose bodies are canaries, by the columns that hold their keys."""
        word = canary(number, "file_body").encode() * 20
        plain, packed = (self.files.put(member.tenant_id, [body], limit_bytes=10_000).key for body in (word, gzip.compress(word, mtime=0)))
        return {"file_key": plain, "thumbnail_key": plain, "captions_key": plain, "report_key": packed}

    def _dressed(self, connection: sa.Connection, ids: Ids) -> Ids:
        """What two plain rows of a table are not: a sync of the channel, a feed, a link to a file."""
        sync = str(new_id())
        connection.execute(
            sa.text("insert into requests (tenant_id, request_id, kind, subject, claim_on, params, state) values"
                    " (:tenant, :request, 'sync', :subject, :subject, cast(:params as jsonb), 'succeeded')"),
            {"tenant": ids["tenant_id"][0], "request": sync, "subject": f"sync:{ids['channel_id'][0]}",
             "params": json.dumps({"channel_id": ids["channel_id"][0]})},
        )  # fmt: skip
        feed = {"token": f"feed-{sync}", "channel": f"UC{sync}"}
        connection.execute(
            sa.text("insert into push_feeds (channel_id, token, secret, asked_at) values (:channel, :token, 'secret', now())"), feed
        )
        promise = Promise(ids["file_key"][0], f"{ids['file_name'][0]}.mp4", "video/mp4", 4_102_444_800)
        token = Links(self.files, SECRET, "http://127.0.0.1:8000").token(promise)
        tag = connection.execute(sa.text("select name from hashtags where tenant_id = :id"), {"id": ids["tenant_id"][0]}).scalars().first()
        return {"sync_request_id": [sync], "feed_token": [feed["token"]], "file_token": [token], "hashtag": [str(tag)]}

    def _member(self, number: int) -> Member:
        member = Member(new_id(), new_id(), f"{canary(number, 'email')}.{new_id().hex}@example.org")
        with self.database.begin_anonymous() as uow:
            uow.identity.register(
                user_id=member.user_id, tenant_id=member.tenant_id, email=member.email, password_hash="x",
                names=(canary(number, "full_name"), canary(number, "workspace")),
            )  # fmt: skip
        return member

    def _key(self, member: Member) -> str:
        return make_key(self.database, member, tuple(SCOPES)).plain


@contextmanager
def staged(urls: TestUrls, folder: Path, *, database: Database | None = None) -> Iterator[Stage]:
    """An app of its own over this database; `database`: as the app is to reach it, if not as it does in production."""
    engine = sa.create_engine(urls.superuser.replace("postgresql://", "postgresql+psycopg://"), pool_size=1)
    files, dagster = LocalFiles(folder), FakeDagster()
    reached = database or Database(urls.app, system_url=urls.system, pool_size=5)
    app = create_app(replace(make_parts(reached, urls.app, dagster, files), painter=PlainPainter()))
    document = _document or json.loads(asyncio.run(Door(app).ask(Call("GET /api/v1/openapi.json", "/api/v1/openapi.json"))).body)
    _document.update(document)
    with engine.begin() as connection:
        limits = {meter: {"limit": 10**9, "period": "day"} for meter in _meters(connection)}
        connection.execute(
            sa.text("insert into plans (plan, title, limits) values ('canary', 'Canary', :limits) on conflict do nothing"),
            {"limits": json.dumps(limits)},
        )
    before, logged = structlog.get_config(), Heard()
    configure_logging("debug")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(cast(TextIO, logged)))
    with asyncio.Runner() as runner:
        begun, over = asyncio.Event(), asyncio.Event()
        life = runner.get_loop().create_task(_alive(app, begun, over))
        runner.run(begun.wait())
        try:
            yield Stage(app, reached, engine, dagster, files, tuple(operations(document)), logged, runner)
        finally:
            over.set()
            runner.run(asyncio.wait_for(life, 30))
            structlog.configure(**before)
            engine.dispose()


async def _alive(app: Litestar, begun: asyncio.Event, over: asyncio.Event) -> None:
    """From its start to its end in one task, as the app's own clean-up wants it."""
    async with app.lifespan():
        begun.set()
        await over.wait()


def _meters(connection: sa.Connection) -> list[str]:
    return [row[0] for row in connection.execute(sa.text("select distinct jsonb_object_keys(limits) from plans"))]
