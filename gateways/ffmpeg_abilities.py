"""What the ffmpeg at hand can do, as it says itself. Rendering with it is elsewhere."""

import re
import subprocess

import imageio_ffmpeg

from domain.doctor.machine import Abilities
from domain.errors import SourceUnavailable

_SECONDS = 10
# " TS gblur   V->V   Apply ..." and " V....D libx264   ...": the second word is the name.
_FILTER = re.compile(r"^ [T.][S.]\S? +(\w+) +\S+->\S+", re.MULTILINE)
_ENCODER = re.compile(r"^ [VAS][A-Z.]{5} +(\w+) ", re.MULTILINE)


def abilities() -> Abilities:
    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise SourceUnavailable("ffmpeg", "there is none for this machine: install one and set IMAGEIO_FFMPEG_EXE to it") from error
    version = _said(program, "-version").split(" Copyright")[0].removeprefix("ffmpeg version ")
    filters, encoders = _FILTER.findall(_said(program, "-filters")), _ENCODER.findall(_said(program, "-encoders"))
    return Abilities(version, frozenset(filters), frozenset(encoders))


def _said(program: str, question: str) -> str:
    try:
        done = subprocess.run([program, "-hide_banner", question], capture_output=True, text=True, timeout=_SECONDS, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise SourceUnavailable("ffmpeg", f"{program} does not run ({type(error).__name__})") from error
    return done.stdout
