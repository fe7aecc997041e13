"""Whether a clip shows the faces that its layouts promise. What each layout promises is decided here, looking is in `seeing.counting`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.clips.delivery import Spans
from domain.clips.look import Layout
from domain.media import ClipPlan, MediaLimits
from gateways.media.analysis import LOOKER, ONE_THREAD
from gateways.media.confined import python, run_confined
from gateways.media.troubles import Bounds
from gateways.media.watching import FACES, FACES_PER_SECOND

Box = tuple[float, float, float, float]
_ANSWER_BYTES = 50_000_000
# Parts of the frame (top, bottom) in each of which a layout promises a face.
_PROMISES: dict[Layout, tuple[tuple[float, float], ...]] = {
    Layout.FOCUS: ((0.0, 1.0),),
    Layout.SPLIT: ((0.0, 0.5), (0.5, 1.0)),
    Layout.SCREEN: ((0.4, 1.0),),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """The share of pictures that keep their promise, and where they do not."""

    share: float
    faceless: Spans


def promises_face(plan: ClipPlan) -> bool:
    return any(each.layout in _PROMISES for each in plan.pieces)


def faces_shown(plan: ClipPlan, limits: MediaLimits, folder: Path, *, lead_seconds: float, is_unwanted: Callable[[], bool]) -> Shown | None:
    """Of the small video of faces in `folder`. None where no picture falls into a part that promises one."""
    path, bounds = (folder / FACES).absolute(), Bounds.of(limits, file_bytes=_ANSWER_BYTES)
    tool = python(LOOKER, "counting", str(path), folder=folder, bounds=bounds, name="facefinder", environment=ONE_THREAD, reads=(path,))
    return kept_promises(plan, json.loads(run_confined(tool, is_unwanted=is_unwanted).read_bytes()), lead_seconds=lead_seconds)


def kept_promises(plan: ClipPlan, faces: Sequence[Sequence[Box]], *, lead_seconds: float) -> Shown | None:
    """Detectors blink: a single picture without a face between two with one counts as one with it."""
    times = [at / FACES_PER_SECOND for at in range(len(faces))]
    wanted = {at: parts for at in range(len(times)) if (parts := _promised(plan, times[at] - lead_seconds))}
    if not wanted:
        return None
    seen = {at: all(_holds(part, faces[at]) for part in parts) for at, parts in wanted.items()}
    kept = {at: is_seen or (seen.get(at - 1, False) and seen.get(at + 1, False)) for at, is_seen in seen.items()}
    faceless = tuple((times[at], times[at] + 1 / FACES_PER_SECOND) for at, is_kept in kept.items() if not is_kept)
    return Shown(sum(kept.values()) / len(kept), _joined(faceless))


def _promised(plan: ClipPlan, at_seconds: float) -> tuple[tuple[float, float], ...]:
    passed = 0.0
    for piece in plan.pieces:
        if passed <= at_seconds < passed + piece.seconds:
            return _PROMISES.get(piece.layout, ())
        passed += piece.seconds
    return ()


def _holds(part: tuple[float, float], faces: Sequence[Box]) -> bool:
    """Whether the middle of a face lies there."""
    return any(part[0] <= (top + bottom) / 2 < part[1] for _, top, _, bottom in faces)


def _joined(spans: Spans) -> Spans:
    found: list[tuple[float, float]] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return tuple(found)
