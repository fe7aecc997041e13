"""Both file stores keep the same promises: a folder, and a bucket on a real S3 server."""

import hashlib
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from domain.errors import LimitReached, NotFound
from domain.ports import FilePort
from gateways.files.kept import KeptFiles
from gateways.files.objects import Bucket, ObjectFiles
from gateways.files.store import LocalFiles
from tests.gateways.files.buckets import S3

TENANT = UUID("018f3b5e-0000-7000-8000-000000000001")
OTHER = UUID("018f3b5e-0000-7000-8000-000000000002")
LONG = random.Random(6).randbytes(20_000_000)
_KILLED = """
import os, signal, sys
from pathlib import Path
from uuid import UUID
from gateways.files.objects import Bucket, ObjectFiles
from gateways.files.store import LocalFiles
folder, tenant, *bucket = sys.argv[1:]
names = ("name", "prefix", "endpoint", "access_key", "secret_key")
files = ObjectFiles(Bucket(**dict(zip(names, bucket))), Path(folder)) if bucket else LocalFiles(Path(folder))
with files.writer(UUID(tenant), limit_bytes=10**9) as writing:
    writing.write(b"half of it")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@dataclass(frozen=True, slots=True)
class Store:
    """A store, and a look past it at all that it holds."""

    files: KeptFiles
    folder: Path
    s3: S3
    bucket: Bucket | None

    @property
    def held(self) -> int:
        """How many files are there, half ones too."""
        on_disk = sum(path.is_file() for path in self.folder.rglob("*"))
        if self.bucket is None:
            return on_disk
        assert "<Upload>" not in self.s3.listed(self.bucket, "?uploads")
        return on_disk + self.s3.listed(self.bucket).count("<Key>")

    @property
    def words(self) -> list[str]:
        """How another process finds it."""
        bucket = self.bucket
        named = [bucket.name, bucket.prefix, bucket.endpoint, bucket.access_key, bucket.secret_key] if bucket else []
        return [str(self.folder), str(TENANT), *map(str, named)]


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, s3: S3) -> Store:
    bucket = s3.bucket() if request.param == "bucket" else None
    files = ObjectFiles(bucket, tmp_path / "files") if bucket else LocalFiles(tmp_path / "files")
    return Store(files, tmp_path / "files", s3, bucket)


def torn() -> Iterator[bytes]:
    yield b"abc"
    raise ConnectionError


class TestFilePort:
    """What every store promises."""

    def test_what_is_put_is_read_back_under_the_name_of_its_content(self, store: Store) -> None:
        port: FilePort = store.files
        stored = port.put(TENANT, [b"one ", b"two"], limit_bytes=100)

        assert stored.sha256 == hashlib.sha256(b"one two").hexdigest()
        assert (stored.key, stored.size_bytes) == (f"{TENANT}/{stored.sha256[:2]}/{stored.sha256}", 7)
        assert port.size(stored.key) == 7
        with port.open(stored.key) as file:
            assert file.read() == b"one two"

    def test_nothing_at_all_is_a_file_as_well(self, store: Store) -> None:
        stored = store.files.put(TENANT, [], limit_bytes=1)

        with store.files.open(stored.key) as file:
            assert (file.read(), store.files.size(stored.key)) == (b"", 0)

    def test_the_same_bytes_are_kept_once_for_a_tenant_and_apart_for_two(self, store: Store) -> None:
        first, again, other = (store.files.put(tenant, [b"x"], limit_bytes=9) for tenant in (TENANT, TENANT, OTHER))

        assert first == again
        assert other.key != first.key
        assert store.held == 2

    def test_over_the_limit_nothing_is_left_behind(self, store: Store) -> None:
        with pytest.raises(LimitReached) as refused:
            store.files.put(TENANT, [b"12345", b"678"], limit_bytes=7)

        assert (refused.value.limit, refused.value.used) == (7, 8)
        assert store.held == 0

    def test_a_writer_that_is_left_without_commit_leaves_nothing(self, store: Store) -> None:
        with store.files.writer(TENANT, limit_bytes=9) as writing:
            writing.write(b"abc")
        with pytest.raises(ConnectionError):
            store.files.put(TENANT, torn(), limit_bytes=9)

        assert store.held == 0

    def test_a_writer_keeps_what_it_commits(self, store: Store) -> None:
        with store.files.writer(TENANT, limit_bytes=9) as writing:
            writing.write(b"abc")
            stored = writing.commit()

        assert store.held == 1
        with store.files.open(stored.key) as file:
            assert file.read() == b"abc"

    def test_a_process_that_is_killed_while_it_writes_leaves_nothing_that_can_be_seen(self, store: Store) -> None:
        ended = subprocess.run([sys.executable, "-c", _KILLED, *store.words], check=False, timeout=60)

        whole = hashlib.sha256(b"half of it").hexdigest()
        assert ended.returncode == -signal.SIGKILL
        with pytest.raises(NotFound):
            store.files.size(f"{TENANT}/{whole[:2]}/{whole}")
        assert store.files.put(TENANT, [b"half of it"], limit_bytes=99).sha256 == whole

    def test_any_range_of_a_long_file_can_be_read(self, store: Store) -> None:
        stored = store.files.put(TENANT, [LONG], limit_bytes=len(LONG))

        with store.files.open(stored.key) as file:
            for first, length in ((0, 10), (len(LONG) - 7, 7), (9_000_000, 3_000_000), (5, 1), (len(LONG), 1), (4_000_000, 1)):
                file.seek(first)
                assert file.read(length) == LONG[first : first + length]
                assert file.tell() == min(first + length, len(LONG))
            assert file.seek(-3, 2) == len(LONG) - 3
            assert file.read() == LONG[-3:]
            file.seek(0)
            assert hashlib.sha256(file.read()).hexdigest() == stored.sha256

    def test_lines_are_read_as_from_any_file(self, store: Store) -> None:
        stored = store.files.put(TENANT, [b"one\ntwo\n", b"three"], limit_bytes=99)

        with store.files.open(stored.key) as file:
            assert list(file) == [b"one\n", b"two\n", b"three"]

    def test_a_tool_gets_a_file_on_this_machine_with_the_same_bytes(self, store: Store) -> None:
        stored = store.files.put(TENANT, [LONG[:3_000_000]], limit_bytes=len(LONG))
        held = store.held

        with store.files.local(stored.key) as path:
            assert path.read_bytes() == LONG[:3_000_000]

        assert path.exists() == (store.bucket is None)
        assert store.held == held

    def test_a_tool_that_fails_leaves_no_copy(self, store: Store) -> None:
        stored = store.files.put(TENANT, [b"x"], limit_bytes=9)

        with pytest.raises(ZeroDivisionError), store.files.local(stored.key):
            raise ZeroDivisionError

        assert store.held == 1

    @pytest.mark.parametrize(
        "key",
        ["../../etc/passwd", "/etc/passwd", f"{TENANT}/../{OTHER}", "", f"{TENANT}/ab/{'a' * 63}", f"{TENANT}/ab/{'c' * 64}",
         f"{TENANT}/ab/{'ab' * 32}\n", f"{TENANT}/ab/{'ab' * 32}/..", f"{TENANT}/AB/{'AB' * 32}", ".proof/x", "\0"],
    )  # fmt: skip
    def test_what_is_no_key_is_not_found(self, store: Store, key: str) -> None:
        for act in (store.files.open, store.files.size, store.files.delete, lambda key: store.files.local(key).__enter__()):
            with pytest.raises(NotFound):
                act(key)

    def test_another_tenants_key_is_another_file(self, store: Store) -> None:
        stored = store.files.put(TENANT, [b"x"], limit_bytes=9)

        with pytest.raises(NotFound):
            store.files.open(stored.key.replace(str(TENANT), str(OTHER)))

    def test_deleting_twice_is_no_error_and_reading_after_it_is(self, store: Store) -> None:
        stored = store.files.put(TENANT, [b"x"], limit_bytes=9)
        store.files.delete(stored.key)
        store.files.delete(stored.key)

        for act in (store.files.open, store.files.size, lambda key: store.files.local(key).__enter__()):
            with pytest.raises(NotFound):
                act(stored.key)
        assert store.held == 0

    def test_a_store_that_works_proves_it_and_keeps_nothing_of_the_proof(self, store: Store) -> None:
        store.files.prove()

        assert store.held == 0
