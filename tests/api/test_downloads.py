"""Stored files go out whole or by one range, in a real app."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar, Request, Response, route
from litestar.params import FromPath
from litestar.testing import TestClient

from api.downloads import download
from api.errors import HANDLERS
from domain.file_names import content_disposition
from domain.ports import StoredFile
from gateways.files.store import LocalFiles

CONTENT = bytes(range(256)) * 4000
SIZE = len(CONTENT)
TENANT = UUID("018f3b5e-0000-7000-8000-000000000001")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> LocalFiles:
    return LocalFiles(tmp_path_factory.mktemp("downloads"))


@pytest.fixture(scope="module")
def stored(files: LocalFiles) -> StoredFile:
    return files.put(TENANT, [CONTENT], limit_bytes=SIZE)


@pytest.fixture(scope="module")
def client(files: LocalFiles, stored: StoredFile) -> Iterator[TestClient[Litestar]]:
    empty = files.put(TENANT, [], limit_bytes=1)
    missing = files.put(TENANT, [b"gone"], limit_bytes=9)
    files.delete(missing.key)
    keys = {"clip": stored.key, "empty": empty.key, "missing": missing.key}

    @route("/{name:str}", http_method=["GET", "HEAD"], sync_to_thread=True)
    def handler(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        return download(request, files, keys[name], media_type="video/mp4", file_name="My clip.mp4")

    with TestClient(Litestar([handler], exception_handlers=HANDLERS, openapi_config=None)) as running:
        yield running


def test_without_a_range_the_whole_file_comes_with_its_hash_as_tag(client, stored):
    answer = client.get("/clip")

    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["etag"] == f'"{stored.sha256}"'
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == 'attachment; filename="My clip.mp4"'


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-499", 0, 499),
        ("bytes=500-", 500, SIZE - 1),
        ("bytes=-500", SIZE - 500, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes=9-{SIZE * 2}", 9, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("BYTES=250000-600000", 250_000, 600_000),
    ],
)
def test_one_range_is_answered_with_exactly_its_bytes(client, asked, first, last):
    answer = client.get("/clip", headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.content == CONTENT[first : last + 1]


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_range_behind_the_end_is_416_with_the_length(client, asked):
    answer = client.get("/clip", headers={"Range": asked})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.json()["code"] == "range_not_satisfiable"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-9",
        "bytes=5-2",
        "bytes=-",
        "bytes=a-b",
        "pages=1-2",
        "bytes 0-5",
        "bytes=0-5-9",
        "bytes=" + "9" * 5000 + "-",
        "bytes=٣-٤",
    ],
)
def test_what_is_not_one_range_of_bytes_is_ignored(client, asked):
    answer = client.get("/clip", headers={"Range": asked.encode("utf-8")})

    assert (answer.status_code, len(answer.content)) == (200, SIZE)
    assert "content-range" not in answer.headers


def test_if_range_gives_the_range_only_of_the_same_content(client, stored):
    same = client.get("/clip", headers={"Range": "bytes=0-9", "If-Range": f'"{stored.sha256}"'})
    others = [
        client.get("/clip", headers={"Range": "bytes=0-9", "If-Range": mark})
        for mark in ('"other"', f'W/"{stored.sha256}"', "Wed, 25 Nov 2026 10:00:00 GMT")
    ]

    assert (same.status_code, len(same.content)) == (206, 10)
    assert [(each.status_code, len(each.content)) for each in others] == [(200, SIZE)] * 3


def test_head_says_what_get_would_and_sends_no_byte(client):
    whole, head = client.get("/clip"), client.head("/clip", headers={"Range": "bytes=0-9"})

    assert (head.status_code, head.content) == (200, b"")
    kept = ("etag", "content-length", "content-type", "accept-ranges", "content-disposition")
    assert {name: head.headers[name] for name in kept} == {name: whole.headers[name] for name in kept}


def test_a_known_tag_is_304_even_with_a_range(client, stored):
    answers = [
        client.get("/clip", headers={"If-None-Match": tag, "Range": "bytes=0-9"})
        for tag in (f'"{stored.sha256}"', f'"x", W/"{stored.sha256}"', "*")
    ]

    assert [(each.status_code, each.content) for each in answers] == [(304, b"")] * 3
    assert client.get("/clip", headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_empty_file_is_whole_and_has_no_range(client):
    whole, ranged = client.get("/empty"), client.get("/empty", headers={"Range": "bytes=0-"})

    assert (whole.status_code, whole.content, whole.headers["content-length"]) == (200, b"", "0")
    assert (ranged.status_code, ranged.headers["content-range"]) == (416, "bytes */0")


def test_a_file_that_is_not_kept_any_more_is_not_found(client):
    assert client.get("/missing").json()["code"] == "not_found"


def test_a_file_is_read_in_pieces(files: LocalFiles, stored: StoredFile):
    from api.downloads import Span, _chunks

    pieces = [len(piece) for piece in _chunks(files, stored.key, Span(3, SIZE - 4))]

    assert sum(pieces) == SIZE - 6
    assert max(pieces) <= 256_000


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("clip.mp4", 'attachment; filename="clip.mp4"'),
        ("../../etc/passwd", 'attachment; filename="etc passwd"'),
        ('a"; filename="evil.exe', "attachment; filename=\"a__ filename__evil.exe\"; filename*=UTF-8''a%22%3B%20filename%3D%22evil.exe"),
        ("x\r\nSet-Cookie: a=b", "attachment; filename=\"x Set-Cookie_ a_b\"; filename*=UTF-8''x%20Set-Cookie%3A%20a%3Db"),
        ("Füße 🎬.mp4", "attachment; filename=\"F__e _.mp4\"; filename*=UTF-8''F%C3%BC%C3%9Fe%20%F0%9F%8E%AC.mp4"),
        ("\ud800.mp4", "attachment; filename=\"_.mp4\"; filename*=UTF-8''%3F.mp4"),
        ("...", 'attachment; filename="file"'),
        ("n" * 999, f'attachment; filename="{"n" * 200}"'),
    ],
)
def test_no_name_breaks_out_of_its_header(name, header):
    assert content_disposition(name, "attachment") == header
