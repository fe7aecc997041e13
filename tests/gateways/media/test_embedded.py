"""Subtitle streams of a file as cues, whatever their codec."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import Unacceptable
from domain.media import Cue
from tests.gateways.media.conftest import Bench
from tests.gateways.media.making import ffmpeg

Sample = Callable[[str], Path]
SRT = """1
00:00:00,250 --> 00:00:01,000
<i>Hello</i> {\\an8}there

2
00:00:01,000 --> 00:00:01,500
Größe & so
second line

"""
CUES = (Cue(0.25, 1.0, "Hello there"), Cue(1.0, 1.5, "Größe & so\nsecond line"))


def subtitled(folder: Path, video: Path, name: str, codec: str, *more: str) -> Path:
    (folder / "in.srt").write_text(SRT, encoding="utf-8")
    path = folder / name
    ffmpeg("-i", str(video), "-i", str(folder / "in.srt"), "-map", "0", "-map", "1", "-c", "copy", "-c:s", codec, *more, str(path))
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "mov_text"), ("a.mkv", "srt"), ("b.mkv", "ass"), ("c.mkv", "webvtt")],
    ids=["tx3g", "srt", "ass", "webvtt"],
)
def test_text_of_every_codec_is_read_without_markup(stored: Bench, sample: Sample, tmp_path: Path, name, codec):
    path = subtitled(tmp_path, sample("moving"), name, codec)

    found = stored.media.subtitles(stored.key(path), stored.probe(path).subtitles[0].index)

    assert [(cue.start_seconds, cue.end_seconds) for cue in found] == [(0.25, 1.0), (1.0, 1.5)]
    assert [cue.text for cue in found] == [cue.text for cue in CUES]
    assert stored.left == []


def test_a_stream_that_is_no_subtitle_is_refused(stored: Bench, sample: Sample):
    for index in (0, 1, 7, -1):
        with pytest.raises(Unacceptable, match=f"stream {index} is no subtitle stream"):
            stored.media.subtitles(stored.key(sample("moving")), index)


def test_pictures_of_text_are_refused_as_such(stored: Bench, sample: Sample, tmp_path: Path):
    path = subtitled(tmp_path, sample("moving"), "d.mkv", "srt")
    content = path.read_bytes()
    assert content.count(b"S_TEXT/UTF8") == 1
    path.write_bytes(content.replace(b"S_TEXT/UTF8", b"S_HDMV/PGS\0"))

    with pytest.raises(Unacceptable, match="holds pictures of text and no text"):
        stored.media.subtitles(stored.key(path), 2)


def test_a_stream_without_a_word_is_refused(stored: Bench, sample: Sample, tmp_path: Path):
    (tmp_path / "in.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\n \n")
    path = tmp_path / "empty.mkv"
    ffmpeg("-i", str(sample("moving")), "-i", str(tmp_path / "in.srt"), "-map", "0", "-map", "1", "-c", "copy", "-c:s", "srt", str(path))

    with pytest.raises(Unacceptable, match="holds no caption"):
        stored.media.subtitles(stored.key(path), 2)
