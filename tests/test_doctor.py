"""The command `whyral doctor` on homes that are down, and against a database of one's own."""

import json
import os
import pwd
import re
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from gateways.machine import free_port
from tests.conftest import PASSWORD
from tests.conftest import TestUrls as Urls

PORTS = ("WHYRAL_API_PORT", "WHYRAL_DAGSTER_PORT", "WHYRAL_METRICS_PORT", "WHYRAL_PG_PORT")


@dataclass(frozen=True)
class Patient:
    """A home with ports that nobody uses, and more settings."""

    home: Path
    settings: Mapping[str, str]

    def ask(self, *words: str, **more: str) -> Result:
        environment = {**dict.fromkeys(PORTS), **self.settings, "WHYRAL_HOME": str(self.home), **more}
        return CliRunner().invoke(cli.main, ["doctor", *words], env=environment)

    def lines(self, **more: str) -> dict[str, tuple[str, str, str]]:
        """Level, what was found, and advice, by check."""
        result = self.ask("--output", "json", **more)
        found = json.loads(result.stdout)
        assert result.exit_code == int("fail" in {each["level"] for each in found})
        return {each["check"]: (each["level"], each["found"], each["advice"]) for each in found}


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path / "home", {name: str(free_port()) for name in PORTS})


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def own_database(urls: Urls) -> dict[str, str]:
    return {
        "DATABASE_URL": urls.app,
        "WHYRAL_DATABASE_OWNER_URL": urls.owner,
        "WHYRAL_DATABASE_SYSTEM_URL": urls.system,
        "WHYRAL_DAGSTER_DATABASE_URL": urls.owner.replace("+psycopg", "+psycopg2"),
    }


