"""Refresh tokens against a model, with time that passes by moving a session's own moments back (M19)."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from domain.errors import Unauthenticated
from domain.sessions import SESSION_ENDS, SESSION_LIFE, Verdict
from services.sessions import Caller, open_session, refresh
from store.database import Database, SessionEntry
from tests.conftest import Member, TestUrls

GRACE, LIFE, ENDS = 10, SESSION_LIFE.total_seconds(), SESSION_ENDS.total_seconds()
SOMEBODY = Caller("203.0.113.5")


class Crash(Exception):
    """The process died here."""


@pytest.fixture
def superuser(urls: TestUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        yield connection


class Refreshes(RuleBasedStateMachine):
    """What is known of one session: the newest counter, how long ago it came, how old the session is, and whether it lives."""

    database: Database
    member: Member
    clock: psycopg.Connection[Any]
    sequences = 0

    @initialize()
    def log_in(self) -> None:
        with self.database.begin_anonymous() as uow:
            self.session_id = open_session(uow, user_id=self.member.user_id, tenant_id=self.member.tenant_id, kind="tokens").session_id
        self.newest, self.since, self.idle, self.age, self.is_live = 0, 0.0, 0.0, 0.0, True
        type(self).sequences += 1

    @rule(back=st.integers(0, 4))
    def use_a_token(self, back: int) -> None:
        """The newest one, its ancestor, or any older one."""
        counter = max(0, self.newest - back)
        expected = self._expected(counter)
        if expected is None:
            with pytest.raises(Unauthenticated):
                refresh(self.database, self.session_id, counter, SOMEBODY)
            self.is_live = False
        else:
            assert refresh(self.database, self.session_id, counter, SOMEBODY).counter == expected
            self._rotated(expected)

    @rule()
    def lose_the_answer(self) -> None:
        """It was committed, and the honest client never heard: it still holds the older token."""
        self.use_a_token(0)

    @rule(back=st.integers(0, 1))
    def crash_before_the_commit(self, back: int) -> None:
        """Nothing happened: neither a rotation nor an end."""
        with suppress(Crash), self.database.begin_anonymous() as uow:
            uow.sessions.refresh(self.session_id, max(0, self.newest - back))
            raise Crash

    @rule()
    def use_a_token_that_was_never_given(self) -> None:
        with pytest.raises(Unauthenticated):
            refresh(self.database, self.session_id, self.newest + 1, SOMEBODY)
        self.is_live = False

    # Far from every edge: what the machine itself takes counts as well.
    @rule(seconds=st.sampled_from([6, 6, 60, 86_400, 3 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.clock.execute(
            "update sessions set rotated_at = rotated_at - %(ago)s, expires_at = expires_at - %(ago)s, ends_at = ends_at - %(ago)s"
            " where session_id = %(id)s",
            {"ago": timedelta(seconds=seconds), "id": self.session_id},
        )
        self.since, self.idle, self.age = self.since + seconds, self.idle + seconds, self.age + seconds

    @precondition(lambda self: self.is_live)
    @rule()
    def log_out(self) -> None:
        with self.database.begin_anonymous() as uow:
            uow.sessions.end(self.session_id, "logout")
        self.is_live = False

    @rule()
    def the_session_opens_the_door_while_it_lives(self) -> None:
        assert is_open(self.database, self.session_id) is self._lives()

    def _lives(self) -> bool:
        return self.is_live and self.idle < LIFE and self.age < ENDS

    def _expected(self, counter: int) -> int | None:
        """The counter that is answered; None where the session ends, or did."""
        if not self._lives():
            return None
        if counter == self.newest:
            return counter + 1
        return self.newest if counter == self.newest - 1 and self.since < GRACE else None

    def _rotated(self, counter: int) -> None:
        if counter != self.newest:
            self.newest, self.since, self.idle = counter, 0.0, 0.0


def is_open(database: Database, session_id: UUID) -> bool:
    try:
        with database.begin(SessionEntry(session_id)):
            return True
    except Unauthenticated:
        return False


def run(database: Database, member: Member, superuser: psycopg.Connection[Any], sequences: int) -> int:
    machine: Any = type("Running", (Refreshes,), {"database": database, "member": member, "clock": superuser, "sequences": 0})
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    wanted = settings(max_examples=sequences, stateful_step_count=20, deadline=None, suppress_health_check=quiet, database=None)
    run_state_machine_as_test(machine, settings=wanted)
    return int(machine.sequences)


def test_refresh_tokens_do_what_the_model_says(database: Database, member: Member, superuser: psycopg.Connection[Any]) -> None:
    assert run(database, member, superuser, 30) >= 30


@pytest.mark.fuzz
def test_refresh_tokens_do_what_the_model_says_ten_thousand_times(
    database: Database, member: Member, superuser: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = int(os.environ.get("WHYRAL_FUZZ_SEQUENCES", "10000"))

    found = run(database, member, superuser, wanted)

    with capsys.disabled():
        print(f"\nrefresh tokens: {found} sequences, no deviation")  # noqa: T201 - what a campaign is run for


def test_fifty_at_once_with_one_token_get_one_successor(database: Database, member: Member) -> None:
    with database.begin_anonymous() as uow:
        session_id = open_session(uow, user_id=member.user_id, tenant_id=member.tenant_id, kind="tokens").session_id
    gate = threading.Barrier(10)

    def use(_: int) -> tuple[Verdict, int]:
        gate.wait(30)
        found = refresh(database, session_id, 0, SOMEBODY)
        return found.verdict, found.counter

    with ThreadPoolExecutor(10) as threads:
        told = list(threads.map(use, range(50)))

    assert sorted(told, key=str) == [*[(Verdict.REPEATED, 1)] * 49, (Verdict.ROTATED, 1)]
    assert is_open(database, session_id)


def test_fifty_at_once_with_an_ancestor_end_the_session_and_leave_nobody_in(
    database: Database, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    with database.begin_anonymous() as uow:
        session_id = open_session(uow, user_id=member.user_id, tenant_id=member.tenant_id, kind="tokens").session_id
    for counter in range(3):
        refresh(database, session_id, counter, SOMEBODY)

    def use(counter: int) -> bool:
        try:
            return refresh(database, session_id, counter, SOMEBODY).is_good
        except Unauthenticated:
            return False

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(use, [0, 3, 1, 2] * 12 + [0, 0]))

    assert not is_open(database, session_id)
    assert not use(3)
    assert not use(4)
    kept = superuser.execute("select end_reason, count(*) over () from sessions where session_id = %s", (session_id,)).fetchone()
    assert kept == ("refresh_token_reused", 1)
    noted = superuser.execute("select count(*) from auth_events where user_id = %s and reason = 'refresh_token_reused'", (member.user_id,))
    assert noted.fetchone() == (1,)


def test_another_users_sessions_are_neither_listed_nor_ended(database: Database, member: Member, other: Member) -> None:
    opened = {}
    for who in (member, other):
        with database.begin_anonymous() as uow:
            opened[who] = open_session(uow, user_id=who.user_id, tenant_id=who.tenant_id, kind="tokens").session_id

    with database.begin(SessionEntry(opened[member])) as uow:
        assert [each.session_id for each in uow.sessions.own()] == [opened[member]]
        assert uow.sessions.end_own("x", session_id=opened[other]) == 0
        assert uow.sessions.end_own("x") == 1

    assert is_open(database, opened[other])
    with database.begin(other.tenant_id) as uow:
        assert uow.sessions.own() == [], "nobody entered as a user"
        assert uow.sessions.end_own("x") == 0
