"""Releases, what went into them, and what they publish: effects, and findings (sections as they are served). Scores are in `store.insights`.

What the newest release of a kind says is read in one round trip. `is_stale` says that something was seen since it was made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from domain.errors import NotFound
from store import releases_sql as sql
from store.repository import Repository, Row
from store.tables.insights import ALL_ACCOUNTS, effects, findings, release_inputs, releases

EVERYBODY = UUID(ALL_ACCOUNTS)


@dataclass(frozen=True, slots=True)
class ListedRelease:
    """One published set of figures: by which code, and the hashes of what went in and what came out."""

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


@dataclass(frozen=True, slots=True)
class Release(ListedRelease):
    """The same with what was read, by name, and what it was made under and learned."""

    params: Mapping[str, Any]
    data_versions: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above everything that a release says. `is_stale`: videos were seen since, or people and brands listed."""

    release_id: UUID
    kind: str
    method: str
    code_version: str
    inputs_count: int
    as_of: datetime
    newest_observation: datetime | None
    created_at: datetime
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A section as JSON text, as it was published; None where the release has no such section."""

    release: Head
    figures: str | None

    @property
    def value(self) -> Any:
        """The figures as JSON values."""
        return None if self.figures is None else json.loads(self.figures)


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One effect to keep: its key within the release, and by what it is looked for. `scope`: an account, or all of them."""

    key: str
    verdict: str
    figures: Mapping[str, Any]
    outcome: str = "reach"
    kind: str = "feature"
    topic: str = "title"
    scope: UUID = EVERYBODY


@dataclass(frozen=True, slots=True)
class KeptEffect:
    """One effect as it was published."""

    effect_id: UUID
    key: str
    figures: Mapping[str, Any]


