"""From what a database says to lines about it."""

from dataclasses import replace

import pytest

from domain.doctor import database
from domain.doctor.database import Role, Walls
from domain.doctor.findings import Level

OURS = {
    "DATABASE_URL": "postgresql+psycopg",
    "WHYRAL_DATABASE_OWNER_URL": "postgresql+psycopg",
    "WHYRAL_DATABASE_SYSTEM_URL": "postgresql+psycopg",
    "WHYRAL_DAGSTER_DATABASE_URL": "postgresql+psycopg2",
}
APP = Role("whyral_app", is_superuser=False, passes_security=False, owned_objects=0, powerful_groups=[])


def test_four_urls_or_none() -> None:
    assert database.addresses(OURS).level is Level.OK
    assert database.addresses(dict.fromkeys(OURS)).level is Level.OK
    lone = database.addresses({**dict.fromkeys(OURS), "DATABASE_URL": "postgresql+psycopg"})
    assert (lone.level, lone.found.split(" without ")[1].split(", ")[0]) == (Level.FAIL, "WHYRAL_DATABASE_OWNER_URL")


@pytest.mark.parametrize(
    ("scheme", "found"),
    [("postgresql", "names another driver than psycopg2"), ("", "cannot be read as a URL"), ("postgresql+psycopg", "another")],
)
def test_dagsters_url_names_psycopg2(scheme: str, found: str) -> None:
    told = database.addresses({**OURS, "WHYRAL_DAGSTER_DATABASE_URL": scheme})

    assert told.level is Level.FAIL
    assert found in told.found


def test_keys_that_cannot_be_read_are_told() -> None:
    assert database.token_keys(is_readable=True) is None
    unread = database.token_keys(is_readable=False)
    assert unread is not None
    assert (unread.level, "WHYRAL_TOKEN_KEYS" in unread.found) == ("fail", True)


def test_every_weak_secret_is_told_with_what_to_do() -> None:
    assert database.secrets([]) == []
    (short,) = database.secrets(["WHYRAL_SECRET_KEY has 3 characters and needs 32: make one"])
    assert (short.level, short.found, short.advice) == (Level.FAIL, "WHYRAL_SECRET_KEY has 3 characters and needs 32", "make one")


def test_an_old_server_fails() -> None:
    assert database.server(150004, "db:5432").found == "PostgreSQL 15.4 at db:5432"
    assert database.server(140011, "db:5432").level is Level.FAIL


@pytest.mark.parametrize(
    ("role", "found"),
    [
        (replace(APP, is_superuser=True), "whyral_app is a superuser"),
        (replace(APP, passes_security=True), "whyral_app passes row-level security"),
        (replace(APP, owned_objects=2), "whyral_app owns 2 objects"),
        (replace(APP, powerful_groups=["whyral_owner"], is_superuser=True), "whyral_app is a superuser and is a member of whyral_owner"),
    ],
)
def test_a_role_that_could_walk_through_the_walls_is_told(role: Role, found: str) -> None:
    told = database.role("app role", role, setting="DATABASE_URL")

    assert (told.level, told.found) == (Level.FAIL, found)


def test_a_role_that_cannot_is_ok() -> None:
    assert database.role("app role", APP, setting="DATABASE_URL").level is Level.OK


def test_holes_are_named_and_not_all_of_them() -> None:
    assert database.walls(Walls(30, [], [])).level is Level.OK
    assert database.walls(Walls(0, [], [])).level is Level.WARN
    assert database.walls(Walls(30, ["videos"], ["sounds"])).found == "videos does not force it, sounds has no policy"
    assert database.walls(Walls(30, [f"t{n}" for n in range(9)], [])).found.endswith("t4 does not force it and 4 more")


def test_a_schema_that_is_not_the_codes_is_told() -> None:
    assert database.migrations(("0002",), ("0002",)).level is Level.OK
    assert database.migrations((), ("0002",)).found == "the database is at nothing, the code at 0002"
    assert database.migrations(("0001",), ("0002",)).level is Level.FAIL
