"""The warm process that Dagster runs are forked from: Dagster, the database drivers and our definitions are loaded, nothing numeric.

Started by `whyral up` as `python -m resources.fork_server ...`. The loop is `gateways.forking`; asking it is `resources.launcher`.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from gateways.forking import ForkServer, threads
from gateways.owner_lock import OwnerLock

# A forked run would share their thread pools' locks, and carry their memory.
NUMERIC = ("numpy", "pandas", "scipy", "sklearn", "statsmodels", "doubleml", "altair", "pyarrow", "av", "cv2")


PRELOADED = (
    "dagster._cli.api",
    "dagster_postgres",
    "psycopg",
    "psycopg2",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.postgresql.psycopg2",
)


STATEMENT_MILLISECONDS, POOL_RECYCLE_SECONDS, MAX_OVERFLOW = 60_000, 3_600, 5


def preload(definitions: Path) -> None:
    """Load what every run needs, as Dagster will look for it: drivers, instance, every job. No connection stays open."""
    from dagster import DagsterInstance
    from dagster._core.code_pointer import FileCodePointer
    from dagster._core.definitions.reconstruct import ReconstructableRepository

    for name in PRELOADED:
        import_module(name)
    with DagsterInstance.get() as instance:
        instance.get_runs(limit=1)
    repository = ReconstructableRepository(FileCodePointer(str(definitions), "defs", str(definitions.parent)))
    for job in repository.get_definition().get_all_jobs():
        job.get_job_snapshot_id()


def complaint() -> str | None:
    """What makes this process unfit to be forked."""
    loaded = [name for name in NUMERIC if name in sys.modules]
    if loaded:
        return f"{', '.join(loaded)} was loaded at import: import it inside the function that needs it"
    return f"something started a thread at import: {threads()} are there" if threads() != 1 else None


def work(run_id: str) -> int:
    """Execute one run, as `dagster api execute_run` does; what goes wrong is in the run's event log."""
    from dagster import DagsterInstance
    from dagster._cli.api import _execute_run_command_body
    from dagster._utils.interrupts import capture_interrupts, setup_interrupt_handlers

    setup_interrupt_handlers()
    with capture_interrupts(), DagsterInstance.get() as instance:
        # Connections are kept for the life of the run: each of its events would make one.
        instance.optimize_for_webserver(STATEMENT_MILLISECONDS, POOL_RECYCLE_SECONDS, MAX_OVERFLOW)
        return _execute_run_command_body(run_id, instance, lambda _: None, set_exit_code_on_failure=False)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--socket", type=Path, required=True)
    words.add_argument("--lock", type=Path, required=True)
    words.add_argument("--limit", type=int, required=True)
    words.add_argument("--definitions", type=Path, required=True)
    given = words.parse_args()
    lock = OwnerLock.take(given.lock)
    if lock is None:
        sys.exit(f"launcher: another fork server (process {OwnerLock.holder(given.lock)}) already serves {given.socket}: stop it first")
    preload(given.definitions)
    if (why := complaint()) is not None:
        sys.exit(f"launcher: {why}")
    ForkServer(given.socket, limit=given.limit, room=2 * given.limit, work=work).serve()


if __name__ == "__main__":
    main()
