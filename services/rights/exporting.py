"""A workspace as one file to take along: every table as it stood at one moment, and every file. What is left out is in `domain.rights`."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.errors import NotFound, Refused
from domain.ports import FilePort
from domain.requests import EXPORT, Request
from domain.rights import LINK_LIFE, TREATMENTS, Export
from services import mailing
from services.rights.archive import Archive
from services.work import Work
from store.bootstrap import head
from store.ids import new_id
from store.tenant_rows import exported
from store.work import UnitOfWork

FORMAT = 1
MEMBERS = "members"
MEMBER_COLUMNS = ("user_id", "email", "full_name", "is_active", "is_verified", "role", "created_at", "joined_at")
# No workspace is that large: what stops the writing is the disk.
MOST_BYTES = 2**44
Snapshot = Callable[[UUID], AbstractContextManager[UnitOfWork]]


@dataclass(frozen=True, slots=True)
class Made:
    """What an export holds."""

    rows: Mapping[str, int]
    files: int
    size_bytes: int


def ask(uow: UnitOfWork) -> Request:
    """The request of a new export; of the one that is under way, where there is one. Raises Refused for who may not take all along."""
    needs_role(uow, "owner", "admin")
    open_one = next((each for each in uow.exports.newest(limit=1) if not uow.requests.get(each.request_id).is_final), None)
    if open_one is not None:
        return uow.requests.get(open_one.request_id)
    request_id = new_id()
    uow.usage.take("requests_per_day", 1, operation=f"request:{request_id}", now=datetime.now(UTC), request_id=request_id)
    request = uow.requests.ask(request_id=request_id, kind=EXPORT, subject=EXPORT, params={}, user_id=uow.user_id)
    uow.exports.add(export_id=new_id(), request_id=request_id, asked_by=uow.user_id)
    uow.trust.note("workspace.export_asked", str(request.request_id), actor=uow.user_id)
    return request


def needs_role(uow: UnitOfWork, *roles: str) -> None:
    """By the caller's membership, whatever credential they came with. Raises Refused."""
    role = uow.role or (uow.channels.role_of(uow.user_id) if uow.user_id else None)
    if role not in roles:
        raise Refused(f"this is for a workspace's {' or '.join(roles)}")


def export(work: Work, files: FilePort, *, snapshot: Snapshot, now: datetime) -> Made:
    """Write the archive and keep it for a day. One snapshot of the database; files are named by their content and do not change."""
    with work.begin() as uow:
        wanted = uow.exports.of_request(work.request.request_id)
        held = uow.exports.file_keys()
    with files.writer(work.tenant_id, limit_bytes=MOST_BYTES) as writing:
        archive = Archive(writing, files.workshop)
        told = _tables(archive, work, snapshot)
        missing = _files(archive, work, files, held)
        count = sum(name.startswith("files/") for name in archive.members)
        archive.end({**told, "missing_files": missing})
        stored = writing.commit()
    with work.begin() as uow:
        uow.kept.lock(stored.sha256)
        uow.exports.done(
            wanted.export_id, stored, as_of=told["as_of"], made_at=now, expires_at=now + LINK_LIFE, rows=told["rows"], files=count
        )
        _tell(uow, wanted, ends_at=now + LINK_LIFE)
    return Made(told["rows"], count, stored.size_bytes)


def _tell(uow: UnitOfWork, made: Export, *, ends_at: datetime) -> None:
    """Whoever asked for it, if they are still a member."""
    asker = next((each for each in uow.members.all() if each.user_id == made.asked_by), None)
    if asker is not None:
        name = uow.identity.profile(asker.user_id).tenant_name
        mailing.send_export_ready(uow, asker.email, event=str(made.export_id), workspace=name, ends_at=ends_at, base_url=None)


def _tables(archive: Archive, work: Work, snapshot: Snapshot) -> dict[str, Any]:
    tables, rows = exported(), dict[str, int]()
    with snapshot(work.tenant_id) as uow:
        as_of: datetime = uow.connection.exec_driver_sql("select transaction_timestamp()").scalar_one()
        rows[MEMBERS] = archive.table(MEMBERS, MEMBER_COLUMNS, uow.rows.members())
        for table in tables:
            rows[table.name] = archive.table(table.name, table.columns, uow.rows.lines(table))
    return {
        "format": FORMAT, "workspace_id": work.tenant_id, "as_of": as_of, "schema": head(), "rows": rows,
        "left_out": {name: each.why for name, each in TREATMENTS.items() if not each.is_exported or each.hidden},
    }  # fmt: skip


def _files(archive: Archive, work: Work, files: FilePort, held: frozenset[str]) -> list[str]:
    """Every file but exports. Returns those that went while this was written."""
    missing = []
    keys = [key for key in files.keys(work.tenant_id) if key not in held]
    for number, key in enumerate(keys):
        try:
            with files.open(key) as source:
                archive.file(key.rpartition("/")[2], source)
        except NotFound:
            missing.append(key)
        work.report(number / len(keys), f"{number} of {len(keys)} files")
    return missing


def shown(uow: UnitOfWork, export_id: UUID) -> Export:
    needs_role(uow, "owner", "admin")
    return uow.exports.get(export_id)
