"""Ports and room, on the real machine."""

import os
import socket
from pathlib import Path

from gateways.machine import (
    folder_clock_ahead_seconds,
    free_bytes,
    free_port,
    is_of_session,
    kept_port,
    listening_pids,
    port_is_free,
    who_listens,
)
from gateways.owner_lock import OwnerLock


def test_a_port_with_a_listener_is_taken_and_names_it() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        assert not port_is_free(port)
        assert (who_listens(port) or "").endswith(f"(pid {os.getpid()})")


def test_a_found_port_is_free_and_nobody_listens_on_it() -> None:
    port = free_port()

    assert port_is_free(port)
    assert who_listens(port) is None


def test_a_folder_that_is_still_to_be_made_has_the_room_of_its_disk(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "there") > 0


def test_a_listener_is_known_by_its_process_and_its_session() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pids = listening_pids(listener.getsockname()[1])

    assert pids == [os.getpid()]
    assert is_of_session(pids[0], {os.getpid()})
    assert is_of_session(pids[0], {os.getsid(0)})
    assert not is_of_session(pids[0], set())
    assert not is_of_session(2**22 + 1, {os.getpid()})


def test_the_disks_clock_is_this_machines(tmp_path: Path) -> None:
    assert abs(folder_clock_ahead_seconds(tmp_path)) < 60
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_seen_without_being_taken(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    assert not OwnerLock.is_held(path)
    assert not path.exists()

    lock = OwnerLock.take(path)
    assert lock is not None
    assert OwnerLock.is_held(path)
    assert OwnerLock.take(path) is None
    lock.release()

    assert not OwnerLock.is_held(path)


def test_a_kept_port_is_the_same_until_somebody_else_has_it(tmp_path: Path) -> None:
    path = tmp_path / "port"
    first, second = kept_port(path), kept_port(path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first))
        other.listen()
        third = kept_port(path)
    path.write_text("rubbish", encoding="utf-8")

    assert first == second != third
    assert kept_port(path) == int(path.read_text(encoding="utf-8")) > 0
