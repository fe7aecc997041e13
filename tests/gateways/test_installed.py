"""What is installed against what is asked for, in this very environment."""

from domain.doctor.findings import Level
from domain.doctor.machine import ENCODERS, FILTERS
from domain.doctor.machine import libraries as judged
from gateways.ffmpeg_abilities import abilities
from gateways.installed import libraries, unloadable


def test_a_package_of_here_has_what_it_asks_for() -> None:
    found = {each.name: each for each in libraries("dagster-postgres")}

    assert found["dagster"].is_fit
    assert found["dagster"].version
    assert judged(list(found.values()), {}).level is Level.OK


def test_a_package_that_is_not_there_asks_for_nothing() -> None:
    assert libraries("no-such-package-of-anybody") == []


def test_our_own_compiled_libraries_load() -> None:
    assert unloadable() == {}


def test_what_does_not_load_is_told() -> None:
    assert unloadable(("json", "no_such_module")) == {"no_such_module": "does not load (No module named 'no_such_module')"}


def test_the_packaged_ffmpeg_can_do_what_we_need() -> None:
    found = abilities()

    assert found.version
    assert set(found.filters) >= FILTERS
    assert set(found.encoders) >= ENCODERS
    assert "no_such_filter" not in found.filters