def test_a_home_that_is_down_is_told_one_line_each_and_fails_nothing(patient: Patient) -> None:
    result = patient.ask()

    told = [re.fullmatch(r"(ok|warn|fail) +(.+?)  +(.+)", line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    levels = {each[2]: (each[1], each[3]) for each in told if each}
    assert len(levels) == len(told) > 20
    for check in ("whyral", "database", "migrations", "api", "dagster webserver", "dagster daemon"):
        assert levels[check] == ("warn", "not running: start it with `whyral up`")
    assert levels["api port"] == ("ok", f"{patient.settings['WHYRAL_API_PORT']} is free")
    assert not patient.home.exists()


def test_every_line_is_in_the_guide_and_the_guide_makes_none_up(patient: Patient, urls: Urls) -> None:
    told = set(patient.lines()) | set(patient.lines(**own_database(urls)))

    guide = (Path(cli.__file__).parent / "docs" / "guides" / "doctor.md").read_text(encoding="utf-8")
    assert told ^ set(re.findall(r"^\| `([a-z -]+)` \|", guide, flags=re.MULTILINE)) == set()


def test_a_port_of_somebody_else_fails_and_names_who(patient: Patient, taken: int) -> None:
    level, found, advice = patient.lines(WHYRAL_METRICS_PORT=str(taken))["metrics port"]

    assert (level, advice) == ("fail", "stop it, or set WHYRAL_METRICS_PORT")
    assert found.startswith(f"{taken} is taken by ")
    assert found.endswith(f"(pid {os.getpid()})")


def test_loose_secrets_and_a_home_for_everybody_fail(patient: Patient) -> None:
    patient.home.mkdir()
    patient.home.chmod(0o777)
    (patient.home / "secrets.json").write_text("{}", encoding="utf-8")
    (patient.home / "secrets.json").chmod(0o644)

    told = patient.lines()

    assert told["home"] == ("fail", f"{patient.home} can be written by everybody (mode 0777)", f"chmod o-w {patient.home}")
    assert told["secrets"][:2] == ("fail", f"others on this machine may read {patient.home}/secrets.json")


def test_a_database_that_moved_out_of_the_home_is_told(patient: Patient, tmp_path: Path) -> None:
    (patient.home / "postgres").mkdir(parents=True)
    (patient.home / "postgres" / ".location").write_text(f"{tmp_path / 'elsewhere'}\n", encoding="utf-8")
    lost = patient.lines()["postgres folder"]
    (tmp_path / "elsewhere" / "data").mkdir(parents=True)

    told = patient.lines()

    assert lost[0] == "fail"
    assert told["postgres folder"][:2] == ("ok", f"{tmp_path}/elsewhere: moved out of the home, which PostgreSQL's user cannot reach")
    assert told["postgres disk"][1].endswith(f"free at {tmp_path}/elsewhere")


def test_a_database_of_ones_own_is_looked_at_although_nothing_runs(patient: Patient, urls: Urls) -> None:
    told = patient.lines(**own_database(urls))

    levels = {check: told[check][0] for check in ("settings", "database", "app role", "system role", "row-level security", "migrations")}
    assert levels == dict.fromkeys(levels, "ok")
    assert told["postgres folder"][1] == "not used: DATABASE_URL is set"
    assert "postgres port" not in told
    assert "the database" in told["clock"][1]
    assert told["dagster daemon"][:2] == ("warn", "not running")


def test_a_role_that_owns_the_tables_is_told(patient: Patient, urls: Urls) -> None:
    told = patient.lines(**{**own_database(urls), "DATABASE_URL": urls.owner})

    assert told["app role"][0] == "fail"
    assert re.match(r"whyral_owner owns \d+ objects", told["app role"][1])


@pytest.mark.parametrize("output", ["table", "json"])
def test_no_secret_is_ever_printed(patient: Patient, urls: Urls, output: str) -> None:
    given = {**own_database(urls), "DATABASE_URL": f"postgresql+psycopg://{PASSWORD}:{PASSWORD}@127.0.0.1:{free_port()}/{PASSWORD}"}
    broken = {
        **given,
        "DATABASE_URL": "postgresql+psycopg://app:half@whole@db/whyral",
        "WHYRAL_SECRET_KEY": "short-secret",
        "WHYRAL_TOKEN_KEYS": "one:not-a-key",
    }

    for settings in (given, broken):
        result = patient.ask("--output", output, **settings)

        assert result.exit_code == 1
        for secret in (PASSWORD, "half", "whole", "short-secret", "a-key"):
            assert secret not in result.output


def test_keys_that_cannot_be_read_are_told_of_where_platforms_need_them(patient: Patient) -> None:
    level, found, advice = patient.lines(WHYRAL_TOKEN_KEYS="one:not-a-key")["platforms"]

    assert (level, found, "WHYRAL_TOKEN_KEYS" in advice) == ("fail", "cannot be put together", True)


def test_settings_that_cannot_be_read_leave_the_rest_to_be_told(patient: Patient) -> None:
    told = patient.lines(WHYRAL_API_PORT="many")

    assert told["settings"][:2] == (
        "fail",
        "api_port: Input should be a valid integer, unable to parse string as an integer",
    )
    assert (told["ffmpeg"][0], told["fonts"][0]) == ("ok", "ok")


def test_the_warm_launcher_is_asked_only_while_it_runs(patient: Patient) -> None:
    (patient.home / "dagster").mkdir(parents=True)
    instance = patient.home / "dagster" / "dagster.yaml"
    instance.write_text("run_launcher:\n  module: resources.launcher\n  class: WarmRunLauncher\n", encoding="utf-8")
    warm = patient.lines()["launcher"]
    instance.write_text("run_launcher:\n  module: dagster_celery.launcher\n  class: CeleryRunLauncher\n", encoding="utf-8")

    celery = patient.lines()["launcher"]

    assert warm[:2] == ("warn", "not running")
    assert celery[:2] == ("ok", "not used: runs are started by CeleryRunLauncher")


def test_a_bucket_that_does_not_answer_fails_and_the_secret_is_not_printed(patient: Patient) -> None:
    words = {
        "FILES_URL": "s3://media/kept",
        "FILES_ENDPOINT": "http://127.0.0.1:9",
        "FILES_ACCESS_KEY": "an-id",
        "FILES_SECRET_KEY": "hidden word",
    }

    result = patient.ask(**{f"WHYRAL_{name}": word for name, word in words.items()})

    assert re.search(r"^fail +file store +bucket media does not answer", result.stdout, re.MULTILINE)
    assert "hidden word" not in result.stdout


def test_a_folder_of_files_is_proved_and_nothing_of_the_proof_stays(patient: Patient) -> None:
    (patient.home / "files").mkdir(parents=True)

    told = patient.lines()["file store"]

    assert told[:2] == ("ok", f"{patient.home}/files can be written to and read")
    assert [path for path in (patient.home / "files").rglob("*") if path.is_file()] == []


@contextmanager
def as_plain_user() -> Iterator[None]:
    """As whoever runs the tests, unless that is root: then as nobody, and back."""
    if os.geteuid() != 0:
        yield
        return
    number = pwd.getpwnam("nobody").pw_uid
    os.setresuid(number, number, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_a_plain_user_is_told_what_it_may_not_do_or_see(patient: Patient, taken: int) -> None:
    patient.ask()  # what Python loads late is loaded now: nobody may not be able to read it

    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o555)
        with as_plain_user():
            told = Patient(Path(home), patient.settings).lines(WHYRAL_METRICS_PORT=str(taken))

    assert told["home"][:2] == ("fail", f"{home} cannot be written by this user")
    assert told["metrics port"][1].startswith(f"{taken} is taken by ")
    assert {told[check][0] for check in ("python", "libraries", "ffmpeg", "home disk", "dagster port", "clock")} == {"ok"}
