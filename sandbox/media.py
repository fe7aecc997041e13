"""Media files of the sandbox that really play: a test picture with a tone, made once per folder and kept there; parts of it by Range."""

import re
import struct
import subprocess
import threading
import zlib
from pathlib import Path

import imageio_ffmpeg

from sandbox.serving import Answered, Asked

SECONDS = 3
VERTICAL, WIDE = (180, 320), (320, 180)
_MAKING = threading.Lock()


def clip(folder: Path, size: tuple[int, int] = VERTICAL) -> Path:
    """An mp4 of a few seconds with picture and sound, the same bytes for ever on one version of the tool."""
    path = folder / f"clip-{size[0]}x{size[1]}.mp4"
    with _MAKING:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _encode(path, f"testsrc=size={size[0]}x{size[1]}:rate=15:duration={SECONDS}", f"sine=frequency=330:duration={SECONDS}")
    return path


def _encode(path: Path, picture: str, tone: str) -> None:
    made = path.with_suffix(".part.mp4")
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone,
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-threads", "1", "-c:a", "aac", "-b:a", "48k",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1",
        "-movflags", "+faststart", str(made),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603 - arguments of our own
    made.replace(path)


def part(path: Path, asked: Asked, *, kind: str = "video/mp4") -> Answered:
    """The file, or the part that `Range` asks for."""
    whole = path.read_bytes()
    headers = {"Content-Type": kind, "Accept-Ranges": "bytes"}
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
    if not found:
        return Answered(200, whole, headers)
    first, last = int(found[1]), min(int(found[2] or len(whole) - 1), len(whole) - 1)
    if first > last:
        return Answered(416, b"", {"Content-Range": f"bytes */{len(whole)}"})
    return Answered(206, whole[first : last + 1], {**headers, "Content-Range": f"bytes {first}-{last}/{len(whole)}"})


def picture(color: int) -> Answered:
    """A small PNG of one color."""
    rows = b"".join(b"\0" + color.to_bytes(3, "big") * 8 for _ in range(8))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(what)) + name + what + struct.pack(">I", zlib.crc32(name + what)) for name, what in parts)
    return Answered(200, b"\x89PNG\r\n\x1a\n" + body, {"Content-Type": "image/png"})
