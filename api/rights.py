"""Rights of people: taking all of a workspace along, having it erased, leaving it. A link to an export works for a day."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.idempotency import IdempotencyKey, once
from api.launching import launching
from api.media.links import LinkOut, Links
from api.requests import RequestOut, accepted
from api.security import BEARER, known_caller, needs
from domain.errors import Gone, NotFound
from domain.ports import RunLauncher
from domain.requests import Request
from domain.rights import Deletion, Export
from domain.roles import Action
from services.rights import erasing, exporting
from store.database import Database, Entry

MOST = 50


class ExportOut(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of the workspace: JSON Lines and CSV per table, every file, and a manifest with hashes. `state` is its request's.

    `rows` are counts per table. It can be fetched while `is_ready`, until `expires_at`.
    """

    export_id: UUID
    request_id: UUID
    state: str
    is_ready: bool
    created_at: datetime
    as_of: datetime | None
    expires_at: datetime | None
    sha256: str | None
    size_bytes: int | None
    rows: dict[str, int] | None
    files: int | None

    @classmethod
    def of(cls, export: Export, state: str) -> "ExportOut":
        return cls(
            export_id=export.export_id, request_id=export.request_id, state=state, is_ready=export.file_key is not None,
            created_at=export.created_at, as_of=export.as_of, expires_at=export.expires_at, sha256=export.sha256,
            size_bytes=export.size_bytes, rows=dict(export.rows) if export.rows is not None else None, files=export.files,
        )  # fmt: skip


class ExportsOut(msgspec.Struct, frozen=True, kw_only=True):
    """The newest exports first, fifty at most."""

    items: list[ExportOut]


class DeletionIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`confirmation` is the name of the workspace, typed by its owner."""

    confirmation: str


class DeletionOut(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace will be erased at `due_at`, for good; until `started_at` that can be called off."""

    workspace_id: UUID
    asked_at: datetime
    due_at: datetime
    started_at: datetime | None

    @classmethod
    def of(cls, found: Deletion) -> "DeletionOut":
        return cls(workspace_id=found.tenant_id, asked_at=found.asked_at, due_at=found.due_at, started_at=found.started_at)


class ExportController(Controller):
    """Taking a workspace along."""

    path = "/me/data-export"
    tags = ["rights"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=202)
    def ask_for_export(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], launcher: NamedDependency[RunLauncher],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Have all of the workspace put into one file. 202 with the request; while one is under way, the answer is that one.

        For owners and admins.
        """
        made: list[Request] = []
        with database.begin(entry) as uow:
            needs(uow, Action.EXPORT_WORKSPACE)

            def effect() -> tuple[RequestOut, int, dict[str, str]]:
                made.append(exporting.ask(uow))
                return accepted(made[0])

            answer = once(uow, idempotency_key, route="POST /me/data-export", body=None, effect=effect)
        return launching(answer, database, launcher, made)

    @get("/", sync_to_thread=True)
    def list_exports(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ExportsOut:
        """List the exports of the workspace, newest first. For owners and admins."""
        with database.begin(entry) as uow:
            needs(uow, Action.EXPORT_WORKSPACE)
            found = uow.exports.newest(limit=MOST)
            states = {each.export_id: uow.requests.get(each.request_id).state.value for each in found}
        return ExportsOut(items=[ExportOut.of(each, states[each.export_id]) for each in found])

    @get("/{export_id:uuid}", sync_to_thread=True)
    def get_export(self, export_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ExportOut:
        """One export: whether it is made, what it holds, and until when it can be fetched."""
        with database.begin(entry) as uow:
            needs(uow, Action.EXPORT_WORKSPACE)
            found = exporting.shown(uow, export_id)
            return ExportOut.of(found, uow.requests.get(found.request_id).state.value)

    @get("/{export_id:uuid}/link", sync_to_thread=True)
    def link_to_export(
        self, export_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry], links: NamedDependency[Links]
    ) -> Response[LinkOut]:
        """An address from which the file can be fetched without a credential, until the export's day is over. 410 afterwards."""
        with database.begin(entry) as uow:
            needs(uow, Action.EXPORT_WORKSPACE)
            found = exporting.shown(uow, export_id)
        key, left = _kept(found, datetime.now(UTC))
        name = f"whyral-export-{found.created_at:%Y-%m-%d}.zip"
        return links.link(key, seconds=int(left.total_seconds()), file_name=name, media_type="application/zip")


def _kept(found: Export, now: datetime) -> tuple[str, timedelta]:
    """Raises NotFound until it is made, Gone once its day is over."""
    if found.expires_at is None:
        raise NotFound("file of export", found.export_id)
    left = found.expires_at - now
    if found.file_key is None or left < timedelta(seconds=1):
        raise Gone(f"export {found.export_id} could be fetched until {found.expires_at:%Y-%m-%d %H:%M} UTC: ask for a new one")
    return found.file_key, left


class DeletionController(Controller):
    """Having a workspace erased."""

    path = "/me/deletion"
    tags = ["rights"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=202)
    def ask_for_deletion(
        self, data: JSONBody[DeletionIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        deletion_grace: NamedDependency[timedelta], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Have the workspace erased, for good, once the grace is over. For owners, who type its name. Asking again changes nothing."""
        with database.begin(entry) as uow:
            needs(uow, Action.ERASE_WORKSPACE)

            def effect() -> tuple[DeletionOut, int, dict[str, str]]:
                asked = erasing.ask(uow, data.confirmation, now=datetime.now(UTC), grace=deletion_grace)
                return DeletionOut.of(asked), 202, {"Location": "/api/v1/me/deletion"}

            return once(uow, idempotency_key, route="POST /me/deletion", body=data, effect=effect)

    @get("/", sync_to_thread=True)
    def get_deletion(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> DeletionOut:
        """When the workspace will be erased. 404 where nobody asked for that."""
        with database.begin(entry) as uow:
            return DeletionOut.of(erasing.shown(uow))

    @delete("/", sync_to_thread=True, status_code=204)
    def call_deletion_off(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Call the deletion off. For owners; 409 once it has begun."""
        with database.begin(entry) as uow:
            needs(uow, Action.ERASE_WORKSPACE)
            erasing.call_off(uow)
