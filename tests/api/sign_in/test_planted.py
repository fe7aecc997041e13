"""The campaign is itself put to the test: with one check taken out, the attack that it stands against must be noticed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from domain.sign_in import ExternalIdentity, Person
from gateways.google_sign_in import GoogleSignIn
from gateways.oidc import IdentityTokens
from services import signing_in
from services.consents import Browser
from store.sign_ins import SignIns
from tests.api.conftest import FakeDagster
from tests.api.sign_in.campaign import Victim
from tests.api.sign_in.harness import Place
from tests.api.sign_in.test_campaign import make

pytestmark = pytest.mark.fuzz

Plant = Callable[[pytest.MonkeyPatch], None]
_identity, _find = IdentityTokens.identity, SignIns.find


def no_nonce(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(IdentityTokens, "identity", lambda self, token, **_: _identity(self, token))


def no_names(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(IdentityTokens, "_check_names", lambda *_: None)


def no_times(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(IdentityTokens, "_check_times", lambda *_: datetime.now(UTC) + timedelta(minutes=1))


def no_memory_of_tokens(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SignIns, "use_once", lambda *_: True)


def no_verified_address(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ExternalIdentity, "verified_email", property(lambda self: self.email))


def no_issuer_of_the_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(GoogleSignIn, "is_issuer", lambda *_: True)


def no_browser(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Browser, "hash", property(lambda _: b"the same"))


def no_own_paths(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signing_in, "checked_return", lambda path: path)


def linked_by_address(patch: pytest.MonkeyPatch) -> None:
    def find(self: SignIns, who: ExternalIdentity) -> Person | None:
        row = self._run("select * from app.login(:email)", email=who.email or "").first()
        return _find(self, who) or (Person(row.user_id, row.is_active, tuple(row.tenants)) if row else None)

    patch.setattr(SignIns, "find", find)


PLANTED: list[tuple[Plant, str]] = [
    (no_nonce, "stolen_code_without_pkce"),
    (no_nonce, "nonce_changed"),
    (no_names, "identity_token_says_otherwise"),
    (no_names, "token_says_otherwise"),
    (no_times, "identity_token_says_otherwise"),
    (no_times, "token_says_otherwise"),
    (no_memory_of_tokens, "token_replayed"),
    (no_verified_address, "address_not_verified"),
    (no_issuer_of_the_answer, "another_issuer_answers"),
    (no_browser, "state_of_another_browser"),
    (no_browser, "victim_links_the_attackers_consent"),
    (no_own_paths, "led_elsewhere"),
    (linked_by_address, "address_of_the_victim"),
]


@pytest.mark.parametrize(("plant", "name"), PLANTED, ids=[f"{plant.__name__}, {name}" for plant, name in PLANTED])
def test_a_check_that_is_missing_is_noticed(
    place: Place, dagster: FakeDagster, monkeypatch: pytest.MonkeyPatch, plant: Plant, name: str
) -> None:
    make(place, name, Random(0), Victim(place.user()))
    plant(monkeypatch)
    rng, victim = Random(5), Victim(place.user())

    with pytest.raises(AssertionError, match=f"^{name}: "):
        sum(make(place, name, rng, victim) for _ in range(25))
