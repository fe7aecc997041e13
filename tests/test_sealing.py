"""The keys that seal tokens: made once, refused where they are missing or cannot be read, and rotated by `whyral seal`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import cli
from api.app import application
from domain.connections import GrantName
from domain.errors import SourceUnavailable
from domain.second_factor import context
from domain.sources import Tokens
from gateways.platforms import PlatformOptions, platforms
from gateways.vault import SealedVault, keys_of, new_keys
from services.connections import sealed
from services.sealing import Resealed, reseal
from settings import Settings
from store.database import Database, MemberEntry
from store.ids import new_id
from tests.conftest import Member, make_member, make_urls
from tests.store.channels import put_channel
from up import check_secrets, load_secrets

OLD = new_keys("old")


def test_the_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first, second = load_secrets(tmp_path), load_secrets(tmp_path)

    assert first == second
    assert list(keys_of(first.token_keys)) == ["first"]
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_home_of_before_gets_them_and_keeps_what_it_has(tmp_path: Path) -> None:
    before = {"passwords": {"whyral_app": "a"}, "secret_key": "s" * 40}
    (tmp_path / "secrets.json").write_text(json.dumps(before), encoding="utf-8")

    kept = load_secrets(tmp_path)

    assert (kept.passwords, kept.secret_key) == (before["passwords"], before["secret_key"])
    assert load_secrets(tmp_path).token_keys == kept.token_keys


@pytest.mark.parametrize("lacking", ["DATABASE_URL", "WHYRAL_SECRET_KEY", "WHYRAL_TOKEN_KEYS"])
def test_the_api_does_not_start_without_its_secrets(lacking: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"DATABASE_URL": "postgresql+psycopg://a@127.0.0.1/b", "WHYRAL_SECRET_KEY": "s" * 40, "WHYRAL_TOKEN_KEYS": OLD}
    for name, word in given.items():
        monkeypatch.setenv(name, word)
    monkeypatch.delenv(lacking)

    with pytest.raises(SystemExit, match=f"needs .*{lacking}"):
        application()


def test_the_api_says_in_one_line_that_its_keys_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYRAL_TOKEN_KEYS", "one:c2hvcnQ=")

    with pytest.raises(SystemExit, match="WHYRAL_TOKEN_KEYS: write"):
        application()


def test_keys_that_cannot_be_read_stop_the_start_and_are_not_printed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="WHYRAL_TOKEN_KEYS") as refused:
        platforms(PlatformOptions(token_keys="one:c2hvcnQ="))

    assert "c2hvcnQ" not in str(refused.value)
    assert platforms(PlatformOptions()).lacking["vault"].startswith("WHYRAL_TOKEN_KEYS is not set")


@pytest.fixture
def kept(superuser_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Database, Member]]:
    """A database with one grant that was sealed with the old key, as the settings describe it."""
    urls = make_urls(superuser_url, f"fresh_{new_id().hex}")
    database = Database(urls.app, system_url=urls.system, pool_size=2)
    member = make_member(database)
    with database.begin(member.tenant_id) as uow:
        found = uow.connections.of_channel(put_channel(uow, member.user_id).channel_id)
        assert found is not None
        tokens = Tokens("access", datetime(2026, 11, 10, tzinfo=UTC), frozenset(), "refresh")
        uow.connections.reseal(found.connection_id, sealed(SealedVault.of(OLD), found.name, tokens))
    monkeypatch.chdir(tmp_path)
    for name, word in {"DATABASE_URL": urls.app, "WHYRAL_DATABASE_SYSTEM_URL": urls.system}.items():
        monkeypatch.setenv(name, word)
    yield database, member
    database.close()


def test_the_command_seals_everything_anew_and_then_the_old_key_may_go(
    kept: tuple[Database, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, member = kept
    newer = new_keys("newer")
    told = []
    for keys in (f"{newer},{OLD}", newer, new_keys("another")):
        monkeypatch.setenv("WHYRAL_TOKEN_KEYS", keys)
        told.append(CliRunner().invoke(cli.main, ["seal"]))

    assert [each.exit_code for each in told] == [0, 0, 1]
    assert [each.stdout for each in told[:2]] == [f"sealed anew {one}, current {two}, unreadable 0\n" for one, two in ((1, 0), (0, 1))]
    assert "keep all older keys" in told[2].stderr
    with database.begin(member.tenant_id) as uow:
        row = uow.connection.execute(sa.text("select connection_id, refresh_token from connections")).one()
    bound_to = GrantName(member.tenant_id, row.connection_id).context("refresh_token")
    assert SealedVault.of(newer).open(row.refresh_token, context=bound_to) == b"refresh"


def test_secrets_of_second_factors_are_sealed_anew_too(kept: tuple[Database, Member]) -> None:
    database, member = kept
    newer, before = new_keys("newer"), SealedVault.of(OLD).seal(b"totp", context=context(member.user_id))
    with database.begin(MemberEntry(member.tenant_id, member.user_id)) as uow:
        assert uow.factors.begin(before)

    told = [reseal(database, SealedVault.of(keys), page=1) for keys in (f"{newer},{OLD}", newer)]

    assert told == [Resealed(resealed=2), Resealed(current=2)]
    with database.begin_anonymous() as uow:
        fresh = uow.factors.of(member.user_id).sealed
        assert fresh is not None
        assert not uow.factors.reseal(member.user_id, before, b"late")
    assert SealedVault.of(newer).open(fresh, context=context(member.user_id)) == b"totp"


@pytest.mark.parametrize("keys", ["one:c2hvcnQ=", ""])
def test_the_command_says_in_one_line_what_is_wrong_with_the_keys(
    kept: tuple[Database, Member], monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setenv("WHYRAL_TOKEN_KEYS", keys)

    told = CliRunner().invoke(cli.main, ["seal"])

    assert (told.exit_code, len(told.stderr.splitlines())) == (1, 1)
    assert "WHYRAL_TOKEN_KEYS" in told.stderr


def test_the_command_without_any_database_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)

    told = CliRunner().invoke(cli.main, ["seal"])

    assert (told.exit_code, "start with `whyral up`" in told.stderr) == (1, True)
    assert Settings().token_keys is None


def test_the_operator_suspends_a_channel_and_lets_it_go_on(kept: tuple[Database, Member]) -> None:
    database, member = kept
    with database.begin(member.tenant_id) as uow:
        (channel,) = uow.channels.page(limit=1)
        uow.channels.set(channel.channel_id, {"status": "active"})

    told = [
        CliRunner().invoke(cli.main, ["suspend", *more])
        for more in ([str(channel.channel_id)], [str(channel.channel_id), "--lift"], [str(new_id())])
    ]

    assert [each.stdout for each in told[:2]] == [f"channel {channel.channel_id} is {status}\n" for status in ("suspended", "active")]
    assert (told[2].exit_code, "was not found" in told[2].stderr) == (1, True)


@pytest.mark.parametrize(
    ("setting", "words", "told"),
    [
        ("WHYRAL_SECRET_KEY", "s" * 40, "WHYRAL_SECRET_KEY can be guessed"),
        ("WHYRAL_SECRET_KEY", "short", "has 5 characters"),
        ("WHYRAL_TOKEN_KEYS", "one:" + "A" * 43 + "=", "'one' of WHYRAL_TOKEN_KEYS can be guessed"),
        ("WHYRAL_GOOGLE_CLIENT_ID", "a-client", "WHYRAL_GOOGLE_CLIENT_SECRET is not set"),
    ],
)
def test_nothing_starts_with_what_can_be_guessed(
    setting: str, words: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"DATABASE_URL": "postgresql+psycopg://a@127.0.0.1/b", "WHYRAL_SECRET_KEY": token_urlsafe(48), "WHYRAL_TOKEN_KEYS": OLD}
    for name, word in {**given, setting: words}.items():
        monkeypatch.setenv(name, word)

    with pytest.raises(SystemExit, match=told) as refused:
        application()
    with pytest.raises(SourceUnavailable, match=told):
        check_secrets(Settings())

    assert "s" * 40 not in str(refused.value)
