"""The sandbox as a program: it says how to read it, keeps its world, and ends when told to."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import stripe
from stripe._v1_services import V1Services

from domain.errors import SourceUnavailable, Unacceptable
from domain.observations import Platform
from domain.ports import ReadsAccounts
from domain.sources import Target
from gateways.machine import free_port, port_is_free
from gateways.platforms import PlatformOptions, platforms
from gateways.stripe_payments import VERSION
from gateways.twitterapi import TwitterApi
from sandbox.addresses import KEYS, STRIPE_KEY
from sandbox.running import standing
from sandbox.tiktok import short_code
from settings import Settings
from tests.gateways.errand import StraightErrand
from up import check_machine, sandbox_shop

EPOCH = datetime(2026, 11, 1)  # noqa: DTZ001 - as click hands it over
ROOT = Path(__file__).parents[2]
# Where it is, what world it is, and the settings.
TOLD_LINES = 2 + 6 + len(KEYS)


def pair_of_ports() -> int:
    return next(port for port in iter(free_port, None) if port_is_free(port + 1))


def test_what_it_tells_is_all_that_a_deployment_needs(tmp_path, monkeypatch):
    with standing(tmp_path, accounts=11, epoch=EPOCH) as made:
        for name, word in made.environment.items():
            monkeypatch.setenv(name, word)
        found = platforms(PlatformOptions(**Settings().platforms))
        creator = next(creator for creator in made.world.creators if creator.platform == "x")

        (reader,) = found.reading(Platform.X, ReadsAccounts)
        assert isinstance(reader, TwitterApi)
        read = reader.account(Target(Platform.X, username=creator.username), StraightErrand(), posts=3)
        reader.close()

        assert read.account.external_id == creator.native_id
        assert made.net.refused == []
        assert [line for line in made.told() if line.startswith("export ")] == [
            f"export {name}={word}" for name, word in made.environment.items()
        ]


def test_a_restart_finds_who_bought_what(tmp_path):
    def sold(url: str) -> V1Services:
        client = stripe.StripeClient(STRIPE_KEY, stripe_version=VERSION, base_addresses={"api": url}, http_client=stripe.RequestsClient())
        return client.v1

    with standing(tmp_path, accounts=2, epoch=EPOCH, shop=sandbox_shop(8000)) as made:
        sdk = sold(made.url)
        price = sdk.prices.list({"lookup_keys": ["growth_monthly"]}).data[0]
        customer = sdk.customers.create({"email": "ana@example.com", "invoice_settings": {"default_payment_method": "pm_card_visa"}})
        bought = sdk.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})

    with standing(tmp_path, shop=sandbox_shop(8000)) as again:
        found = sold(again.url).subscriptions.retrieve(bought.id)

        assert (found.status, found.customer) == ("active", customer.id)
        assert len(sold(again.url).prices.list({"limit": 100}).data) == len(sandbox_shop(8000).goods)


def test_a_sandbox_that_stands_already_is_read_and_not_started_again(tmp_path, monkeypatch):
    for name in ("API", "DAGSTER", "METRICS"):
        monkeypatch.setenv(f"WHYRAL_{name}_PORT", str(free_port()))
    with standing(tmp_path, accounts=1, epoch=EPOCH, port=pair_of_ports()) as made:
        for name in ("WHYRAL_SANDBOX", "WHYRAL_SANDBOX_PORT"):
            monkeypatch.setenv(name, made.environment[name])
        with pytest.raises(SourceUnavailable, match="WHYRAL_SANDBOX_PORT"):
            check_machine(Settings(), tmp_path, needed_bytes=0)

        for name, word in made.environment.items():
            monkeypatch.setenv(name, word)

        check_machine(Settings(), tmp_path, needed_bytes=0)
        assert not Settings().starts_sandbox


def test_a_short_link_of_the_world_is_followed_on_the_sandboxs_road(tmp_path, monkeypatch):
    with standing(tmp_path, accounts=11, epoch=EPOCH, port=pair_of_ports()) as made:
        for name, word in made.environment.items():
            monkeypatch.setenv(name, word)
        monkeypatch.setenv("WHYRAL_SANDBOX_PORT", made.url.rpartition(":")[2])
        post = made.world.all_posts("tiktok", at=made.clock.now())[0]
        links = platforms(PlatformOptions(**Settings().platforms)).links

        assert links is not None
        found = links.resolve(f"https://vm.tiktok.com/{short_code(post.native_id)}/")

        assert found == f"https://www.tiktok.com/@{post.creator.username}/video/{post.native_id}"
        assert made.net.refused == []


def test_a_restart_finds_the_same_world_and_a_wish_changes_it(tmp_path):
    with standing(tmp_path, seed=5, epoch=EPOCH, accounts=11) as first:
        pass
    with standing(tmp_path) as second:
        pass
    with standing(tmp_path, seed=6) as third:
        pass

    assert second.recipe == first.recipe
    assert [creator.native_id for creator in second.world.creators] == [creator.native_id for creator in first.world.creators]
    assert (third.recipe.seed, third.recipe.epoch) == (6, first.recipe.epoch)
    assert second.net.ca.read_bytes() == first.net.ca.read_bytes()


def test_a_first_world_is_made_around_today(tmp_path):
    with standing(tmp_path, accounts=2) as made:
        assert made.recipe.epoch <= datetime.now(UTC)
        assert (made.recipe.epoch.hour, made.recipe.seed) == (0, 1)


def test_the_truth_is_written_down(tmp_path):
    with standing(tmp_path, seed=5, epoch=EPOCH, accounts=13) as made:
        truth = json.loads(made.truth.read_text(encoding="utf-8"))

    assert truth["seed"] == 5
    assert truth["effects"] == dict(made.world.truth().effects)
    assert truth["breaks"]


def test_a_folder_that_cannot_be_read_says_what_to_do(tmp_path):
    (tmp_path / "world.json").write_text("{}", encoding="utf-8")

    with pytest.raises(Unacceptable, match="remove it"), standing(tmp_path):
        pass


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SourceUnavailable, match=f"{port} or {port + 1} cannot be had"), standing(tmp_path, port=port, accounts=2):
            pass


def test_the_clock_is_moved_from_outside(tmp_path):
    with standing(tmp_path, accounts=11, epoch=EPOCH) as made:
        before = made.clock.now()
        answer = httpx.post(f"{made.url}/_control/clock", json={"advance_seconds": 86_400}, trust_env=False).json()

    assert (datetime.fromisoformat(answer["now"]) - before).total_seconds() >= 86_400


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_stands_until_it_is_told_to_end(tmp_path, number):
    port = pair_of_ports()
    env = {**os.environ, "WHYRAL_HOME": str(tmp_path), "WHYRAL_SANDBOX_PORT": str(port)}
    command = [sys.executable, "-m", "cli", "sandbox", "--accounts", "11"]
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = "".join(process.stdout.readline() for _ in range(TOLD_LINES))
            answer = httpx.get(f"http://127.0.0.1:{port}/_control/log", trust_env=False)
        finally:
            process.send_signal(number)
        _, complaints = process.communicate(timeout=30)

    assert f"http://127.0.0.1:{port}" in said
    assert f"export WHYRAL_PLATFORM_PROXY=http://127.0.0.1:{port + 1}" in said
    assert answer.status_code == 200
    assert (process.returncode, complaints) == (0, "")
    assert (tmp_path / "sandbox" / "truth.json").is_file()
