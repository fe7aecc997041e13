"""PocketSphinx: hears English offline with a model that comes with it. A stand-in: it gets almost every second word wrong, and says so.

How a known script is aligned with it is in `aligner`; the program that does the listening is `sphinx_program`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import SourceRefused
from domain.ports.kept import IsUnwanted, Report
from domain.quiet import Span
from domain.speech import HeardWord, Speech
from domain.transcripts import is_english
from gateways.media.confined import ignore
from gateways.speech.program import Question, ask, bounds_for
from gateways.speech.sound import cut_at_pauses, seconds_of

# Words wrong, missing or added, of all words said: the mean over 13 recordings of people who read or speak (docs/guides/speech.md).
ERROR_RATE = 0.44
PIECE_SECONDS = 30.0
_PROGRAM = Path(__file__).with_name("sphinx_program.py")
_MEMORY_BYTES = 1024**3
_TIMES_REAL = 2.0


@dataclass(frozen=True, slots=True)
class PocketSphinx:
    """Fills the port `Hears`."""

    model: str = "pocketsphinx/en-us"

    def hear(self, sound: Path, *, language: str | None, report: Report, is_unwanted: IsUnwanted) -> Speech:
        """What it makes of it, as if it were English: it cannot tell languages apart. Raises SourceRefused for any other language."""
        demand_english(language)
        spans = cut_at_pauses(sound, longest_seconds=PIECE_SECONDS)
        heard = listen(sound, spans, {"do": "hear", "script": []}, report=report, is_unwanted=is_unwanted)
        words = tuple(word for piece in heard for word in piece or ())
        return Speech(words=words, language=language, model=self.model, error_rate=ERROR_RATE)


def demand_english(language: str | None) -> None:
    if language is not None and not is_english(language):
        raise SourceRefused("pocketsphinx", f"it understands English only, not {language}: {OTHERS}")


OTHERS = "install faster-whisper with a model, or set the key of a transcription API (docs/guides/speech.md)"


def listen(
    sound: Path,
    spans: Sequence[Span],
    told: Mapping[str, Any],
    *,
    is_unwanted: IsUnwanted,
    words: Sequence[Sequence[str]] | None = None,
    report: Report = ignore,
) -> list[tuple[HeardWord, ...] | None]:
    """What was heard in each span; None where an alignment failed. `words`: those of each span, to be aligned."""
    asked: list[dict[str, Any]] = [{"start": each.start_seconds, "end": each.end_seconds} for each in spans]
    if words is not None:
        asked = [{**each, "words": list(own)} for each, own in zip(asked, words, strict=True)]
    bounds = bounds_for(seconds_of(sound), memory_bytes=_MEMORY_BYTES, times_real=_TIMES_REAL)
    question = Question(
        name="sphinx", program=_PROGRAM, told={**told, "sound": str(sound.absolute()), "pieces": asked}, folder=sound.parent,
        bounds=bounds, reads=(sound,),
    )  # fmt: skip
    answers = ask(question, report=report, is_unwanted=is_unwanted)
    return [None if each["words"] is None else tuple(_word(*word) for word in each["words"]) for each in answers]


def _word(text: str, start: float, end: float) -> HeardWord:
    return HeardWord(start_seconds=start, end_seconds=end, text=text)
