"""The real graph, run in this process on the real database; only Dagster's own storage is in memory."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import dagster as dg
import pytest

import definitions
from assets.partitions import TENANTS
from domain.clips.aids import RankingAids
from domain.clips.asked import Wanted
from domain.imports.params import ImportParams
from domain.ports import Platforms, Shops
from domain.requests import Request
from domain.retention import BytesKept, LogsKept
from gateways.charts import VlConvert
from gateways.files.imports import StoredImports
from gateways.files.store import LocalFiles
from gateways.mail.folder import MailFolder
from gateways.mail.message import sender_of
from gateways.media.tools import StoredMedia
from resources.traces import DagsterTraces
from services import imports, media
from services.media import Upload
from store.clip_rows import Clip
from store.database import Database
from store.imports import Import
from store.media import MediaFile
from tests.media import FakeMedia


@dataclass(frozen=True)
class Graph:
    """Everything a run needs, for one tenant."""

    database: Database
    files: LocalFiles
    tenant_id: UUID
    instance: dg.DagsterInstance
    tools: FakeMedia | StoredMedia
    platforms: Platforms = field(default_factory=Platforms)
    shops: Shops = field(default_factory=Shops)

    @property
    def defs(self) -> dg.Definitions:
        return definitions.build_defs(self.resources)

    @property
    def resources(self) -> dict[str, Any]:
        return {
            "database": self.database, "files": StoredImports(self.files), "charts": VlConvert(), "kept_files": self.files,
            "media_tools": self.tools, "platforms": self.platforms, "bytes_kept": BytesKept(), "ranking_aids": RankingAids(),
            "shops": self.shops,
            "traces": DagsterTraces(self.instance),
            "logs_kept": LogsKept(), "mailer": MailFolder(self.files.workshop, sender_of("Whyral <whyral@localhost>")),
        }  # fmt: skip

    def take_in(self, content: bytes, params: ImportParams | None = None, name: str = "test") -> tuple[Import, Request]:
        stored = self.files.put(self.tenant_id, iter([content]), limit_bytes=100_000_000)
        given = params or ImportParams()
        read = imports.recognise(StoredImports(self.files), stored.key, given, now=datetime.now(UTC))
        with self.database.begin(self.tenant_id) as uow:
            return imports.take_in(uow, stored, file_name=name, params=given, read=read)

    def take_in_video(
        self, content: bytes, *, captions: bytes | None = None, wanted: Wanted | None = None, is_clip_wanted: bool = True
    ) -> tuple[MediaFile, Request]:
        """A video that came in, and the request for its first clip, or for its candidates."""
        parts = [self.files.put(self.tenant_id, [each], limit_bytes=10_000_000) if each else None for each in (content, captions)]
        assert parts[0] is not None
        wanted = wanted or Wanted.of()
        upload = Upload(
            file=parts[0], file_name="talk.mp4", captions=parts[1], language="en", wanted=wanted, is_clip_wanted=is_clip_wanted
        )  # fmt: skip
        probe = media.look_at(self.tools, upload, captions)
        with self.database.begin(self.tenant_id) as uow:
            found, _, request = media.take_in(uow, upload, probe)
        return found, request

    def clip_of(self, request: Request) -> Clip:
        with self.database.begin(self.tenant_id) as uow:
            (clip,) = uow.clips.of_request(request.request_id)
        return clip

    def run(
        self, job: str, request: Request | None = None, *, raise_on_error: bool = True, tags: dict[str, str] | None = None, **words: Any
    ) -> Any:
        job_def = self.defs.resolve_job_def(job)
        given = {**(request.tags if request else {}), **(tags or {})}
        return job_def.execute_in_process(
            instance=self.instance, partition_key=str(self.tenant_id), tags=given, raise_on_error=raise_on_error, **words
        )


@pytest.fixture(autouse=True)
def open_again(database: Database) -> None:
    """An app of another test may have closed the pool that all tests share. It opens again by itself; hearts go by what it says."""
    database.is_closed = False


@pytest.fixture
def graph(database: Database, tenant_id: UUID, tmp_path: Path) -> Iterator[Graph]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(TENANTS, [str(tenant_id)])
        files = LocalFiles(tmp_path)
        yield Graph(database, files, tenant_id, instance, FakeMedia(files))


def ndjson(*rows: dict[str, Any]) -> bytes:
    """Rows in our own import format."""
    import json

    out = io.StringIO()
    for row in rows:
        out.write(json.dumps({"platform": "tiktok", "account_external_id": "a1", "account_title": "Ana (synthetic)", **row}) + "\n")
    return out.getvalue().encode()
