"""The local file port: whole or not at all, by content, and never outside its folder."""

import errno
import hashlib
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from domain.errors import LimitReached, NotFound, SourceUnavailable
from domain.ports import FilePort
from gateways.files.store import LocalFiles

TENANT = UUID("018f3b5e-0000-7000-8000-000000000001")
OTHER = UUID("018f3b5e-0000-7000-8000-000000000002")


@pytest.fixture
def files(tmp_path):
    return LocalFiles(tmp_path / "files")


def torn() -> Iterator[bytes]:
    yield b"abc"
    raise ConnectionError


def everything(files: LocalFiles) -> list[Path]:
    return [path for path in files._root.rglob("*") if path.is_file()]


def test_what_is_put_is_read_back_under_the_name_of_its_content(files):
    port: FilePort = files
    stored = port.put(TENANT, [b"one ", b"two"], limit_bytes=100)

    assert stored.sha256 == hashlib.sha256(b"one two").hexdigest()
    assert (stored.key, stored.size_bytes) == (f"{TENANT}/{stored.sha256[:2]}/{stored.sha256}", 7)
    with port.open(stored.key) as file:
        assert file.read() == b"one two"


def test_the_same_bytes_are_kept_once_for_a_tenant_and_apart_for_two(files):
    first, again, other = (files.put(tenant, [b"x"], limit_bytes=9) for tenant in (TENANT, TENANT, OTHER))

    assert first == again
    assert other.key != first.key
    assert len(everything(files)) == 2


def test_over_the_limit_nothing_is_left_behind(files):
    with pytest.raises(LimitReached) as refused:
        files.put(TENANT, [b"12345", b"678"], limit_bytes=7)

    assert (refused.value.limit, refused.value.used) == (7, 8)
    assert everything(files) == []


def test_a_writer_that_is_left_without_commit_leaves_nothing(files):
    with files.writer(TENANT, limit_bytes=9) as writing:
        writing.write(b"abc")
    with pytest.raises(ConnectionError):
        files.put(TENANT, torn(), limit_bytes=9)

    assert everything(files) == []


def test_a_writer_keeps_what_it_commits(files):
    with files.writer(TENANT, limit_bytes=9) as writing:
        writing.write(b"abc")
        stored = writing.commit()

    assert files.path(stored.key).read_bytes() == b"abc"
    assert everything(files) == [files.path(stored.key)]


def test_a_disk_without_room_is_said_clearly_and_leaves_nothing(files):
    """The system's own limit on file size stands in for the full disk: both fail while bytes are written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(SourceUnavailable, match="disk: no space left"):
            files.put(TENANT, [b"x" * 65536] * 4, limit_bytes=10**9)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert everything(files) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_that_is_full_is_an_unavailable_disk(files):
    with files.writer(TENANT, limit_bytes=10**9) as writing:
        writing._file.close()
        writing._file = os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb")
        with pytest.raises(SourceUnavailable) as failed:
            writing.write(b"x" * 65536 * 4)

    assert isinstance(failed.value.__cause__, OSError)
    assert failed.value.__cause__.errno == errno.ENOSPC
    assert everything(files) == []


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd",
        "/etc/passwd",
        f"{TENANT}/../{OTHER}",
        "",
        f"{TENANT}/ab/{'a' * 63}",
        f"{TENANT}/ab/{'c' * 64}",
        f"{TENANT}/ab/{'ab' * 32}\n",
        f"{TENANT}\\ab\\{'ab' * 32}",
        f"{TENANT}/ab/{'ab' * 32}/..",
        "\0",
    ],
)
def test_what_is_no_key_never_reaches_the_disk(files, key):
    for act in (files.path, files.open, files.delete):
        with pytest.raises(NotFound):
            act(key)


def test_deleting_twice_is_no_error_and_reading_after_it_is(files):
    stored = files.put(TENANT, [b"x"], limit_bytes=9)
    files.delete(stored.key)
    files.delete(stored.key)

    with pytest.raises(NotFound):
        files.open(stored.key)


def test_files_are_for_their_owner_alone(files):
    stored = files.put(TENANT, [b"x"], limit_bytes=9)

    assert files.path(stored.key).stat().st_mode & 0o077 == 0
    assert files.path(stored.key).parent.stat().st_mode & 0o077 == 0
