"""The local file store: full disks, and whose files they are. What both stores promise is in `test_file_port`."""

import errno
import os
import resource
import signal
from pathlib import Path
from uuid import UUID

import pytest

from domain.errors import NotFound, SourceRefused, SourceUnavailable
from gateways.files.store import LocalFiles

TENANT = UUID("018f3b5e-0000-7000-8000-000000000001")


@pytest.fixture
def files(tmp_path):
    return LocalFiles(tmp_path / "files")


def everything(files: LocalFiles) -> list[Path]:
    return [path for path in files._root.rglob("*") if path.is_file()]


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


def test_what_is_no_key_never_reaches_the_disk(files):
    for key in ("../../etc/passwd", f"{TENANT}\\ab\\{'ab' * 32}", f"{TENANT}/ab/{'ab' * 32}\n"):
        with pytest.raises(NotFound):
            files.path(key)


def test_a_folder_that_we_may_not_write_to_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "files").write_bytes(b"no folder")

    with pytest.raises(SourceRefused, match="give us the folder"):
        LocalFiles(tmp_path / "files").prove()


def test_files_are_for_their_owner_alone(files):
    stored = files.put(TENANT, [b"x"], limit_bytes=9)

    assert files.path(stored.key).stat().st_mode & 0o077 == 0
    assert files.path(stored.key).parent.stat().st_mode & 0o077 == 0
