"""Synthesised speech with the time of every word: espeak-ng, from a wheel, without any service. What is said is the caller's.

The library carries a state from sentence to sentence that no call resets, so a talk is spoken in a process of its own: this file, run by
path. The same sentences then come out the same, byte for byte.
"""

import base64
import ctypes
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

RATE_HZ = 22_050
_SECONDS = 60
# Of espeak-ng's speak_lib.h.
_RETRIEVAL, _DO_NOT_EXIT, _BY_CHARACTER, _UTF8, _RATE = 1, 0x8000, 1, 1, 1
_WORD, _LAST = 1, 0
_WORDS_PER_MINUTE = 158


@dataclass(frozen=True, slots=True)
class Spoken:
    """16 bit samples of one channel, and the words with the seconds at which each begins."""

    samples: bytes
    words: tuple[tuple[float, str], ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / 2 / RATE_HZ


def speak(sentences: Sequence[str]) -> list[Spoken]:
    """Say sentences one after the other."""
    command, told = [sys.executable, str(Path(__file__).resolve())], json.dumps(sentences)
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=True, timeout=_SECONDS)  # noqa: S603 - our own file
    heard = json.loads(done.stdout)
    return [Spoken(base64.b64decode(each["samples"]), tuple(_timed(text, each))) for text, each in zip(sentences, heard, strict=True)]


def _timed(sentence: str, told: dict[str, list[tuple[float, int]]]) -> Iterator[tuple[float, str]]:
    """A number is several words to the library, `in the` a single one: the first counts; what has none begins with the word before."""
    at, seconds = 0, 0.0
    for word in sentence.split():
        at = sentence.index(word, at)
        inside = [start for start, position in told["starts"] if at <= position < at + len(word)]
        seconds = min(inside, default=seconds)
        yield seconds, word
        at += len(word)


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def _said(library: ctypes.CDLL, sentence: str) -> dict[str, object]:
    """Samples, and for each of the library's words: at which second it begins, and at which character."""
    samples, starts = bytearray(), list[tuple[float, int]]()

    def heard(wave: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]") -> int:
        if wave:
            samples.extend(ctypes.string_at(wave, count * 2))
        at = 0
        while events[at].type != _LAST:
            if events[at].type == _WORD:
                starts.append((events[at].audio_position / 1000, events[at].text_position - 1))
            at += 1
        return 0

    text, callback = sentence.encode(), _Callback(heard)
    library.espeak_SetSynthCallback(callback)
    library.espeak_Synth(text, len(text) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return {"samples": base64.b64encode(samples).decode(), "starts": starts}


def _library() -> ctypes.CDLL:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_RETRIEVAL, 0, str(espeakng_loader.get_data_path()).encode(), _DO_NOT_EXIT)
    if rate != RATE_HZ:
        raise SystemExit(f"espeak-ng speaks at {rate} Hz, not at {RATE_HZ}: its data may be missing")
    library.espeak_SetVoiceByName(b"en-us")
    library.espeak_SetParameter(_RATE, _WORDS_PER_MINUTE, 0)
    return library


if __name__ == "__main__":
    voice = _library()
    sys.stdout.write(json.dumps([_said(voice, sentence) for sentence in json.loads(sys.stdin.read())]))
