"""The demo video: a short talk of ours, spoken by a synthesiser over a drawn picture, with captions that are exact to the word.

What it says of the demo world is what was planted there (`sandbox.demo`). Nothing in it was filmed or recorded; there is no such speaker.
"""

import subprocess
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from domain.errors import SourceUnavailable
from sandbox.speech import RATE_HZ, Spoken, speak

TALK = (
    "Hello, and welcome to the demo.",
    "Why do some videos travel further than others?",
    "In this made up library, a question in the title raised views by about forty percent.",
    "A number in the title helped too, by about a third.",
    "Brackets looked strong in a plain comparison, yet they changed nothing.",
    "Large accounts used them more often, and large accounts get more views.",
    "So compare each post with posts of the same account, at the same age.",
)
LANGUAGE = "en"
PAUSE_SECONDS = 0.35
_CUE_WORDS = 7
_WIDTH, _HEIGHT, _RATE, _BARS = 640, 360, 25, 40
_COLORS = "c0=0x14304f:c1=0x5b2a86:c2=0x0f6e6e:c3=0x9a3b26"
_SECONDS = 120
# Of one thread: x264 makes other bytes with another number of them.
_ENCODED = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "27", "-pix_fmt", "yuv420p", "-threads", "1", "-c:a", "aac", "-b:a", "96k")
_REPEATABLE = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1", "-movflags", "+faststart")


@dataclass(frozen=True, slots=True)
class DemoVideo:
    """The files that were written, and what is said in them: seconds and word."""

    video: Path
    captions: Path
    words: tuple[tuple[float, str], ...]
    seconds: float


def write_video(folder: Path, *, seed: int, talk: Sequence[str] = TALK) -> DemoVideo:
    """Write `talk.mp4` and `talk.vtt`; the same seed gives the same bytes, on the same versions of the tools. Raises SourceUnavailable."""
    folder.mkdir(parents=True, exist_ok=True)
    with _tools():
        return _write(folder, seed, talk)


@contextmanager
def _tools() -> Iterator[None]:
    """A tool that fails says so in one line, as everything that goes wrong with the demo does."""
    try:
        yield
    except subprocess.CalledProcessError as error:
        said = str(error.stderr or error).strip().splitlines()
        raise SourceUnavailable("demo video", said[-1] if said else "a tool failed") from error
    except (subprocess.TimeoutExpired, OSError) as error:
        raise SourceUnavailable("demo video", str(error)) from error


def _write(folder: Path, seed: int, talk: Sequence[str]) -> DemoVideo:
    spoken = speak(talk)
    sound, captions, video = folder / "talk.wav", folder / "talk.vtt", folder / "talk.mp4"
    seconds = _write_sound(sound, spoken)
    captions.write_text("\n".join(["WEBVTT\n", *_cues(spoken)]), encoding="utf-8")
    _draw(sound, video, seconds, seed)
    sound.unlink()
    return DemoVideo(video, captions, tuple(word for words in _placed(spoken) for word in words), seconds)


def _write_sound(path: Path, spoken: Sequence[Spoken]) -> float:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(_silence())
        for each in spoken:
            file.writeframes(each.samples + _silence())
        return file.getnframes() / RATE_HZ


def _silence() -> bytes:
    return bytes(2 * round(PAUSE_SECONDS * RATE_HZ))


def _placed(spoken: Sequence[Spoken]) -> Iterator[list[tuple[float, str]]]:
    """Each sentence's words, in seconds of the whole talk."""
    at = PAUSE_SECONDS
    for each in spoken:
        yield [(at + seconds, word) for seconds, word in each.words]
        at += each.seconds + PAUSE_SECONDS


def _cues(spoken: Sequence[Spoken]) -> Iterator[str]:
    """Captions of a few words. Each ends where the next begins, the last of a sentence with its sound."""
    for each, words in zip(spoken, _placed(spoken), strict=True):
        end = words[0][0] + each.seconds
        groups = [words[at : at + _CUE_WORDS] for at in range(0, len(words), _CUE_WORDS)]
        edges = [group[0][0] for group in groups] + [end]
        for group, start, until in zip(groups, edges, edges[1:], strict=False):
            yield f"{_stamp(start)} --> {_stamp(until)}\n{' '.join(word for _, word in group)}\n"


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"00:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _draw(sound: Path, video: Path, seconds: float, seed: int) -> None:
    """Slowly turning colors, the sound as bars, and a line that shows how far the talk is: calm, so it costs little to encode again."""
    colors = f"gradients=size={_WIDTH}x{_HEIGHT}:rate={_RATE}:duration={seconds:.3f}:speed=0.006:nb_colors=4:seed={seed}:{_COLORS}"
    graph = (
        f"[1:a]showwaves=size={_BARS}x24:rate={_RATE / 2}:mode=cline:colors=white:scale=cbrt,"
        f"scale={_WIDTH}:{_HEIGHT * 2 // 5}:flags=neighbor,format=rgba,colorchannelmixer=aa=0.85[wave];"
        f"color=white@0.8:size={_WIDTH}x8:rate={_RATE}:duration={seconds:.3f},format=rgba[bar];"
        "[0:v][wave]overlay=y=(H-h)/2[talk];"
        f"[talk][bar]overlay=x=-w+w*t/{seconds:.3f}:y=H-h:shortest=1,format=yuv420p[v]"
    )
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", "-filter_complex_threads", "1",
        "-f", "lavfi", "-i", colors, "-i", str(sound), "-filter_complex", graph, "-map", "[v]", "-map", "1:a",
        *_ENCODED, *_REPEATABLE, "-t", f"{seconds:.3f}", str(video),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)  # noqa: S603 - arguments of our own
