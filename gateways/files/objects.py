"""The file port over an S3-compatible store: the same keys as `store`, below a prefix of one bucket. Which one is chosen in `kept`.

An object is sent from a hashed file on our disk and is visible whole or not at all: a put, or the last step of an upload in parts.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

import obstore
from obstore.store import S3Store

from domain.errors import SourceRefused, SourceUnavailable
from domain.file_names import content_disposition
from domain.ports import StoredFile
from gateways.files.arriving import TOMBSTONES, Writing, disk, known_key
from gateways.files.object_errors import STORE, told
from gateways.files.presigning import Signer
from gateways.files.ranges import reader
from gateways.media.workshop import bench

if TYPE_CHECKING:  # obstore's shapes of options are not there at run time
    from obstore.store import S3Config

_PIECE = 1_000_000
_AT_ONCE = 500
_PART_BYTES, _PARTS_AT_ONCE = 8 * 1024 * 1024, 4
_REQUEST = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where the objects are. Without keys the surroundings give them (AWS_..., the machine's role), and nothing is presigned."""

    name: str
    prefix: str = ""
    region: str = "us-east-1"
    endpoint: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    is_presigned: bool = True

    @property
    def url(self) -> str:
        """The address below which keys are."""
        root = self.endpoint or f"https://s3.{self.region}.amazonaws.com"
        return "/".join(filter(None, (root.rstrip("/"), self.name, self.prefix)))


class ObjectFiles:
    """Files in a bucket. `folder` is on our disk: for what arrives, and what tools need as a file."""

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        self._bucket, self._folder = bucket, folder
        self._store = _store(bucket)
        has_keys = bucket.is_presigned and bucket.access_key and bucket.secret_key
        self._signer = Signer(bucket.access_key or "", bucket.secret_key or "", bucket.region) if has_keys else None

    @property
    def workshop(self) -> Path:
        """A folder on our disk for what tools make of the files."""
        return self._folder / ".workshop"

    def put(self, tenant_id: UUID, chunks: Iterable[bytes], *, limit_bytes: int) -> StoredFile:
        """Raises LimitReached over the limit, SourceUnavailable, SourceRefused; nothing is left behind then."""
        with self.writer(tenant_id, limit_bytes=limit_bytes) as writing:
            for chunk in chunks:
                writing.write(chunk)
            return writing.commit()

    def writer(self, tenant_id: UUID, *, limit_bytes: int) -> Writing:
        """For bytes that arrive bit by bit: `write` each, then `commit`, which sends them."""
        return Writing(self._folder / ".arriving", tenant_id, limit_bytes, self._keep)

    def open(self, key: str) -> BinaryIO:
        """Seekable; fetches ranges as they are read, so a failure may come with any read."""
        size = self.size(key)

        def fetch(first: int, length: int) -> bytes:
            with told(self._bucket.name, key):
                return bytes(obstore.get_range(self._store, key, start=first, length=length))

        return reader(fetch, size)

    def size(self, key: str) -> int:
        """How many bytes it has."""
        with told(self._bucket.name, known_key(key)):
            try:
                return obstore.head(self._store, key)["size"]
            except FileNotFoundError:
                # The answer to HEAD has no body, so it does not say whether the key or the whole bucket is missing.
                return obstore.get(self._store, key).meta["size"]

    def delete(self, key: str) -> None:
        """Deleting what is not there is no error: erasure runs twice."""
        with told(self._bucket.name, known_key(key)):
            obstore.delete(self._store, key)

    def keys(self, tenant_id: UUID) -> Iterator[str]:
        """Every key of a tenant."""
        yield from self._below(f"{tenant_id}/")

    def forget(self, tenant_id: UUID) -> int:
        """Every object below the tenant's name. Returns how many went."""
        gone = list(self.keys(tenant_id))
        for first in range(0, len(gone), _AT_ONCE):
            with told(self._bucket.name, str(tenant_id)):
                obstore.delete(self._store, gone[first : first + _AT_ONCE])
        return len(gone)

    def note_erased(self, tombstone: str) -> None:
        """An object of one byte, named by the tombstone."""
        key = f"{TOMBSTONES}/{tombstone}"
        with told(self._bucket.name, key):
            obstore.put(self._store, key, b"1")

    def erased(self) -> frozenset[str]:
        """Every tombstone that was noted."""
        return frozenset(key.rpartition("/")[2] for key in self._below(f"{TOMBSTONES}/"))

    def _below(self, prefix: str) -> Iterator[str]:
        with told(self._bucket.name, prefix):
            for page in obstore.list(self._store, prefix=prefix):
                yield from (each["path"] for each in page)

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """A copy on our disk, whose content is what its key says; removed after the block."""
        with bench(self.workshop) as folder:
            path = folder / "fetched"
            sha256 = hashlib.sha256()
            with self.open(key) as source, disk(), path.open("xb") as copy:
                while piece := source.read(_PIECE):
                    sha256.update(piece)
                    copy.write(piece)
            if sha256.hexdigest() != key.rpartition("/")[2]:
                raise SourceUnavailable(STORE, f"{key} arrived with another content than its name says")
            yield path

    def link(self, key: str, *, seconds: int, file_name: str, media_type: str) -> str | None:
        """The store's own address, presigned; None where we hold no keys to sign with, or shall not."""
        if self._signer is None:
            return None
        answer = {"response-content-type": media_type, "response-content-disposition": content_disposition(file_name, "inline")}
        url = f"{self._bucket.url}/{known_key(key)}"
        return self._signer.presigned(url, now=datetime.now(UTC), seconds=seconds, answer=answer)

    def prove(self) -> None:
        """Write, read back and delete a few bytes. Raises SourceUnavailable, SourceRefused."""
        key, words = f".proof/{secrets.token_hex(8)}", secrets.token_bytes(16)
        with told(self._bucket.name, key):
            obstore.put(self._store, key, words)
            kept = bytes(obstore.get(self._store, key).bytes())
            obstore.delete(self._store, key)
        if kept != words:
            raise SourceRefused(STORE, f"bucket {self._bucket.name} gave back other bytes than it was given: use another store")

    def _keep(self, part: Path, stored: StoredFile) -> None:
        with told(self._bucket.name, stored.key):
            if not self._has(stored):
                obstore.put(self._store, stored.key, part, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE)

    def _has(self, stored: StoredFile) -> bool:
        try:
            return obstore.head(self._store, stored.key)["size"] == stored.size_bytes
        except FileNotFoundError:
            return False


def _store(bucket: Bucket) -> S3Store:
    config: S3Config = {"region": bucket.region}
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint
    if bucket.access_key and bucket.secret_key:
        config["access_key_id"], config["secret_access_key"] = bucket.access_key, bucket.secret_key
    is_plain = (bucket.endpoint or "").startswith("http://")
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        config=config,
        client_options={"allow_http": is_plain, "connect_timeout": timedelta(seconds=5), "timeout": _REQUEST},
        retry_config={"max_retries": 3, "retry_timeout": _REQUEST},
    )
