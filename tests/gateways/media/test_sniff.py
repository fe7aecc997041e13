"""Containers told by bytes."""

import io
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.media import Container
from gateways.media.sniff import sniff


def box(name: bytes, content: bytes = b"", *, is_large: bool = False) -> bytes:
    if is_large:
        return struct.pack(">L4sQ", 1, name, 16 + len(content)) + content
    return struct.pack(">L4s", 8 + len(content), name) + content


def ebml(doc_type: bytes) -> bytes:
    header = b"\x42\x86\x81\x01" + b"\x42\xf7\x81\x01" + b"\x42\x82" + bytes([0x80 | len(doc_type)]) + doc_type
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(header)]) + header + b"\x18\x53\x80\x67"


def told(content: bytes) -> Container:
    return sniff(io.BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [
        box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41"),
        box(b"ftyp", b"qt  \0\0\0\0qt  "),
        box(b"ftyp", b"M4V \0\0\0\1"),
        box(b"ftyp", b"XXXX\0\0\0\0"),
        box(b"wide") + box(b"mdat", b"x" * 40),
        box(b"free", b"\0" * 100_000) + box(b"ftyp", b"mp42\0\0\0\0"),
        box(b"skip", b"ab", is_large=True) + box(b"moov", b"x"),
        box(b"mdat", b"x" * 50, is_large=True) + box(b"moov", b"x"),
        struct.pack(">L4s", 0, b"mdat") + b"x" * 50,
    ],
)
def test_the_box_family_is_told_by_its_boxes_whatever_its_brand(content):
    assert told(content) is Container.MOV


@pytest.mark.parametrize("doc_type", [b"matroska", b"webm", b"webm\0\0"])
def test_matroska_is_told_by_its_document_type(doc_type):
    assert told(ebml(doc_type)) is Container.MATROSKA


def test_files_that_ffmpeg_wrote_are_told(sample: Callable[[str], Path]):
    kinds = {"marked": Container.MOV, "mono": Container.MOV, "no sound": Container.MATROSKA, "fast": Container.MATROSKA}

    for kind, container in kinds.items():
        with sample(kind).open("rb") as file:
            assert sniff(file) is container


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "empty"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", "a playlist"),
        (b"\xef\xbb\xbf  #EXTM3U\n", "a playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "a list of files"),
        (b"<?xml version='1.0'?><MPD/>", "an XML document"),
        (b"[Script Info]\n", "a subtitle file"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx", "a caption file"),
        (b"RIFF\x24\0\0\0AVI LIST", "AVI"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (box(b"ftyp", b"avif\0\0\0\0"), "a picture"),
        (box(b"ftyp", b"heic\0\0\0\0"), "a picture"),
        (ebml(b"mkv3d"), "neither Matroska nor WebM"),
        (b"\x1a\x45\xdf\xa3", "neither Matroska nor WebM"),
        (b"http://example.org/video.mp4", "no video that we know"),
        (box(b"free") * 40 + box(b"ftyp", b"isom"), "no video that we know"),
        (box(b"free", b"\0" * 8) + b"\0\0\0\2moov", "no video that we know"),
        (b"\0\0\0\x14junk" + b"x" * 12 + box(b"evil"), "no video that we know"),
    ],
)
def test_everything_else_is_named_with_what_is_accepted(content, named):
    with pytest.raises(Unacceptable) as refusal:
        told(content)

    assert named in refusal.value.detail
    assert "WebM" in refusal.value.problems[0].detail


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([b"", b"\x1a\x45\xdf\xa3", b"\0\0\0\x10free", b"\0\0\0\1skip"]), st.binary(max_size=80))
def test_any_bytes_are_told_or_refused(head, tail):
    with suppress(Unacceptable):
        assert told(head + tail) in Container
