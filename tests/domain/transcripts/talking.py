"""Transcripts for tests: of cues and of words."""

from domain.media import Cue, CueWord, SpokenCue
from domain.speech import HeardWord, Speech
from domain.transcripts import Source, Transcript, transcribe


def of_cues(*cues: tuple[float, float, str], language: str | None = None, duration: float | None = None) -> Transcript:
    return transcribe([Cue(*each) for each in cues], source=Source.UPLOAD, language=language, duration_seconds=duration)


def voiced(start: float, end: float, *words: tuple[str, str | None]) -> SpokenCue:
    """A cue whose words have voices."""
    return SpokenCue(start, end, " ".join(text for text, _ in words), tuple(CueWord(text=text, voice=voice) for text, voice in words))


def heard(*words: tuple[float, float, str], language: str | None = None) -> Speech:
    return Speech(
        words=tuple(HeardWord(start_seconds=a, end_seconds=b, text=text) for a, b, text in words), language=language, model="ear/1"
    )


def evenly(text: str, *, start: float = 0.0, seconds: float = 0.3, rest: float = 0.1) -> list[tuple[float, float, str]]:
    """The words of a text, one after the other."""
    return [(start + at * (seconds + rest), start + at * (seconds + rest) + seconds, word) for at, word in enumerate(text.split())]
