"""The file in a body: raw or one part of a form, whatever way the bytes are cut."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.uploads import file_of, parts_of
from domain.errors import Unacceptable

BOUNDARY = "xYzZY"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
CONTENT = b"id,title\r\n1,one\r\n--xYzZ is no boundary\r\n" * 20


def part(content: bytes, *, name: str = "file", file_name: str | None = "list.csv") -> bytes:
    named = f'; filename="{file_name}"' if file_name is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


async def sent(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def received(chunks: Sequence[bytes], content_type: str = FORM) -> tuple[str | None, bytes]:
    async def read() -> tuple[str | None, bytes]:
        name, pieces = file_of(content_type, sent(chunks))
        content = b"".join([piece async for piece in pieces])
        return name(), content

    return asyncio.run(read())


@pytest.mark.parametrize("kind", ["", "application/octet-stream", "text/csv; charset=utf-8", "nonsense"])
def test_without_a_form_the_body_is_the_file(kind: str) -> None:
    assert received([b"ab", b"c"], kind) == (None, b"abc")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=8))
def test_the_file_of_a_form_comes_out_whole_wherever_the_chunks_are_cut(sizes: list[int]) -> None:
    body, chunks, at = part(CONTENT) + END, [], 0
    for size in sizes:
        chunks.append(body[at : at + size])
        at += size
    chunks = [chunk for chunk in [*chunks, body[at:]] if chunk]

    assert received(chunks) == ("list.csv", CONTENT)


def test_a_long_file_name_is_cut() -> None:
    name, _ = received([part(b"x", file_name="n" * 400) + END])

    assert name == "n" * 255


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (END, "no file"),
        (part(b"1", name="year", file_name=None) + END, "parameters go into the query"),
        (part(b"a") + part(b"b") + END, "send one part"),
        (part(b"a" * 50), "end of multipart"),
        (b"", "end of multipart"),
    ],
)
def test_a_form_that_is_not_one_whole_file_is_refused(body: bytes, sentence: str) -> None:
    with pytest.raises(Unacceptable) as refusal:
        received([body] if body else [])

    assert sentence in refusal.value.detail
    assert refusal.value.problems[0].pointer == "file"


def test_a_form_without_a_boundary_is_refused() -> None:
    with pytest.raises(Unacceptable, match="boundary"):
        received([b"x"], "multipart/form-data")


def received_parts(chunks: Sequence[bytes]) -> tuple[str | None, dict[str, bytes]]:
    async def read() -> tuple[str | None, dict[str, bytes]]:
        name, pieces = parts_of(FORM, sent(chunks), frozenset({"captions"}))
        found: dict[str, bytes] = {}
        async for part_name, piece in pieces:
            found[part_name] = found.get(part_name, b"") + piece
        return name(), found

    return asyncio.run(read())


@pytest.mark.parametrize("file_name", ["talk.vtt", None])
def test_a_part_that_may_stand_beside_the_file_comes_apart_from_it(file_name: str | None) -> None:
    captions = part(b"WEBVTT", name="captions", file_name=file_name)

    first = received_parts([captions + part(CONTENT) + END])
    last = received_parts([part(CONTENT), captions + END])

    assert first == last == ("list.csv", {"captions": b"WEBVTT", "file": CONTENT})


@pytest.mark.parametrize("beside", [part(b"1", name="captions") * 2, part(b"1", name="poster"), part(b"1", name="year", file_name=None)])
def test_more_than_the_named_parts_is_refused(beside: bytes) -> None:
    with pytest.raises(Unacceptable, match="at most one of captions"):
        received_parts([part(b"x") + beside + END])


def test_a_form_with_only_what_stands_beside_is_refused() -> None:
    with pytest.raises(Unacceptable, match="no file"):
        received_parts([part(b"WEBVTT", name="captions") + END])
