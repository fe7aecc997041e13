"""Publishing: read what is known, let the domain compute, keep a release with the hashes of its inputs and outputs."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from uuid import UUID

from domain.errors import Gone
from services.work import Work
from store.ids import new_id
from store.insights import SCORE_COLUMNS, Release
from store.work import UnitOfWork

SEED = 20260101
# Where the moment of observation stands in a row of `Insights.snapshots`.
_OBSERVED_AT = 6


@dataclass(frozen=True, slots=True)
class Published:
    """What a release came to."""

    release_id: UUID
    rows: int
    inputs: int
    method: str
    outputs_hash: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """A release made again. Without `is_same`, `reason` says what is different."""

    is_same: bool
    inputs_hash: str
    outputs_hash: str
    reason: str | None


def publish_scores(work: Work, *, as_of: datetime) -> Published:
    """Scores of every video with a snapshot up to `as_of`, with the outcome that effects use."""
    with work.begin() as uow:
        snapshots = uow.insights.snapshots(as_of=as_of)
    work.report(0.2, f"scoring {len(snapshots)} snapshots")
    rows, method, curves = _scores(snapshots, as_of)
    release = _release("scores", method, as_of, inputs=snapshots, outputs=rows, seed=0, params={"curves": curves})
    newest = max((row[_OBSERVED_AT] for row in snapshots), default=None)
    with work.begin() as uow:
        uow.insights.publish({**release, "request_id": work.request.request_id, "newest_observation": newest})
        uow.insights.put_scores(release["release_id"], rows, as_of=as_of)
    return Published(release["release_id"], len(rows), len(snapshots), method, release["outputs_hash"])


def publish_effects(work: Work, *, as_of: datetime, seed: int = SEED) -> tuple[Published, list[dict[str, Any]]]:
    """One effect per hypothesis about titles, from the latest scores' outcomes. What went in is kept with the release."""
    with work.begin() as uow:
        posts, scores = uow.insights.posts(), uow.insights.latest("scores")
    work.report(0.2, f"estimating from {len(posts)} posts")
    figures, method = _effects(posts, seed)
    release = _release("effects", method, as_of, inputs=posts, outputs=figures, seed=seed, params={})
    with work.begin() as uow:
        uow.insights.publish(
            {
                **release,
                "request_id": work.request.request_id,
                "inputs": zlib.compress(_canonical(posts)),
                "newest_observation": scores.newest_observation if scores else None,
            }
        )
        uow.insights.put_effects(release["release_id"], [(str(each["feature"]), str(each["verdict"]), each) for each in figures])
    return Published(release["release_id"], len(figures), len(posts), method, release["outputs_hash"]), figures


def replay(uow: UnitOfWork, release: Release) -> Replayed:
    """Make a release again from what is stored. Raises Gone where its inputs are no longer kept as they were."""
    inputs: Sequence[Any]
    outputs: Sequence[Any]
    if release.kind == "scores":
        inputs = uow.insights.snapshots(as_of=release.as_of, recorded_by=release.created_at)
        outputs, method, _ = _scores(inputs, release.as_of)
    else:
        inputs = [_read_post(post) for post in json.loads(zlib.decompress(uow.insights.inputs(release.release_id) or b"") or b"[]")]
        outputs, method = _effects(inputs, release.seed)
    if digest(inputs) != release.inputs_hash:
        raise Gone(
            f"release {release.release_id} of {release.created_at:%Y-%m-%d}: its inputs (hash {release.inputs_hash}) are no longer kept"
        )
    made, is_same_code = digest(outputs), (method, version("whyral")) == (release.method, release.code_version)
    reason = None if made == release.outputs_hash else "the code has changed" if not is_same_code else "the outputs differ"
    return Replayed(made == release.outputs_hash, digest(inputs), made, reason)


def _scores(snapshots: Sequence[Any], as_of: datetime) -> tuple[list[tuple[Any, ...]], str, Sequence[Any]]:
    from domain.scores.publishing import score_table

    table = score_table(snapshots, now=as_of)
    return [(row["video_id"], *(row[name] for name in SCORE_COLUMNS)) for row in table.rows], table.method, table.curves


def _effects(posts: Sequence[Mapping[str, Any]], seed: int) -> tuple[list[dict[str, Any]], str]:
    from domain.effects.estimate import Post, as_figures, estimate_title_effects
    from domain.effects.verdicts import METHOD_VERSION

    return [as_figures(effect) for effect in estimate_title_effects([Post(**post) for post in posts], seed=seed)], METHOD_VERSION


def _read_post(post: Mapping[str, Any]) -> dict[str, Any]:
    moment = post["posted_at"]
    return {**post, "posted_at": datetime.fromisoformat(moment) if moment else None}


def _release(  # noqa: PLR0913 - what a release is made of
    kind: str, method: str, as_of: datetime, *, inputs: Sequence[Any], outputs: Sequence[Any], seed: int, params: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "release_id": new_id(), "kind": kind, "method": method, "code_version": version("whyral"), "params": dict(params), "seed": seed,
        "inputs_hash": digest(inputs), "outputs_hash": digest(outputs), "inputs_count": len(inputs), "as_of": as_of,
    }  # fmt: skip


def digest(rows: Sequence[Any]) -> str:
    """SHA-256 of the rows as canonical JSON: the same figures, the same hash, whatever machine."""
    return hashlib.sha256(_canonical(rows)).hexdigest()


def _canonical(rows: Sequence[Any]) -> bytes:
    return json.dumps(list(rows), default=_written, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def is_honest(figures: Mapping[str, Any], *, has_census: bool) -> bool:
    """An estimate comes with its interval around it and n; only a census whose gates all passed carries causal words."""
    if figures["estimate"] is not None and not (figures["low"] <= figures["estimate"] <= figures["high"] and figures["n"] > 0):
        return False
    if figures["verdict"] != "causal-supported":
        return True
    return has_census and all(gate["passed"] for gate in figures["gates"])
