"""Publishing a release of any kind, and making one again. What is computed, and of what, is each kind's own: see `kind`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any
from uuid import UUID

from domain.errors import Gone
from services.insights.kind import Given, Inputs, Issue, Kept, Made, Reading, ReleaseKind, Section, Terms
from services.insights.packing import digest, pack, unpack
from services.insights.registry import KINDS
from services.work import Work
from store.ids import new_id
from store.releases import EVERYBODY, Release
from store.work import UnitOfWork

SEED = 20260101
# Packed inputs are kept for so long, or for less where they hold what may not be kept.
INPUTS_KEPT = timedelta(days=30)
# Every release stays for so long; of older ones the newest of a month.
RELEASES_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Published:
    """A release and what it came to."""

    release_id: UUID
    inputs: int
    outputs_hash: str
    made: Made


@dataclass(frozen=True, slots=True)
class Recalled:
    """A release with its inputs as they were."""

    release: Release
    kind: ReleaseKind
    given: Given


@dataclass(frozen=True, slots=True)
class Replayed:
    """A release made again. Without `is_same`, `reason` says what is different."""

    is_same: bool
    inputs_hash: str
    outputs_hash: str
    reason: str | None


def publish(work: Work, kind: ReleaseKind, *, as_of: datetime, seed: int = SEED, params: Mapping[str, Any] | None = None) -> Published:
    """Read what is known, make figures of it, keep both. A request that is tried again leaves one release of a kind."""
    terms, release_id = Terms(as_of, seed, params or {}), new_id()
    with work.begin() as uow:
        reading = Reading(as_of, uow.posts.settled())
        inputs = kind.read(uow, reading)
        # What the maker sees is what is kept, and so what a replay will see.
        packed = pack(inputs.kept)
        given = _given(uow, kind, packed, reading, terms)
        row = _versions(uow, inputs, reading)
    count = len(given.more) if kind.reread else inputs.count
    work.report(0.2, f"{kind.name}: {count} rows read")
    made = kind.make(given)
    row |= {
        "release_id": release_id, "kind": kind.name, "method": made.method, "code_version": version("whyral"), "seed": seed, "as_of": as_of,
        "params": {**terms.params, "learned": made.learned}, "inputs_hash": _inputs(given), "outputs_hash": _outputs(made),
        "inputs_count": count, "request_id": work.request.request_id,
    }  # fmt: skip
    with work.begin() as uow:
        uow.releases.publish(row)
        uow.releases.put_inputs(release_id, packed, expires_at=_kept_until(inputs, reading))
        if kind.write is not None:
            kind.write(uow, Issue(release_id, made, terms))
        uow.releases.put_findings(release_id, [(each.name, _scope(each), each.figures) for each in made.sections])
        uow.releases.replace(kind.name, work.request.request_id, kept=release_id)
    return Published(release_id, count, str(row["outputs_hash"]), made)


def recall(uow: UnitOfWork, release: Release, *, kinds: Mapping[str, ReleaseKind] = KINDS) -> Recalled:
    """The inputs of a release. Raises Gone where they have expired, were erased, or are no longer what they were."""
    kind, packed = kinds.get(release.kind), uow.releases.inputs(release.release_id)
    if kind is None or packed is None:
        raise _gone(release)
    params = {name: value for name, value in release.params.items() if name != "learned"}
    reading = Reading(release.as_of, datetime.fromisoformat(release.data_versions["read_at"]))
    given = _given(uow, kind, packed, reading, Terms(release.as_of, release.seed, params))
    if _inputs(given) != release.inputs_hash:
        raise _gone(release)
    return Recalled(release, kind, given)


def remake(recalled: Recalled) -> Replayed:
    """Make the release again. It needs no transaction."""
    release = recalled.release
    made = recalled.kind.make(recalled.given)
    outputs, is_same_code = _outputs(made), (made.method, version("whyral")) == (release.method, release.code_version)
    is_same = outputs == release.outputs_hash
    reason = None if is_same else "the code has changed" if not is_same_code else "the outputs differ"
    return Replayed(is_same, release.inputs_hash, outputs, reason)


def replay(uow: UnitOfWork, release: Release) -> Replayed:
    """Recall and remake."""
    return remake(recall(uow, release))


def _given(uow: UnitOfWork, kind: ReleaseKind, packed: bytes, reading: Reading, terms: Terms) -> Given:
    kept: Kept = unpack(packed)
    return Given(kept, kind.reread(uow, kept, reading) if kind.reread else (), terms)


def _inputs(given: Given) -> str:
    return digest(given.kept, given.more)


def _versions(uow: UnitOfWork, inputs: Inputs, reading: Reading) -> dict[str, Any]:
    found = uow.posts.versions(as_of=reading.as_of, recorded_by=reading.read_at)
    return {
        "data_versions": {"read_at": reading.read_at.isoformat(), **found, **inputs.versions},
        "newest_observation": uow.posts.newest_observation(as_of=reading.as_of),
    }


def _outputs(made: Made) -> str:
    return digest(list(made.rows), [[each.name, each.scope, each.figures] for each in made.sections])


def _scope(section: Section) -> UUID:
    return UUID(section.scope) if section.scope else EVERYBODY


def _kept_until(inputs: Inputs, reading: Reading) -> datetime:
    until = reading.read_at + INPUTS_KEPT
    return until if inputs.expires_at is None else min(until, inputs.expires_at)


def _gone(release: Release) -> Gone:
    named = f"release {release.release_id} of {release.created_at:%Y-%m-%d}"
    return Gone(f"{named}: its inputs (hash {release.inputs_hash}) are no longer kept as they were")
