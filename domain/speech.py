"""What was heard: words with times, and how far they can be trusted. Listening is in `gateways.speech`, sentences in `transcripts`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """A word, when it was said (seconds of the video), and how sure the listener is (0 to 1; None where it does not say)."""

    start_seconds: float
    end_seconds: float
    text: str
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a listener heard. `error_rate`: the share of words that it gets wrong on speech like this, where that was measured."""

    words: tuple[HeardWord, ...]
    language: str | None
    model: str
    error_rate: float | None = None
