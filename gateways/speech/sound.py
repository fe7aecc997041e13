"""The sound that listeners get: 16 kHz, 16 bit, one channel, as WAV. How it comes out of a video is in `gateways.media.speech_sound`."""

import io
import wave
from collections.abc import Iterator
from pathlib import Path

from domain.errors import FieldProblem, Unacceptable
from domain.quiet import FRAME_SECONDS, Span, pieces

RATE_HZ = 16_000
_BLOCK_FRAMES = round(RATE_HZ * FRAME_SECONDS) * 500


def seconds_of(sound: Path) -> float:
    with _opened(sound) as file:
        return file.getnframes() / RATE_HZ


def cut_at_pauses(sound: Path, *, longest_seconds: float) -> tuple[Span, ...]:
    return pieces(_blocks(sound), rate_hz=RATE_HZ, longest_seconds=longest_seconds)


def part_of(sound: Path, span: Span) -> bytes:
    """A piece of it as a WAV file of its own."""
    with _opened(sound) as file:
        file.setpos(min(round(span.start_seconds * RATE_HZ), file.getnframes()))
        samples = file.readframes(round(span.seconds * RATE_HZ))
    whole = io.BytesIO()
    with wave.open(whole, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples)
    return whole.getvalue()


def _blocks(sound: Path) -> Iterator[bytes]:
    with _opened(sound) as file:
        while block := file.readframes(_BLOCK_FRAMES):
            yield block


def _opened(sound: Path) -> wave.Wave_read:
    try:
        file = wave.open(str(sound), "rb")  # noqa: SIM115 - the caller's `with` closes it
    except (wave.Error, EOFError) as error:
        raise _unacceptable(str(error) or "it ends too early") from error
    shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
    if shape != (1, 2, RATE_HZ):
        file.close()
        raise _unacceptable(f"it has {shape[0]} channels of {8 * shape[1]} bit at {shape[2]} Hz")
    return file


def _unacceptable(detail: str) -> Unacceptable:
    return Unacceptable(f"the sound cannot be listened to: {detail}", (FieldProblem("sound", "16 kHz, 16 bit, one channel, as WAV"),))
