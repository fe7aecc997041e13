"""Releases over HTTP: listed, described, made again. What they publish is in `api.insights`."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.pages import CursorParam, Cursors, Limit, Page, page
from api.places import Places
from api.security import BEARER, known_caller
from services.insights import releases
from store.database import Database, Entry
from store.releases import ListedRelease
from store.tables.insights import RELEASE_KINDS

_KINDS = ", ".join(RELEASE_KINDS)
KindFilter = Annotated[str | None, QueryParameter(pattern=f"^({_KINDS.replace(', ', '|')})$", description=f"only of this kind: {_KINDS}")]


class ListedReleaseOut(msgspec.Struct, frozen=True, kw_only=True):
    """One published set of figures: version and hashes by which it can be made again. `inputs_count`: of how many rows it was made."""

    release_id: UUID
    kind: str
    method: str
    code_version: str
    seed: int
    inputs_hash: str
    outputs_hash: str
    inputs_count: int
    as_of: datetime
    newest_observation: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, release: ListedRelease) -> Self:
        return cls(**{name: getattr(release, name) for name in cls.__struct_fields__})


class ReleaseOut(ListedReleaseOut, frozen=True, kw_only=True):
    """A release with what was read for it.

    `data_versions` names that: counts and newest moments of rows, hashes of raw payloads that they came from, the releases it stands on.
    """

    data_versions: dict[str, Any]


class ReplayOut(msgspec.Struct, frozen=True, kw_only=True):
    """A release made again from what is stored: `is_same` when the bytes are the same, else `reason` says what differs."""

    release_id: UUID
    is_same: bool
    inputs_hash: str
    outputs_hash: str
    reason: str | None


class ReleaseController(Controller):
    """What was published, and whether it can be made again."""

    path = "/insights/releases"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_releases(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        kind: KindFilter = None, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[ListedReleaseOut]:  # fmt: skip
        """List releases, newest first: all of the last 90 days, then one a month of each kind."""
        scope = f"releases:{kind}"
        before = cursors.read(cursor, scope, tuple[datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.releases.page(limit=limit + 1, kind=kind, before=before)
        return page(found, limit, shape=ListedReleaseOut.of, position=lambda r: (r.created_at, r.release_id), cursors=cursors, scope=scope)

    @get("/{release_id:uuid}", sync_to_thread=True)
    def release(self, release_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ReleaseOut:
        """One release: method, code version, seed, what was read, and the hashes of what went in and what came out."""
        with database.begin(entry) as uow:
            return ReleaseOut.of(uow.releases.get(release_id))

    @post("/{release_id:uuid}/replay", sync_to_thread=True, status_code=200)
    def replay(
        self, release_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        places: NamedDependency[Places],
    ) -> ReplayOut:  # fmt: skip
        """Make a release again from its inputs and compare the bytes; changes nothing. 410 with hash and date once its inputs are gone."""
        return _replayed(database, entry, places, release_id)

    @get("/{release_id:uuid}/replay", sync_to_thread=True)
    def replay_by_get(
        self, release_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        places: NamedDependency[Places],
    ) -> ReplayOut:  # fmt: skip
        """The same as `POST`, as this route was asked before."""
        return _replayed(database, entry, places, release_id)


def _replayed(database: Database, entry: Entry, places: Places, release_id: UUID) -> ReplayOut:
    """It takes as long as the release did: a workspace gets only some of the worker's threads for it."""
    with database.begin(entry) as uow:
        tenant_id, release = uow.tenant_id, uow.releases.get(release_id)
    with places.take(tenant_id):
        with database.begin(entry) as uow:
            recalled = releases.recall(uow, release)
        made = releases.remake(recalled)
    return ReplayOut(
        release_id=release_id, is_same=made.is_same, inputs_hash=made.inputs_hash, outputs_hash=made.outputs_hash, reason=made.reason
    )
