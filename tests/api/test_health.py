"""Health for orchestrators and for people, and which service this is."""

from contextlib import closing

import pytest

from api.health import payments_state
from gateways.payment_providers import PaymentOptions, shops
from tests.api.conftest import Caller, FakeDagster, assert_problem


@pytest.mark.parametrize(
    "path", ["/health", "/health/live", "/api/v1/health", "/api/v1/health/live", "/health/ready", "/api/v1/health/ready"]
)
def test_health_answers_without_a_credential(nobody: Caller, path: str) -> None:
    answer = nobody.client.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


def test_the_root_says_which_service_this_is(nobody: Caller) -> None:
    assert nobody.client.get("/").json() == {"service": "whyral", "version": "1.0.0", "status": "operational", "docs": "/docs"}


def test_details_are_not_for_everybody(nobody: Caller) -> None:
    assert_problem(nobody.get("/health/detailed"), 401, "unauthenticated")


def test_details_name_each_part(mine: Caller, dagster: FakeDagster) -> None:
    assert mine.get("/health/detailed").json() == {
        "status": "healthy",
        "components": {"database": "healthy", "files": "healthy", "dagster_webserver": "healthy"},
    }


def test_one_part_that_is_not_well_degrades_the_whole(reader: Caller, dagster: FakeDagster) -> None:
    dagster.health = {"dagster_webserver": "healthy", "dagster_daemon": "no heartbeat: sensor"}

    told = reader.get("/health/detailed").json()

    assert (told["status"], told["components"]["dagster_daemon"]) == ("degraded", "no heartbeat: sensor")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (PaymentOptions(), {}),
        (PaymentOptions(stripe_key="sk_test_1", stripe_webhook_secrets=("whsec_1",)), {"payments": "healthy"}),
        (PaymentOptions(stripe_key="sk_test_1"), {"payments": "no webhook secret for stripe"}),
        (PaymentOptions(seller="dodo", stripe_key="sk_test_1"), {"payments": "dodo sells new plans, and has no key"}),
        (
            PaymentOptions(stripe_key="sk_test_1", stripe_webhook_secrets=("whsec_1",), dodo_key="x"),
            {"payments": "no webhook secret for dodo"},
        ),
    ],
)
def test_payments_are_a_part_where_they_are_set_up(options: PaymentOptions, told: dict[str, str]) -> None:
    with closing(shops(options)) as made:
        assert payments_state(made) == told
