"""Dagster's code server, one at a time: gRPC lets two servers share a port, and runs would then be launched from old code.

Started by `whyral up` as `python -m resources.code_server ...`. The lock goes with the process, however it ends.
"""

import argparse
import socket
import sys
from pathlib import Path

from gateways.owner_lock import OwnerLock


def refusal(port: int) -> str | None:
    """Why this port is not ours. Bound without the sharing that gRPC asks for."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return f"port {port} is in use: {error.strerror}"
    return None


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--lock", type=Path, required=True)
    words.add_argument("--port", type=int, required=True)
    words.add_argument("--definitions", type=Path, required=True)
    given = words.parse_args()
    lock = OwnerLock.take(given.lock)
    if lock is None:
        sys.exit(f"code server: another one (process {OwnerLock.holder(given.lock)}) serves this home: stop it first")
    if (why := refusal(given.port)) is not None:
        sys.exit(f"code server: {why}: stop what listens there")
    from dagster._cli.api import grpc_command

    place = ["--python-file", str(given.definitions), "--working-directory", str(given.definitions.parent)]
    grpc_command.main([*place, "--host", "127.0.0.1", "--port", str(given.port), "--location-name", "whyral"])


if __name__ == "__main__":
    main()
