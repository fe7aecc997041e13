"""From facts about a machine to lines about it."""

import pytest

from domain.doctor import machine
from domain.doctor.findings import Finding, Level
from domain.doctor.machine import ENCODERS, FILTERS, Abilities, Library, PortUse

DAGSTER = [
    Library("dagster", "==1.13.*", "1.13.27", is_fit=True),
    Library("dagster-graphql", "==1.13.*", "1.13.27", is_fit=True),
    Library("dagster-postgres", "==0.29.*", "0.29.27", is_fit=True),
]


def told(finding: Finding) -> tuple[Level, str]:
    return finding.level, finding.found


def test_an_old_python_fails() -> None:
    assert machine.python((3, 10, 14)).level is Level.FAIL
    assert told(machine.python((3, 11, 0))) == (Level.OK, "3.11.0")


def test_libraries_as_needed_are_ok() -> None:
    assert told(machine.libraries(DAGSTER, {})) == (Level.OK, "3 as needed, dagster 1.13.27 among them")


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (Library("numpy", ">=2.4", None, is_fit=False), "numpy missing (>=2.4 is needed)"),
        (Library("numpy", ">=2.4", "2.1.0", is_fit=False), "numpy 2.1.0 (>=2.4 is needed)"),
        (Library("dagster-k8s", "", "0.29.26", is_fit=True), "dagster-k8s 0.29.26 does not go with dagster 1.13.27 (0.29.27 does)"),
        (
            Library("dagster-webserver", "", "1.13.9", is_fit=True),
            "dagster-webserver 1.13.9 does not go with dagster 1.13.27 (1.13.27 does)",
        ),
    ],
)
def test_a_library_that_does_not_fit_is_named(more: Library, found: str) -> None:
    assert told(machine.libraries([*DAGSTER, more], {})) == (Level.FAIL, found)


def test_a_library_that_does_not_load_is_named() -> None:
    assert told(machine.libraries(DAGSTER, {"av": "does not load (libm)"})) == (Level.FAIL, "av does not load (libm)")


def test_without_the_package_nobody_knows_what_is_needed() -> None:
    assert machine.libraries([], {}).level is Level.WARN


@pytest.mark.parametrize(
    ("mode", "is_writable", "level"),
    [(None, False, Level.WARN), (0o755, True, Level.OK), (0o755, False, Level.FAIL), (0o777, True, Level.FAIL)],
)
def test_a_home_is_ours_to_write_and_nobody_elses(mode: int | None, is_writable: bool, level: Level) -> None:
    assert machine.home("/h", mode=mode, is_writable=is_writable).level is level


def test_secrets_that_others_may_read_are_named() -> None:
    assert machine.secrets({"/h/key": 0o600}).level is Level.OK
    assert machine.secrets({}).level is Level.OK
    loose = machine.secrets({"/h/key": 0o640, "/h/secrets.json": 0o600})
    assert (loose.level, loose.advice) == (Level.FAIL, "chmod 600 /h/key; then change them")


@pytest.mark.parametrize(("free", "level"), [(499_999_999, Level.FAIL), (500_000_000, Level.WARN), (2_000_000_000, Level.OK)])
def test_room_is_measured_against_what_is_needed(free: int, level: Level) -> None:
    assert machine.disk("home disk", "/h", free, advice="set WHYRAL_HOME").level is level


@pytest.mark.parametrize(
    ("place", "is_used", "has_data", "level", "found"),
    [
        ("/h/postgres", True, True, Level.OK, "/h/postgres"),
        ("/h/postgres", True, False, Level.OK, "/h/postgres: made at the first start"),
        ("/v/1f", True, True, Level.OK, "/v/1f: moved out of the home, which PostgreSQL's user cannot reach"),
        ("/v/1f", True, False, Level.FAIL, "/h/postgres/.location names /v/1f, and no data are there"),
        ("/h/postgres", False, False, Level.OK, "not used: DATABASE_URL is set"),
    ],
)
def test_the_folder_of_the_database_is_told(place: str, is_used: bool, has_data: bool, level: Level, found: str) -> None:
    assert told(machine.postgres_folder("/h/postgres", place, is_used=is_used, has_data=has_data)) == (level, found)


@pytest.mark.parametrize(
    ("use", "is_running", "level", "found"),
    [
        (PortUse(is_free=True), False, Level.OK, "80 is free"),
        (PortUse(is_free=True), True, Level.FAIL, "nobody listens on 80"),
        (PortUse(is_free=False, holder="python (pid 3)", is_ours=True), True, Level.OK, "80 is ours: python (pid 3)"),
        (PortUse(is_free=False, holder="nginx (pid 3)", is_ours=False), True, Level.FAIL, "80 is taken by nginx (pid 3)"),
        (PortUse(is_free=False), False, Level.FAIL, "80 is taken by another program"),
        (PortUse(is_free=False), True, Level.WARN, "80 is taken; the system does not tell this user by whom"),
    ],
)
def test_a_port_is_free_ours_or_somebody_elses(use: PortUse, is_running: bool, level: Level, found: str) -> None:
    assert told(machine.port("api port", 80, "WHYRAL_API_PORT", use, is_running=is_running)) == (level, found)


@pytest.mark.parametrize(("ahead", "level"), [(4.9, Level.OK), (-5.1, Level.WARN), (30.0, Level.WARN), (-31.0, Level.FAIL)])
def test_clocks_that_disagree_are_told(ahead: float, level: Level) -> None:
    assert machine.clock({"the database": ahead}, jumped_seconds=0.0).level is level
    assert machine.clock({"the database": 0.0}, jumped_seconds=ahead).level is level


def test_an_ffmpeg_without_what_we_need_says_what() -> None:
    assert machine.ffmpeg(Abilities("9.0", FILTERS, ENCODERS)).level is Level.OK
    lacking = machine.ffmpeg(Abilities("5.1", FILTERS - {"zscale"}, {"aac"}))
    assert told(lacking) == (Level.FAIL, "5.1 lacks zscale, libx264")


def test_a_font_that_cannot_be_read_is_named() -> None:
    assert machine.fonts({"/a.ttf": 900}).level is Level.OK
    assert told(machine.fonts({"/a.ttf": 900, "/b.ttf": None})) == (Level.FAIL, "cannot read /b.ttf")
    assert machine.fonts({}).level is Level.FAIL
