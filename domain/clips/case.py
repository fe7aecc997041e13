"""One clip before its checks: what was planned and measured, what is known of its video, how spans are judged. Checks are in `gate`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from domain.clips.analysis import MediaAnalysis
from domain.clips.delivery import Inspection, Spans
from domain.clips.likeness import Earlier
from domain.clips.look import Player, SafeArea
from domain.clips.safe_areas import SAFE_AREAS
from domain.media import ClipPlan
from domain.transcripts import Sentence

# A source whose picture moves by less stands still: motion as `MediaAnalysis` counts it (0 to 1).
_STILL_MOTION = 0.003
# Sound that is so far below its video's loud parts (its 90th percentile), or below this at all, is silence there too.
_BELOW_DB, _SILENT_DB = 36.0, -60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside the plan: how long what comes before and after lasts, where words may stand, and of the video itself."""

    lead_seconds: float = 0.0
    tail_seconds: float = 0.0
    safe_area: SafeArea = SAFE_AREAS[Player.ALL]
    source: MediaAnalysis | None = None
    sentences: Sequence[Sentence] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the checks of one clip look at."""

    inspection: Inspection
    plan: ClipPlan
    earlier: Sequence[Earlier] = ()
    known: Known = field(default_factory=Known)

    @property
    def seconds(self) -> float:
        """How long it shall be, with what comes before and after."""
        return self.known.lead_seconds + self.plan.seconds + self.known.tail_seconds

    @property
    def spans(self) -> Spans:
        """The parts of the video that it is made of."""
        pieces = tuple((each.start_seconds, each.end_seconds) for each in self.plan.pieces)
        return pieces or ((self.plan.start_seconds, self.plan.end_seconds),)

    def own(self, spans: Spans) -> Spans:
        """Of spans of the clip, what lies in its own part; what comes before and after is somebody else's work."""
        begins, ends = self.known.lead_seconds, self.known.lead_seconds + self.plan.seconds
        cut = ((max(start, begins), min(end, ends)) for start, end in spans)
        return tuple(each for each in cut if each[1] > each[0])

    def shown(self, span: tuple[float, float]) -> Iterator[tuple[float, float]]:
        """Which parts of the video a span of the clip shows."""
        passed = self.known.lead_seconds
        for start, end in self.spans:
            first, last = max(span[0], passed), min(span[1], passed + end - start)
            if last > first:
                yield start + first - passed, start + last - passed
            passed += end - start

    def is_source_still(self, span: tuple[float, float]) -> bool:
        """Whether the video itself stands still there, as far as it was looked at."""
        source = self.known.source
        if source is None:
            return False
        # The first picture of a part is compared with one that the clip does not show.
        moved = [each.motion for start, end in self.shown(span) for each in source.seen(start, end)[1:]]
        return bool(moved) and max(moved) <= _STILL_MOTION

    def is_source_silent(self, span: tuple[float, float]) -> bool:
        """Whether nothing is heard there in the video itself."""
        source = self.known.source
        if source is None:
            return False
        if not source.levels_db:
            return True
        loud = sorted(source.levels_db)[int(0.9 * (len(source.levels_db) - 1))]
        heard = [level for start, end in self.shown(span) for level in source.levels(start, end)]
        return bool(heard) and max(heard) <= max(_SILENT_DB, loud - _BELOW_DB)


@dataclass(frozen=True, slots=True)
class Told:
    """How a check came out."""

    is_passed: bool
    value: float | None
    detail: str
    at_seconds: float | None = None


def longest(spans: Spans) -> tuple[float, float] | None:
    return max(spans, key=lambda each: each[1] - each[0], default=None)


def worst(spans: Spans, limit: float, wrong: str, right: str) -> Told:
    """Judged by the longest of them; `wrong` has a place for its seconds."""
    found = longest(spans)
    seconds = found[1] - found[0] if found else 0.0
    return Told(False, seconds, wrong.format(seconds), found[0]) if found and seconds > limit else Told(True, seconds, right)


def excused(case: Case, spans: Spans, is_excused: Callable[[tuple[float, float]], bool], limit: float, said: tuple[str, str]) -> Told:
    """The same, but what the video itself does is no fault of its clip. Without a look at the video nothing is excused."""
    told = worst(tuple(each for each in spans if not is_excused(each)), limit, *said)
    if not told.is_passed:
        unknown = "" if case.known.source else "; nobody looked whether the video itself does"
        return replace(told, detail=told.detail + unknown)
    in_video = longest(tuple(each for each in spans if is_excused(each)))
    if in_video and (seconds := in_video[1] - in_video[0]) > limit:
        return replace(told, detail=f"{said[0].format(seconds)}, as in the video itself")
    return told
