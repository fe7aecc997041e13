"""What a kind of release is: how its inputs are read, how figures are made of them, and what is written beside the release.

A new kind is a module with one `ReleaseKind`, named in `registry`. `read` and `reread` look into the database, `make` is pure and sees
nothing else: the same inputs, parameters and seed give the same bytes. What `read` gives may be changed later by others, so it is kept with
the release; what `reread` gives comes from append-only tables, and is read once more for a replay.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from store.work import UnitOfWork

Kept: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """As of when, and when it is read: nothing that was recorded later belongs to it."""

    as_of: datetime
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is kept with the release, as JSON values, and how many rows of what it is about. `expires_at`: until when it may be kept."""

    kept: Kept
    count: int
    expires_at: datetime | None = None
    versions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a release is made under besides its inputs."""

    as_of: datetime
    seed: int
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """All that a maker sees: what is kept (as it comes out of its package), what is read again, and the terms."""

    kept: Kept
    more: Sequence[Any]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Section:
    """Figures as they are served, of all accounts or of one (its id)."""

    name: str
    figures: Any
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What came out. `rows` and `sections` are what is published, and hashed; `learned` is told among the release's parameters."""

    method: str
    rows: Sequence[Any] = ()
    sections: tuple[Section, ...] = ()
    learned: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issue:
    """A release about to be written."""

    release_id: UUID
    made: Made
    terms: Terms


@dataclass(frozen=True, slots=True)
class ReleaseKind:
    """One kind. `write` puts rows into tables of their own, where there are any; sections are kept for every kind."""

    name: str
    read: Callable[[UnitOfWork, Reading], Inputs]
    make: Callable[[Given], Made]
    write: Callable[[UnitOfWork, Issue], None] | None = None
    reread: Callable[[UnitOfWork, Kept, Reading], Sequence[Any]] | None = None
