"""An exported workspace put back as a new one. Ids stay as they were, but for the workspace's own and those of members who are known
here under another id; every mention of these is rewritten. What does not come back, and why, is in `domain.rights`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO
from uuid import UUID

from domain.errors import Conflict, Unacceptable
from domain.ports import FilePort
from services.rights.archive import Opened
from services.rights.exporting import FORMAT, MEMBERS, MOST_BYTES
from store.bootstrap import head
from store.database import Database
from store.ids import new_id
from store.tenant_rows import TenantTable, coming_back
from store.work import UnitOfWork

BATCH = 500
# Columns that say where bytes lie: in the workspace's own folder.
FILE_KEYS = ("file_key", "captions_key", "thumbnail_key", "report_key")


@dataclass(frozen=True, slots=True)
class PutBack:
    """What came in."""

    tenant_id: UUID
    rows: Mapping[str, int]
    files: int
    renamed: Mapping[str, str]


def put_back(database: Database, files: FilePort, source: IO[bytes]) -> PutBack:
    """All rows in one transaction: a workspace is there whole, or not at all. Raises Unacceptable.

    Users that were made for it stay where it fails later: they belong to no workspace, have no password, and are found by the next try.
    """
    opened = Opened(source)
    _check(opened)
    old, new = str(opened.manifest["workspace_id"]), new_id()
    names = {old: str(new), **_members(database, opened)}
    rows = dict[str, int]()
    _months(database, opened)
    with database.begin(new) as uow:
        for table in coming_back():
            uow.rows.clear(table)
            rows[table.name] = sum(uow.rows.put(table, batch) for batch in _batches(opened, table, names))
            if table.name == "tenants":
                uow.rows.subscribe_free()
        _mend(uow, opened, names)
        uow.trust.note("workspace.imported", str(new), actor=None)
        count = _files(opened, files, new)
    return PutBack(new, rows, count, names)


def _check(opened: Opened) -> None:
    if opened.manifest.get("format") != FORMAT or opened.manifest.get("schema") != head():
        raise Unacceptable(
            f"the export is of format {opened.manifest.get('format')} and schema {opened.manifest.get('schema')}, "
            f"this is {FORMAT} and {head()}: import it with the version of Whyral that made it, and migrate"
        )
    faults = opened.faults()
    if faults:
        raise Unacceptable(f"the export is damaged: {'; '.join(faults[:5])}")


def _members(database: Database, opened: Opened) -> dict[str, str]:
    """Ids of members that are others here."""
    found = {}
    with database.begin_system() as system:
        for line in opened.lines(MEMBERS):
            words = json.loads(line)
            known = system.adopt_user(UUID(words["user_id"]), words["email"], words["full_name"])
            if str(known) != words["user_id"]:
                found[words["user_id"]] = str(known)
    return found


def _months(database: Database, opened: Opened) -> None:
    database.ensure_months(sorted({json.loads(line)["observed_at"][:7] for line in opened.lines("video_snapshots")}))


def _batches(opened: Opened, table: TenantTable, names: Mapping[str, str]) -> Iterator[Sequence[str]]:
    lines = (_settled(table.name, _renamed(line, names)) for line in opened.lines(table.name))
    if not set(FILE_KEYS).isdisjoint(table.columns):
        lines = (_within(line, names[str(opened.manifest["workspace_id"])]) for line in lines)
    while batch := list(islice(lines, BATCH)):
        yield batch


def _renamed(line: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        line = line.replace(old, new)
    return line


def _settled(table: str, line: str) -> str:
    """What was under way when it was exported is not begun again here."""
    if table != "requests":
        return line
    row = json.loads(line)
    if row["state"] in ("pending", "launched", "running"):
        row |= {"state": "canceled", "run_id": None, "lease_until": None, "finished_at": row["finished_at"] or row["created_at"]}
    return json.dumps(row)


def _within(line: str, tenant_id: str) -> str:
    """Raises Unacceptable for a row that says that its bytes lie with another workspace: whoever wrote it shall not get them."""
    row = json.loads(line)
    if any(row.get(name) is not None and not str(row[name]).startswith(f"{tenant_id}/") for name in FILE_KEYS):
        raise Unacceptable("the export names files that are not its own")
    return line


def _mend(uow: UnitOfWork, opened: Opened, names: Mapping[str, str]) -> None:
    """Counters that triggers have moved are as they came; what triggers have written beside the true rows goes."""
    for table in coming_back():
        if uow.rows.is_touched(table):
            for batch in _batches(opened, table, names):
                uow.rows.write_over(table, batch)
    for table in coming_back():
        if uow.rows.is_made(table):
            uow.rows.clear(table)
            for batch in _batches(opened, table, names):
                uow.rows.put(table, batch)


def _files(opened: Opened, files: FilePort, tenant_id: UUID) -> int:
    count = 0
    for name in opened.files():
        stored = files.put(tenant_id, opened.pieces(name), limit_bytes=MOST_BYTES)
        if stored.sha256 != name:
            raise Conflict(f"file {name} holds other bytes than its name says")
        count += 1
    return count