class Releases(Repository):
    """One tenant's releases."""

    def publish(self, release: Mapping[str, object]) -> None:
        self._insert(releases, release)

    def put_inputs(self, release_id: UUID, packed: bytes, *, expires_at: datetime) -> None:
        self._insert(release_inputs, {"release_id": release_id, "packed": packed, "expires_at": expires_at})

    def put_effects(self, release_id: UUID, rows: Sequence[EffectRow]) -> None:
        """Their ids are made of the release and their keys, so that links stay."""
        self._put_all(effects, [
            {"release_id": release_id, "feature": row.key, "verdict": row.verdict, "figures": dict(row.figures), "outcome": row.outcome,
             "kind": row.kind, "topic": row.topic, "scope": row.scope, "effect_id": effect_id(release_id, row.key)}
            for row in rows
        ])  # fmt: skip

    def put_findings(self, release_id: UUID, sections: Sequence[tuple[str, UUID, Any]]) -> None:
        """(section, scope, figures): what is served is what is kept."""
        self._put_all(findings, [
            {"release_id": release_id, "section": section, "scope": scope, "figures": figures} for section, scope, figures in sections
        ])  # fmt: skip

    def _put_all(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(table.insert(), [{"tenant_id": self._tenant_id, **row} for row in rows])

    def replace(self, kind: str, request_id: UUID, *, kept: UUID) -> int:
        """What an earlier attempt of the same request had published goes. How many."""
        return self._run(sql.REPLACE, kind=kind, request_id=request_id, kept=kept).rowcount

    def prune(self, *, before: datetime) -> int:
        """Of what was published before then the newest of each kind and month stays. How many went."""
        return self._run(sql.PRUNE, before=before).rowcount

    def latest(self, kind: str, *, as_of: datetime | None = None) -> Release | None:
        """The newest release of a kind; with `as_of`, the newest that was published by then."""
        mine = _SHOWN.where(releases.c.tenant_id == self._tenant_id, releases.c.kind == kind)
        if as_of is not None:
            mine = mine.where(releases.c.created_at <= as_of)
        row = self._run(mine.order_by(releases.c.created_at.desc(), releases.c.release_id.desc()).limit(1)).first()
        return Release(**row._mapping) if row else None

    def get(self, release_id: UUID) -> Release:
        row = self._run(_SHOWN.where(releases.c.tenant_id == self._tenant_id, releases.c.release_id == release_id)).first()
        if row is None:
            raise NotFound("release", release_id)
        return Release(**row._mapping)

    def page(self, *, limit: int, kind: str | None = None, before: tuple[datetime, UUID] | None = None) -> list[ListedRelease]:
        """Newest first, strictly before the position."""
        mine = _LISTED.where(releases.c.tenant_id == self._tenant_id)
        if kind is not None:
            mine = mine.where(releases.c.kind == kind)
        if before is not None:
            mine = mine.where(sa.tuple_(releases.c.created_at, releases.c.release_id) < sa.tuple_(*map(sa.literal, before)))
        rows = self._run(mine.order_by(releases.c.created_at.desc(), releases.c.release_id.desc()).limit(limit))
        return [ListedRelease(**row._mapping) for row in rows]

    def inputs(self, release_id: UUID) -> bytes | None:
        """The packed inputs of a release; None once they have expired or were erased."""
        mine = sa.select(release_inputs.c.packed)
        mine = mine.where(release_inputs.c.tenant_id == self._tenant_id, release_inputs.c.release_id == release_id)
        found: bytes | None = self._run(mine).scalar_one_or_none()
        return found

    def head(self, kind: str, *, as_of: datetime | None = None) -> Head | None:
        """The newest release of a kind, without what only a replay needs."""
        rows = self._read(sql.LATEST, kind=kind, as_of=as_of)
        return _head(rows[0]) if rows else None

    def finding(self, kind: str, section: str, scope: UUID = EVERYBODY, *, as_of: datetime | None = None) -> Finding | None:
        """A section of the newest release of a kind; None where none was published."""
        rows = self._read(sql.FINDING, kind=kind, section=section, scope=scope, as_of=as_of)
        return Finding(_head(rows[0]), rows[0].figures) if rows else None

    def sections(self, release_id: UUID, names: Sequence[str]) -> list[tuple[str, Any]]:
        """(section, figures) of a release, of all scopes."""
        shown = sa.select(findings.c.section, findings.c.figures).where(findings.c.tenant_id == self._tenant_id)
        mine = shown.where(findings.c.release_id == release_id, findings.c.section.in_(names))
        return [(row.section, row.figures) for row in self._run(mine.order_by(findings.c.scope, findings.c.section))]

    def effects_page(
        self, *, limit: int, after: str | None = None, as_of: datetime | None = None, filters: Mapping[str, object] | None = None
    ) -> tuple[Head | None, list[KeptEffect]]:
        """Effects of the newest release in the order of their keys. Filters: outcome, kind, verdict, topic (text), scope (an account, or
        `EVERYBODY`); None is no filter.
        """
        words: dict[str, object] = {"outcome": None, "verdict": None, "topic": None, "scope": None, **(filters or {})}
        words["kind_of"] = words.pop("kind", None)
        rows = self._read(sql.EFFECTS, kind="effects", limit=limit, after=after, as_of=as_of, **words)
        return _head(rows[0]) if rows else None, [_effect(row) for row in rows if row.effect_id is not None]

    def effect(self, effect_id: UUID) -> tuple[Head, KeptEffect]:
        """One effect, of whichever release."""
        rows = self._read(sql.EFFECT, id=effect_id)
        if not rows:
            raise NotFound("effect", effect_id)
        return _head(rows[0]), _effect(rows[0])

    def effects(self, release_id: UUID) -> list[Mapping[str, Any]]:
        """The figures of every effect of a release."""
        mine = sa.select(effects.c.figures).where(effects.c.tenant_id == self._tenant_id, effects.c.release_id == release_id)
        return list(self._run(mine.order_by(effects.c.feature)).scalars())


_LISTED = sa.select(*(releases.c[name] for name in ListedRelease.__dataclass_fields__))
_SHOWN = sa.select(*(releases.c[name] for name in Release.__dataclass_fields__))
_HEAD = tuple(Head.__dataclass_fields__)


def effect_id(release_id: UUID, key: str) -> UUID:
    """The same release and key, the same id."""
    return uuid5(release_id, key)


def _head(row: Row) -> Head:
    return Head(*row[: len(_HEAD)])


def _effect(row: Row) -> KeptEffect:
    return KeptEffect(row.effect_id, row.feature, row.figures)
