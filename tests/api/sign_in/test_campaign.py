"""Thousands of attacks on every way to sign in: no session, no user, no link comes of any. `make fuzz-signin` makes all of them."""

import os
from collections import Counter
from random import Random

import pytest

from tests.api.conftest import FakeDagster
from tests.api.sign_in.campaign import ATTACKS, Victim, came_to, lets_in, told
from tests.api.sign_in.harness import Place

FULL = 3_000
SEED = int(os.environ.get("WHYRAL_FUZZ_SEED", "35"))


def make(place: Place, name: str, rng: Random, victim: Victim) -> int:
    """One attack; how many requests it was. Fails where anything came of it."""
    place.superuser.execute("delete from rate_limits")
    made = ATTACKS[name](place, rng, victim)
    place.unhurried()
    before = came_to(place)
    answers = made()
    assert came_to(place) == before, f"{name}: {told(answers)}"
    assert not any(lets_in(each) for each in answers), f"{name}: {told(answers)}"
    assert all(each.status_code < 500 or each.status_code in (502, 503) for each in answers), f"{name}: {told(answers)}"
    return len(answers)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_comes_to_anything(place: Place, dagster: FakeDagster, name: str) -> None:
    rng, victim = Random(f"{SEED}:{name}"), Victim(place.user())

    assert sum(make(place, name, rng, victim) for _ in range(2)) >= 2


@pytest.mark.fuzz
def test_thousands_of_attacks_come_to_nothing(place: Place, dagster: FakeDagster) -> None:
    rng, victim = Random(SEED), Victim(place.user())
    names, requests, tries = list(ATTACKS), 0, Counter[str]()
    for number in range(FULL):
        name = names[number % len(names)]
        requests += make(place, name, rng, victim)
        tries[name] += 1

    print(f"seed {SEED}: {sum(tries.values())} attacks of {len(tries)} kinds, {requests} requests, 0 sessions, 0 users, 0 links")  # noqa: T201
