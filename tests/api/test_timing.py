"""Whether an address is registered is not told by the time that an answer takes (M29)."""

import itertools
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import Message, Receive, Scope, Send

from domain.errors import Unauthenticated
from gateways.credentials import Passwords
from services.logins import Attempt, proven
from services.sessions import Caller as From
from store.database import Database
from tests.api.conftest import Caller
from tests.api.signing_in import make_user

Taken = tuple[list[float], list[float], list[float]]


@pytest.mark.parametrize("is_marked", [False, True])
def test_a_wrong_password_takes_the_same_statements_whether_the_address_is_registered(database: Database, *, is_marked: bool) -> None:
    device, asked = (b"a browser that others logged in from" if is_marked else None), dict[str, list[str]]()
    for email in (make_user(database).email, f"{uuid4().hex}@example.org"):
        heard: list[str] = asked.setdefault(email, [])

        def hear(*words: Any, heard: list[str] = heard) -> None:
            heard.append(words[2])

        sa.event.listen(database._engine, "before_cursor_execute", hear)
        with pytest.raises(Unauthenticated):
            proven(database, Passwords(), Attempt(email, From("2001:db8::7"), device), "a wrong password")
        sa.event.remove(database._engine, "before_cursor_execute", hear)
    of_known, of_unknown = asked.values()

    assert of_known == of_unknown
    assert len(of_known) > 3


@pytest.mark.fuzz
def test_an_answer_takes_as_long_whether_the_address_is_registered(
    client: TestClient[Litestar], database: Database, superuser: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """What two unknown addresses differ by is the machine's doing."""
    rounds, email = int(os.environ.get("WHYRAL_FUZZ_ROUNDS", "300")), make_user(database).email
    client.cookies.clear()
    login = timed(client, superuser, rounds, lambda each: {"email": each, "password": "a wrong password"}, "/auth/login", email)
    reset = timed(client, superuser, rounds, lambda each: {"email": each}, "/auth/password-reset", email)

    for name, taken in {"login": login, "password reset": reset}.items():
        for who, first, second in (("a known and an unknown address", *taken[:2]), ("two unknown ones", *taken[1:])):
            with capsys.disabled():
                print(f"\n{name}, {rounds} rounds: {who} {apart(first, second)}")  # noqa: T201 - what a campaign is run for
        known_by, unknown_by = (abs(middle(first) - middle(second)) for first, second in (taken[:2], taken[1:]))
        assert known_by <= unknown_by + 2


def middle(seconds: Sequence[float]) -> float:
    """The median, in milliseconds."""
    return statistics.median(seconds) * 1000


def apart(first: Sequence[float], second: Sequence[float]) -> str:
    p95 = abs(statistics.quantiles(first, n=20)[-1] - statistics.quantiles(second, n=20)[-1]) * 1000
    return f"differ by {abs(middle(first) - middle(second)):.2f} ms (median of {middle(second):.1f}), {p95:.2f} ms (p95)"


def timed(
    client: TestClient[Litestar],
    superuser: psycopg.Connection[Any],
    rounds: int,
    body: Callable[[str], dict[str, str]],
    path: str,
    email: str,
) -> Taken:
    """Seconds until the answer is whole, in turn for a known address and for two unknown ones."""
    taken: Taken = ([], [], [])
    orders = tuple(itertools.permutations(range(3)))
    with answers_noted(client.app) as answered:
        for number in range(rounds):
            for place in orders[number % len(orders)]:
                superuser.execute("delete from rate_limits")
                words = body(email if place == 0 else f"{uuid4().hex}@example.org")
                began = perf_counter()
                Caller(client).post(path, words)
                taken[place].append(answered[-1] - began)
    return taken


@contextmanager
def answers_noted(app: Litestar) -> Iterator[list[float]]:
    """When each answer had left the app: what is done behind it is not waited for by whoever asks."""
    inner, answered = app.asgi_handler, list[float]()

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message["more_body"]:
                answered.append(perf_counter())

        await inner(scope, receive, noted)

    app.asgi_handler = noting
    try:
        yield answered
    finally:
        app.asgi_handler = inner
