"""faster-whisper: hears some hundred languages on this machine, with a model of the operator's. The program is `whisper_program`.

It runs in a confined process: the library is large, a model wants gigabytes, and the sound comes from anybody.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import SourceRefused
from domain.ports.kept import IsUnwanted, Report
from domain.speech import HeardWord, Speech
from gateways.speech.models import INSTALL, SOURCE, Model, find_model, is_installed
from gateways.speech.program import Question, ask, bounds_for
from gateways.speech.sound import seconds_of

_PROGRAM = Path(__file__).with_name("whisper_program.py")
_MOST_THREADS = 4
# What the processor can do; libraries that cannot ask take the slow way.
_MACHINE = (Path("/proc/cpuinfo"), Path("/sys/devices/system/cpu"))
# Libraries, spectrogram and beams, beside the weights, which are read, unpacked and packed again.
_BASE_BYTES, _TIMES_MODEL = 4 * 1024**3, 4
# `large-v3` on one slow core.
_TIMES_REAL = 30.0


@dataclass(frozen=True, slots=True)
class FasterWhisper:
    """Fills the port `Hears`. `name`: a model's directory or name; `models`: the folder in which names are looked for first."""

    name: str
    models: Path

    @property
    def model(self) -> str:
        return f"faster-whisper/{self.name.rstrip('/').rpartition('/')[2]}"

    def hear(self, sound: Path, *, language: str | None, report: Report, is_unwanted: IsUnwanted) -> Speech:
        """With a time and a probability for each word. Raises SourceRefused where library or model is missing, and says how to get it."""
        if not is_installed():
            raise SourceRefused(SOURCE, f"it is not installed: {INSTALL}", category="not_configured")
        model = find_model(self.name, models=self.models)
        answer = ask(_question(sound, model, language), report=report, is_unwanted=is_unwanted)
        if any("unknown_language" in each for each in answer):
            raise SourceRefused(SOURCE, f"the model {self.name} does not know the language {language}: set one that does")
        told = [each["language"] for each in answer if "language" in each]
        return Speech(words=tuple(_word(*each["word"]) for each in answer if "word" in each), language=told[-1], model=self.model)


def _question(sound: Path, model: Model, language: str | None) -> Question:
    threads = min(_MOST_THREADS, len(os.sched_getaffinity(0)))
    told: dict[str, Any] = {
        "sound": str(sound.absolute()),
        "model": str(model.folder.absolute()),
        "language": language and language.lower().partition("-")[0],
        "threads": threads,
    }
    memory_bytes = _BASE_BYTES + _TIMES_MODEL * model.size_bytes
    return Question(
        name="whisper", program=_PROGRAM, told=told, folder=sound.parent, environment=(("OMP_NUM_THREADS", str(threads)),),
        bounds=bounds_for(seconds_of(sound), memory_bytes=memory_bytes, times_real=_TIMES_REAL),
        reads=(sound, model.folder, *model.files, *_MACHINE),
    )  # fmt: skip


def _word(text: str, start: float, end: float, probability: float) -> HeardWord:
    return HeardWord(start_seconds=start, end_seconds=end, text=text, probability=probability)
