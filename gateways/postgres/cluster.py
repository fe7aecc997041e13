"""Makes a PostgreSQL cluster, whole or not at all, and knows its settings. Running it is in `gateways.postgres_server`."""

import os
import pwd
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from gateways.postgres.binaries import MAJOR
from gateways.postgres.location import Location
from gateways.postgres.troubles import explained, trouble
from gateways.processes import Program, run

SUPERUSER = "postgres"
_INITDB_SECONDS = 300
_NO_NAME = "could not look up effective user ID"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
    # Two cores and an SSD; many short queries, so no just-in-time compiling and little parallel work.
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "1",
}
# For tests only: a killed server may lose its last second of commits, a dead machine the whole cluster.
TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_wal_size": "512MB"}


def options(*, port: int, max_connections: int, for_tests: bool) -> tuple[str, ...]:
    """As arguments, not in postgresql.conf: so they are right at every start, whatever version made the cluster."""
    chosen = SETTINGS | (TEST_SETTINGS if for_tests else {}) | {"port": str(port), "max_connections": str(max_connections)}
    return tuple(part for name, value in chosen.items() for part in ("-c", f"{name}={value}"))


def check_version(data: Path) -> None:
    note = data / "PG_VERSION"
    if not note.exists():
        raise trouble(f"{data} is there, but it is no PostgreSQL cluster; move it away, or restore it from your backup")
    found = note.read_text(encoding="ascii").strip()
    if found != MAJOR:
        raise trouble(
            f"the data in {data} are of PostgreSQL {found}, this Whyral brings {MAJOR}; "
            f"dump them with the Whyral that made them (pg_dumpall), move the folder away, start, load the dump"
        )


def make_cluster(location: Location, password: str, *, for_tests: bool) -> None:
    """Made beside the final place, then a rename: a full disk or a kill leaves no half-made cluster."""
    fresh, pwfile = location.folder / "data.new", location.folder / "initdb.password"
    _forget(fresh, pwfile)
    try:
        fresh.mkdir(mode=0o700)
        pwfile.touch(mode=0o600)
        pwfile.write_text(password, encoding="ascii")
        _give(location, fresh, pwfile)
        _initdb(location, fresh, pwfile, for_tests=for_tests)
        fresh.rename(location.data)
    finally:
        _forget(fresh, pwfile)


def _initdb(location: Location, fresh: Path, pwfile: Path, *, for_tests: bool) -> None:
    program = location.program(
        "initdb",
        *("-D", str(fresh), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={pwfile}", "--encoding=UTF8"),
        # The same order and letters on every machine, whatever locales it has.
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *(("--no-sync",) if for_tests else ()),
    )
    said = _tried(program)
    if said and _NO_NAME in said:
        said = _tried(replace(program, shown_uid=_some_named_uid())) and said
    if said:
        raise explained(said, where=location.folder, otherwise="initdb failed")


def _tried(program: Program) -> str | None:
    """What it said where it failed, None where it worked."""
    try:
        done = run(program, timeout_seconds=_INITDB_SECONDS)
    except subprocess.TimeoutExpired:
        raise trouble(f"initdb did not end within {_INITDB_SECONDS} s; is the disk under {program.folder} very slow or busy?") from None
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip() or "nothing"


def _some_named_uid() -> int:
    return next(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0)


def _give(location: Location, *paths: Path) -> None:
    if location.user:
        for path in paths:
            os.chown(path, location.user.uid, location.user.gid)


def _forget(fresh: Path, pwfile: Path) -> None:
    shutil.rmtree(fresh, ignore_errors=True)
    pwfile.unlink(missing_ok=True)
