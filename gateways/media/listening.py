"""Listening to a stored video: its sound is taken out, and handed to whoever listens. Who that is, is chosen in `gateways.speech`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.media import MediaLimits
from domain.ports import IsUnwanted, Report
from domain.speech import HeardWord, Speech
from gateways.media.confined import ignore
from gateways.media.probe import Source, probe
from gateways.media.runner import run_ffmpeg
from gateways.media.speech_sound import SOUND, sound_job
from gateways.speech.choosing import Listeners

# Of listening, so much is getting the sound out of the video.
_SOUND_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Listening:
    """One sound stream of a video at a time, in the folder of the work."""

    listeners: Listeners
    limits: MediaLimits

    def hear(self, source: Source, index: int, folder: Path, *, language: str | None, report: Report, is_unwanted: IsUnwanted) -> Speech:
        """What is said. Raises Unacceptable where nobody can listen, saying how to get somebody."""
        hears = self.listeners.hears()
        sound = self._sound(source, index, folder, report=lambda share: report(_SOUND_SHARE * share), is_unwanted=is_unwanted)

        def rest(share: float) -> None:
            report(_SOUND_SHARE + (1 - _SOUND_SHARE) * share)

        told = hears.hear(sound, language=language, report=rest, is_unwanted=is_unwanted)
        report(1.0)
        return told

    def align(
        self, source: Source, index: int, folder: Path, words: Sequence[str], *, language: str | None, is_unwanted: IsUnwanted
    ) -> tuple[HeardWord, ...]:
        """When the words of a script are said."""
        aligns = self.listeners.aligns()
        sound = self._sound(source, index, folder, report=ignore, is_unwanted=is_unwanted)
        return aligns.align(sound, words, language=language, is_unwanted=is_unwanted)

    def _sound(self, source: Source, index: int, folder: Path, *, report: Report, is_unwanted: IsUnwanted) -> Path:
        found = probe(source, self.limits, folder, is_unwanted=is_unwanted)
        run_ffmpeg(sound_job(source, found, index, folder), self.limits, report=report, is_unwanted=is_unwanted)
        return folder / SOUND
