"""Files made to hurt whoever opens them: bombs, lies, lists of other files, scripts, damage. All are made here; nothing is downloaded.

`{port}` in a text is a port of 127.0.0.1 at which somebody listens and must hear nothing.
"""

import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.gateways.media.making import X264, ffmpeg

Maker = Callable[[Path, int], Path]
SECOND = "testsrc2=s=160x90:r=25:d=1"
TONE = "sine=frequency=440:duration=1"
_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"edts", b"udta"}

HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:{port}/inner.ts\n#EXT-X-ENDLIST\n"
TEXTS = {
    "hls": HLS,
    "hls of a file": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat": b"ffconcat version 1.0\nfile http://127.0.0.1:{port}/x.mp4\nfile /etc/passwd\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>http://127.0.0.1:{port}/</BaseURL></Period></MPD>',
    "sdp": b"v=0\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "ass": b"[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,{\\p1}m 0 0 l 99999999 0{\\p0}\n",
    "url": b"http://127.0.0.1:{port}/clip.mp4",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:{port}/x.png"/></svg>',
    "nothing": b"",
    "zeros": bytes(5000),
    "a box without an end": struct.pack(">I4s", 1, b"moov") + b"\xff" * 8,
    "boxes in boxes": b"".join(struct.pack(">I4s", 0x7FFFFFFF, b"moov") for _ in range(4000)),
    "ebml without an end": b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff" + bytes(100),
}


def text(name: str) -> Maker:
    def make(folder: Path, port: int) -> Path:
        return written(folder, TEXTS[name].replace(b"{port}", str(port).encode()))

    return make


def written(folder: Path, content: bytes) -> Path:
    path = folder / "poison.mp4"
    path.write_bytes(content)
    return path


def plain(folder: Path, *more: str, name: str = "plain.mp4", video: str = SECOND) -> Path:
    """An honest second, to be spoiled."""
    ffmpeg("-f", "lavfi", "-i", video, "-f", "lavfi", "-i", TONE, *X264, "-c:a", "aac", *more, str(folder / name))
    return folder / name


def boxes(content: bytes, begins: int = 0, ends: int | None = None) -> Iterator[tuple[int, int, bytes]]:
    """Start, end and name of every box of an MP4, those inside others too."""
    at, ends = begins, len(content) if ends is None else ends
    while at + 8 <= ends:
        size, name = struct.unpack_from(">I4s", content, at)
        if size < 8:
            return
        yield at, at + size, name
        if name in _CONTAINERS:
            yield from boxes(content, at + 8, at + size)
        at += size


def swapped(content: bytes, name: bytes, box: bytes) -> bytes:
    """With the first box of this name replaced, and the sizes of those around it made right."""
    start, end, _ = next(each for each in boxes(content) if each[2] == name)
    grown, result = len(box) - (end - start), bytearray(content)
    for at, until, _ in boxes(content):
        if at < start and until >= end:
            struct.pack_into(">I", result, at, until - at + grown)
    return bytes(result[:start]) + box + bytes(result[end:])


SIDE = 16_000  # ffmpeg itself makes no larger ones


def bomb(folder: Path, _: int) -> Path:
    """16,000 x 16,000 pixels of one color: some kilobytes, and a gigabyte to show."""
    black = f"color=black:s={SIDE}x{SIDE}:r=1:d=1"
    ffmpeg("-f", "lavfi", "-i", black, "-frames:v", "1", "-c:v", "png", "-pix_fmt", "monob", str(folder / "bomb.mkv"))
    return folder / "bomb.mkv"


def hidden_bomb(folder: Path, port: int) -> Path:
    """The same, but the file's header says 160 x 90."""
    content = bytearray(bomb(folder, port).read_bytes())
    for name, side in ((b"\xb0", 160), (b"\xba", 90)):  # Matroska's PixelWidth and PixelHeight, two bytes each
        at = content.index(name + b"\x82" + struct.pack(">H", SIDE))
        struct.pack_into(">H", content, at + 2, side)
    return written(folder, bytes(content))


def fast(folder: Path, _: int) -> Path:
    return plain(folder, "-t", "0.2", video="color=black:s=32x32:r=600:d=0.2")


def fast_in_secret(folder: Path, _: int) -> Path:
    """One picture a second by its header, two thousand a second by their times."""
    ffmpeg(
        "-f", "lavfi", "-i", "color=black:s=32x32:r=1000:d=4", "-vf", "setpts=N/2000/TB", "-fps_mode", "passthrough",
        "-enc_time_base", "1:90000", *X264, str(folder / "secret.mkv"),
    )  # fmt: skip
    return folder / "secret.mkv"


def many_streams(folder: Path, _: int) -> Path:
    source = plain(folder)
    ffmpeg("-i", str(source), "-map", "0:0", *("-map", "0:1") * 199, "-c", "copy", str(folder / "many.mkv"))
    return folder / "many.mkv"


def cut_moov(folder: Path, _: int) -> Path:
    """The index stands at the end, and half of it is gone."""
    content = plain(folder).read_bytes()
    half = next((start + end) // 2 for start, end, name in boxes(content) if name == b"moov")
    return written(folder, content[:half])


def lost_moov(folder: Path, _: int) -> Path:
    content = plain(folder).read_bytes()
    return written(folder, content[: next(start for start, _, name in boxes(content) if name == b"moov")])


def early(folder: Path, _: int) -> Path:
    source = plain(folder)
    shifted = ("-itsoffset", "-0.6", "-i", str(source), "-c", "copy", "-copyts", "-avoid_negative_ts", "disabled")
    ffmpeg(*shifted, str(folder / "early.mp4"))
    return folder / "early.mp4"


def endless(folder: Path, _: int) -> Path:
    """Its header says that it lasts for 49 days, its last picture says so too."""
    content = bytearray(plain(folder).read_bytes())
    for start, _, name in list(boxes(bytes(content))):
        place = {b"mvhd": start + 24, b"tkhd": start + 28, b"mdhd": start + 24}.get(name)
        if place:
            struct.pack_into(">I", content, place, 0xFFFFFFF0)
    return written(folder, bytes(content))


def long_steps(folder: Path, _: int) -> Path:
    """Each picture lasts for half a year, by its table of times."""
    content = bytearray(plain(folder).read_bytes())
    for start, _, name in list(boxes(bytes(content))):
        if name == b"stts":
            struct.pack_into(">I", content, start + 20, 0x7FFFFFFF)
    return written(folder, bytes(content))


def endless_sizes(folder: Path, _: int) -> Path:
    """A table that says it has four thousand million entries."""
    content = bytearray(plain(folder).read_bytes())
    for start, _, name in list(boxes(bytes(content))):
        if name in (b"stsz", b"stco", b"stsc", b"stts"):
            struct.pack_into(">I", content, start + (16 if name == b"stsz" else 12), 0xFFFFFFFF)
    return written(folder, bytes(content))


def bad_index(folder: Path, _: int) -> Path:
    """Where its parts stand is drawn by lot."""
    chance, content = random.Random(5), bytearray(plain(folder).read_bytes())
    for start, end, name in list(boxes(bytes(content))):
        if name == b"stco":
            for at in range(start + 16, end, 4):
                struct.pack_into(">I", content, at, chance.getrandbits(32))
    return written(folder, bytes(content))


def bad_cues(folder: Path, _: int) -> Path:
    """A Matroska file whose index and whose clusters' sizes lie."""
    content = bytearray(plain(folder, name="plain.mkv").read_bytes())
    for mark in (b"\x1c\x53\xbb\x6b", b"\x1f\x43\xb6\x75"):
        at = content.find(mark)
        content[at + 4 : at + 8] = b"\x01\xff\xff\xff"
    return written(folder, bytes(content))


def elsewhere(folder: Path, port: int) -> Path:
    """A QuickTime file whose samples stand at an address (`dref` without the flag that says: in this file)."""
    url = f"http://127.0.0.1:{port}/x.mp4".encode() + b"\0"
    entry = struct.pack(">I4sI", 12 + len(url), b"url ", 0) + url
    box = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    return written(folder, swapped(plain(folder, name="plain.mov").read_bytes(), b"dref", box))


def pointer_movie(folder: Path, port: int) -> Path:
    """A QuickTime reference movie: an index that only says where the movie is."""
    url = f"http://127.0.0.1:{port}/x.mov".encode() + b"\0"
    inner = struct.pack(">I4sI4sI", 20 + len(url), b"rdrf", 0, b"url ", len(url)) + url
    for around in (b"rmda", b"rmra", b"moov"):
        inner = struct.pack(">I4s", 8 + len(inner), around) + inner
    return written(folder, struct.pack(">I4s4sI4s", 20, b"ftyp", b"qt  ", 0, b"qt  ") + inner)


def script_inside(folder: Path, port: int) -> Path:
    """Subtitles full of orders to whoever draws them, and a font that is none."""
    (folder / "evil.ass").write_text(
        "[Script Info]\nPlayResX: 999999\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,../../etc/passwd,99999\n"
        "[Events]\nFormat: Start, End, Style, Text\n"
        f"Dialogue: 0:00:00.10,0:00:00.90,Default,{{\\fnhttp://127.0.0.1:{port}/f.ttf\\fs99999\\t(\\frx99999)\\p1}}m 0 0 l 9 9{{\\p0}}"
        "shown\\Nbelow\n"
    )
    (folder / "evil.ttf").write_bytes(b"\0\1\0\0\xff\xff" + bytes(200))
    attached = ("-attach", str(folder / "evil.ttf"), "-metadata:s:t", "mimetype=application/x-truetype-font")
    ffmpeg("-i", str(plain(folder)), "-i", str(folder / "evil.ass"), "-c", "copy", "-c:s", "ass", *attached, str(folder / "script.mkv"))
    return folder / "script.mkv"


def list_inside(folder: Path, port: int) -> Path:
    """Subtitles and a title that are a playlist."""
    (folder / "list.srt").write_text(f"1\n00:00:00,100 --> 00:00:00,900\n#EXTM3U http://127.0.0.1:{port}/x.ts\n")
    title = ("-metadata", f"title=concat:http://127.0.0.1:{port}/x.mp4")
    ffmpeg("-i", str(plain(folder)), "-i", str(folder / "list.srt"), "-c", "copy", "-c:s", "mov_text", *title, str(folder / "list.mp4"))
    return folder / "list.mp4"


def much_to_say(folder: Path, _: int) -> Path:
    """Three thousand notes about itself, one of them long."""
    notes = "".join(f"note{number}=x\\\nblack_start:0 black_end:9\n" for number in range(3000))
    (folder / "notes.txt").write_text(f";FFMETADATA1\ntitle={'long ' * 400_000}\n{notes}")
    ffmpeg("-i", str(plain(folder)), "-i", str(folder / "notes.txt"), "-map_metadata", "1", "-c", "copy", str(folder / "notes.mkv"))
    return folder / "notes.mkv"


def also_a_list(folder: Path, port: int) -> Path:
    """A playlist in front of a movie, as a box that everybody passes over."""
    inner = HLS.replace(b"{port}", str(port).encode())
    front, content = struct.pack(">I4s", 8 + len(inner), b"free") + inner, bytearray(plain(folder).read_bytes())
    for start, end, name in list(boxes(bytes(content))):
        for at in range(start + 16, end, 4) if name == b"stco" else ():
            struct.pack_into(">I", content, at, struct.unpack_from(">I", content, at)[0] + len(front))
    return written(folder, front + bytes(content))


def also_a_page(folder: Path, _: int) -> Path:
    """A movie, a page and an archive in one."""
    path = written(folder, plain(folder).read_bytes() + b"<script>alert(1)</script>")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../etc/passwd", "x")
    return path


def list_in_front(folder: Path, port: int) -> Path:
    return written(folder, HLS.replace(b"{port}", str(port).encode()) + plain(folder).read_bytes())


def matroska_in_name_only(folder: Path, port: int) -> Path:
    """An EBML header, and then a movie of the other family."""
    head = plain(folder, name="plain.mkv").read_bytes()[:40]
    return written(folder, head + plain(folder).read_bytes())


_MADE: tuple[Maker, ...] = (
    bomb, hidden_bomb, fast, fast_in_secret, many_streams, cut_moov, lost_moov, early, endless, long_steps, endless_sizes, bad_index,
    bad_cues, elsewhere, pointer_movie, script_inside, list_inside, much_to_say, also_a_list, also_a_page, list_in_front,
    matroska_in_name_only,
)  # fmt: skip
CORPUS: dict[str, Maker] = {
    **{f"text: {name}": text(name) for name in TEXTS},
    **{each.__name__.replace("_", " "): each for each in _MADE},
}
# By what some are refused.
REFUSED = {
    "bomb": "256,000,000 pixels in a picture: the limit is 35,389,440",
    "hidden bomb": "256,000,000 pixels in a picture: the limit is 35,389,440",
    "fast": "600 pictures a second: the limit is 240",
    "fast in secret": "pictures a second: the limit is 240",
    "many streams": "200 streams: the limit is 32",
    "lost moov": "damaged or cut off",
    "bad index": "no picture of it can be decoded",
    "text: hls": "the file is a playlist",
    "text: concat": "the file is a list of files",
    "text: dash": "the file is an XML document",
    "text: ass": "the file is a subtitle file",
    "text: nothing": "the file is empty",
    "list in front": "the file is a playlist",
}
# Those that are no worse than odd: they open.
HARMLESS = {"early", "script inside", "list inside", "much to say", "also a list", "also a page"}


def flipped(content: bytes, seed: int) -> bytes:
    """A few bits turned: half of them in the header, where they hurt most, half anywhere."""
    chance, damaged = random.Random(seed), bytearray(content)
    for _ in range(chance.choice((1, 3, 10, 60))):
        damaged[chance.randrange(len(damaged) if chance.random() < 0.5 else min(800, len(damaged)))] ^= 1 << chance.randrange(8)
    return bytes(damaged)
