"""`whyral billing` and the doctor's lines about money, by the real SDK on the sandbox's Stripe."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

import cli
import paying
from domain.billing.shelf import EVENTS, wares
from sandbox.stripe.opening import open_shop
from settings import Settings
from store.plans import packaged
from tests.gateways.shops import Shop, shop
from up import sandbox_shop

KEYS = [each.lookup_key for each in wares(packaged().plans)]


@pytest.fixture
def empty() -> Iterator[Shop]:
    """An account in which nothing was set up."""
    with shop(prices={}) as made:
        yield made


def ask(there: Shop, home: Path, *words: str) -> Result:
    environment = {"WHYRAL_HOME": str(home), "WHYRAL_STRIPE_SECRET_KEY": "sk_test_51AbCdEf", "WHYRAL_STRIPE_URL": there.url}
    return CliRunner().invoke(cli.main, ["billing", "prices", *words], env=environment)


def rows(result: Result) -> dict[str, Any]:
    return {each["lookup_key"]: each["verdict"] for each in json.loads(result.stdout)}


def test_looking_makes_nothing(empty: Shop, tmp_path: Path) -> None:
    looked = ask(empty, tmp_path, "--output", "json")

    assert (looked.exit_code, rows(looked)) == (1, dict.fromkeys(KEYS, "lacking"))
    assert empty.sdk.prices.list().data == []


def test_what_lacks_is_made_once_and_then_everything_is_right(empty: Shop, tmp_path: Path) -> None:
    made, again = (ask(empty, tmp_path, "--make", "--output", "json") for _ in range(2))

    assert [made.exit_code, again.exit_code] == [0, 0]
    assert rows(again) == dict.fromkeys(KEYS, "right")
    there = list(empty.sdk.prices.list({"limit": 100}).auto_paging_iter())
    assert sorted(each.lookup_key or "" for each in there) == sorted(KEYS)
    assert len({each.product for each in there}) == len({each.plan for each in wares(packaged().plans)})
    bought = empty.subscribed("growth_yearly")
    assert (bought.price, bought.unit_amount_cents, bought.interval) == ("growth_yearly", 99_000, "year")


def test_a_price_that_differs_is_told_and_left_alone(empty: Shop, tmp_path: Path) -> None:
    ask(empty, tmp_path, "--make")
    (price,) = empty.sdk.prices.list({"lookup_keys": ["scale_monthly"]}).data
    empty.service.books.kept[price.id]["unit_amount"] = 1

    told = ask(empty, tmp_path, "--make", "--output", "json")

    assert (told.exit_code, rows(told)["scale_monthly"]) == (1, "differs")
    assert "cannot be changed" in told.stderr
    assert empty.sdk.prices.retrieve(price.id).unit_amount == 1


def test_prices_that_were_made_by_hand_are_marked_with_their_names(empty: Shop, tmp_path: Path) -> None:
    open_shop(empty.service.books, sandbox_shop(8000))
    bought = empty.subscribed("growth_monthly")

    assert ask(empty, tmp_path, "--make").exit_code == 0
    empty.sdk.prices.create(
        {
            "product": str(empty.sdk.prices.retrieve(bought.price_id or "").product), "currency": "usd", "unit_amount": 12_900,
            "recurring": {"interval": "month"}, "lookup_key": "growth_monthly", "transfer_lookup_key": True,
        }
    )  # fmt: skip
    assert empty.again(bought).price == "growth_monthly"


def test_a_price_that_was_sold_as_another_one_differs(empty: Shop, tmp_path: Path) -> None:
    ask(empty, tmp_path, "--make")
    (price,) = empty.sdk.prices.list({"lookup_keys": ["scale_monthly"]}).data
    empty.sdk.prices.update(price.id, {"metadata": {"whyral_price": "starter_monthly"}})

    told = ask(empty, tmp_path, "--output", "json")

    assert (told.exit_code, rows(told)["scale_monthly"]) == (1, "differs")
    assert "sold as starter_monthly before" in told.stdout


def test_without_a_key_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    told = CliRunner().invoke(cli.main, ["billing", "prices"], env={"WHYRAL_HOME": str(tmp_path)})

    assert (told.exit_code, "WHYRAL_STRIPE_SECRET_KEY is not set" in told.stderr) == (1, True)


def found(settings: Settings, *, is_sandbox: bool = False) -> dict[str, tuple[str, str]]:
    return {each.check: (each.level.value, each.found) for each in paying.findings(settings, is_sandbox=is_sandbox)}


def test_the_doctor_finds_a_running_sandbox_well(empty: Shop, tmp_path: Path) -> None:
    open_shop(empty.service.books, sandbox_shop(8000))

    told = found(Settings(home=tmp_path, stripe_url=empty.url), is_sandbox=True)

    assert [level for level, _ in told.values()] == ["ok", "ok", "ok"]
    assert told["payment webhooks"][1] == "Stripe tells http://127.0.0.1:8000/api/v1/billing/webhooks/stripe"


def test_the_doctor_finds_what_a_new_account_lacks(empty: Shop, tmp_path: Path) -> None:
    told = found(Settings(home=tmp_path, stripe_secret_key=SecretStr("sk_test_1"), stripe_url=empty.url, public_url="https://us.example"))

    assert {check: level for check, (level, _) in told.items()} == {
        "payments": "warn", "payment prices": "fail", "payment webhooks": "fail",
    }  # fmt: skip


def test_a_key_that_is_not_accepted_is_told(empty: Shop, tmp_path: Path) -> None:
    told = found(Settings(home=tmp_path, stripe_secret_key=SecretStr("revoked"), stripe_url=empty.url))

    assert told["payment prices"] == ("fail", "stripe: the secret key is not accepted, or may not do this")


def test_a_sandbox_that_is_down_fails_nothing(tmp_path: Path) -> None:
    told = found(Settings(home=tmp_path, sandbox=True, stripe_url="http://127.0.0.1:9"), is_sandbox=True)

    assert told["payment prices"] == ("warn", "not running")


def test_dodos_products_are_counted_without_asking(tmp_path: Path) -> None:
    named = ",".join(f"{key}=pdt_{number}" for number, key in enumerate(KEYS[1:]))

    told = found(
        Settings(
            home=tmp_path, billing_provider="dodo", dodo_api_key=SecretStr("x"), dodo_webhook_secret=SecretStr("y"), dodo_products=named
        )
    )

    assert told == {"payments": ("ok", "new plans are sold by dodo"), "payment products": ("fail", f"no product of Dodo's for: {KEYS[0]}")}


def test_the_guide_names_every_event_that_the_endpoint_needs() -> None:
    guide = (Path(cli.__file__).parent / "docs" / "guides" / "billing.md").read_text(encoding="utf-8")

    assert [event for event in EVENTS if f"`{event}`" not in guide] == []
