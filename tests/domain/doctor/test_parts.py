"""From what the running parts say to lines about them."""

import pytest

from domain.doctor import parts
from domain.doctor.findings import Level
from domain.doctor.parts import DAEMONS, Heartbeat

BEATS = dict.fromkeys(DAEMONS, Heartbeat(20, 0))
LONG = 3600.0


@pytest.mark.parametrize(
    ("status", "is_running", "level"),
    [(200, True, Level.OK), (503, True, Level.FAIL), (None, True, Level.FAIL), (None, False, Level.WARN), (200, False, Level.OK)],
)
def test_the_api_is_ready_broken_or_not_running(status: int | None, is_running: bool, level: Level) -> None:
    assert parts.api(status, is_running=is_running).level is level


def test_the_webservers_word_makes_two_lines() -> None:
    well = {"dagster_webserver": "healthy", "dagster_code": "healthy", "dagster_daemon": "healthy"}
    silent = {"dagster_webserver": "does not answer"}

    assert [each.level for each in parts.dagster(well, is_running=True)] == [Level.OK, Level.OK]
    assert [each.level for each in parts.dagster({**well, "dagster_code": "not loaded"}, is_running=True)] == [Level.OK, Level.FAIL]
    assert [each.level for each in parts.dagster(silent, is_running=True)] == [Level.FAIL, Level.FAIL]
    assert [each.found for each in parts.dagster(silent, is_running=False)] == ["not running", "not running"]


@pytest.mark.parametrize(
    ("change", "running_seconds", "level"),
    [
        ({}, LONG, Level.OK),
        ({}, None, Level.OK),
        ({"SENSOR": Heartbeat(121, 0)}, LONG, Level.WARN),
        ({"SENSOR": Heartbeat(301, 0)}, LONG, Level.FAIL),
        ({"SENSOR": Heartbeat(301, 0)}, None, Level.FAIL),
        ({"SENSOR": Heartbeat(301, 0)}, 10.0, Level.WARN),
        ({"SENSOR": Heartbeat(20, 1)}, LONG, Level.FAIL),
        (dict.fromkeys(DAEMONS, Heartbeat(LONG, 0)), LONG, Level.FAIL),
        (dict.fromkeys(DAEMONS, Heartbeat(LONG, 0)), None, Level.WARN),
    ],
)
def test_a_daemon_that_is_late_silent_or_broken_is_told(change: dict[str, Heartbeat], running_seconds: float | None, level: Level) -> None:
    assert parts.daemon(BEATS | change, running_seconds=running_seconds).level is level


def test_a_daemon_that_never_beat_is_silent() -> None:
    assert parts.daemon({}, running_seconds=LONG).level is Level.FAIL
    assert parts.daemon({}, running_seconds=None).found == "not running"
    without_sensors = {name: beat for name, beat in BEATS.items() if name != "SENSOR"}
    assert parts.daemon(without_sensors, running_seconds=LONG).found == "no heartbeat in five minutes: sensor"


def test_a_launcher_with_threads_must_not_fork() -> None:
    health = {"ok": True, "live": 1, "waiting": 0, "limit": 3, "threads": 1, "pid": 7}

    assert parts.launcher(health).found == "process 7: 1 of 3 runs live"
    assert parts.launcher({**health, "threads": 2}).level is Level.FAIL
    assert parts.launcher({**health, "ok": False}).level is Level.FAIL
    assert parts.launcher({"ok": True, "live": 1}).level is Level.FAIL


def test_another_launcher_is_not_asked() -> None:
    assert parts.other_launcher("CeleryRunLauncher").found == "not used: runs are started by CeleryRunLauncher"
    assert parts.other_launcher(None).level is Level.OK


@pytest.mark.parametrize(
    ("who", "lacks", "level"),
    [
        ("faster-whisper", None, Level.OK),
        ("pocketsphinx", None, Level.WARN),
        ("off", None, Level.OK),
        ("api", "set a key", Level.FAIL),
    ],
)
def test_who_listens_is_told_and_a_stand_in_is_warned_of(who: str, lacks: str | None, level: Level) -> None:
    found = parts.speech(who, "for a reason", lacks=lacks)

    assert (found.level, "for a reason" in found.found) == (level, True)
