"""Ports and room, on the real machine."""

import os
import socket
from pathlib import Path

from gateways.machine import free_bytes, free_port, port_is_free, who_listens


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
