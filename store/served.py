"""What the newest release of a kind says, as JSON text: it is served as it was kept, and nothing of it is read on the way.

One round trip per call, through the driver's own cursor (docs/decisions/0010-hot-reads.md). What is read as values is in `store.releases`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.errors import NotFound
from store import releases_sql as sql
from store.releases import EVERYBODY, Head
from store.repository import Repository

_END = len(Head.__dataclass_fields__)


class EffectText(NamedTuple):
    """An effect as it was published, its figures as JSON text."""

    effect_id: UUID
    key: str
    figures: str


@dataclass(frozen=True, slots=True)
class Effects:
    """A page of effects in the order of their keys."""

    release: Head | None
    items: list[EffectText]


@dataclass(frozen=True, slots=True)
class Sections:
    """Sections of a release by their names."""

    release: Head
    figures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Items:
    """A part of a section that is a list: (place, item)."""

    release: Head
    items: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Gates:
    """Of a release of effects: how many by verdict; per gate how many were held against it, and how many passed."""

    release: Head | None
    verdicts: dict[str, int]
    gates: list[tuple[str, int, int]]


class Served(Repository):
    """One tenant's published figures."""

    def effects(
        self, *, limit: int, after: str | None = None, as_of: datetime | None = None, filters: Mapping[str, object] | None = None
    ) -> Effects:
        """Filters as in `Releases.effects_page`: outcome, kind, verdict, topic, scope."""
        words: dict[str, object] = {"outcome": None, "kind_of": None, "verdict": None, "topic": None, "scope": None}
        words |= {"kind_of" if name == "kind" else name: value for name, value in (filters or {}).items()}
        rows = self._read_asked(sql.EFFECT_TEXTS, limit=limit, kind="effects", after=after, as_of=as_of, **words)
        found = [EffectText(*row[_END:]) for row in rows if row[_END] is not None]
        return Effects(Head(*rows[0][:_END]) if rows else None, found)

    def effect(self, effect_id: UUID, *, as_of: datetime | None = None) -> tuple[Head, EffectText]:
        """One effect, of whichever release. Raises NotFound, also where it was not published by then."""
        rows = self._read_asked(sql.EFFECT_TEXT, id=effect_id, as_of=as_of)
        if not rows:
            raise NotFound("effect", effect_id)
        return Head(*rows[0][:_END]), EffectText(*rows[0][_END:])

    def gates(self, *, as_of: datetime | None = None) -> Gates:
        """What the gate let through."""
        rows = self._read_asked(sql.GATES, kind="effects", as_of=as_of)
        if not rows:
            return Gates(None, {}, [])
        *head, verdicts, gates = rows[0]
        return Gates(Head(*head), dict(verdicts or {}), [(each["name"], each["asked"], each["passed"]) for each in gates or ()])

    def sections(
        self, kind: str, scope: UUID = EVERYBODY, *, names: Sequence[str] | None = None, as_of: datetime | None = None
    ) -> Sections | None:
        """Sections of the newest release of a kind (all of them without `names`); None where none was published."""
        asked = None if names is None else list(names)
        rows = self._read_asked(sql.SECTIONS, kind=kind, scope=scope, sections=asked, as_of=as_of)
        return Sections(Head(*rows[0][:_END]), {row[_END]: row[_END + 1] for row in rows if row[_END] is not None}) if rows else None

    def items(
        self, kind: str, section: str, *, like: Mapping[str, object], limit: int, after: int = 0, as_of: datetime | None = None
    ) -> Items | None:
        """The items of a section that hold all of `like`, from a place on; None where no such release was published."""
        words = {"like": json.dumps(like), "after": after, "as_of": as_of}
        rows = self._read_asked(sql.ITEMS, limit=limit, kind=kind, section=section, **words)
        found = [(row[_END], row[_END + 1]) for row in rows if row[_END] is not None]
        return Items(Head(*rows[0][:_END]), found) if rows else None
