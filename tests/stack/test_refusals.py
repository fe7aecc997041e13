"""A start that cannot succeed says in one line what to do, before it has started anything."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import SourceUnavailable
from settings import Settings
from tests.stack.running import Whyral, refused
from up import check_machine, make_home

# A disk that no machine has.
TOO_MUCH = 10**21


@pytest.fixture
def other(tmp_path: Path) -> Whyral:
    """Not running, on ports that nobody uses."""
    return Whyral(tmp_path / "home")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.parametrize("setting", ["WHYRAL_API_PORT", "WHYRAL_PG_PORT"])
def test_a_taken_port_is_one_line_with_the_setting_that_changes_it(other: Whyral, taken: int, setting: str) -> None:
    other.ports[setting] = taken

    said = refused(other)

    assert f"{taken} is taken by" in said
    assert setting in said


@pytest.mark.parametrize("name", ["api_port", "dagster_port", "metrics_port"])
def test_every_port_is_looked_at(other: Whyral, taken: int, name: str) -> None:
    free = {each.removeprefix("WHYRAL_").lower(): port for each, port in other.ports.items()}
    settings = Settings.model_validate({**free, "home": other.home, name: taken})

    with pytest.raises(SourceUnavailable, match=f"{taken} is taken by .*: stop it, or set WHYRAL_{name.upper()}"):
        check_machine(settings, other.home.parent)


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"

    said = refused(Whyral(home, folder=tmp_path))

    assert said == f"whyral: home: cannot write {home}: Not a directory. Set WHYRAL_HOME to a folder that you may write"


def test_too_little_room_is_told_with_what_is_needed(other: Whyral) -> None:
    free = {each.removeprefix("WHYRAL_").lower(): port for each, port in other.ports.items()}
    settings = Settings.model_validate({**free, "home": other.home})

    with pytest.raises(SourceUnavailable, match="1000000000000000 MB are needed: make room, or set WHYRAL_HOME"):
        check_machine(settings, make_home(other.home), needed_bytes=TOO_MUCH)
