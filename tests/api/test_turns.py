"""A few handlers run at once, in the order in which they came; who takes long holds nobody up."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from api.turns import Turns

SECONDS = 10.0


class Clockwork:
    """A loop's `call_later`, rung by hand."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def later(self, _: float, call: Callable[[], None]) -> None:
        self.due.append(call)

    def ring(self) -> None:
        due, self.due = self.due, []
        for call in due:
            call()


@contextmanager
def turns(clock: Clockwork, *, threads: int = 4, at_once: int = 1, patience: float = 0.0) -> Iterator[Turns]:
    made = Turns(threads, clock.later, at_once=at_once, patience=patience)
    try:
        yield made
    finally:
        made.shutdown()


def holding(made: Turns, aside: bool = False) -> tuple[threading.Event, Future[bool]]:
    """A call that has begun and goes on until its event is set."""
    begun, goes_on = threading.Event(), threading.Event()

    def call() -> bool:
        if aside:
            made.step_aside()
        begun.set()
        return goes_on.wait(SECONDS)

    future = made.submit(call)
    assert begun.wait(SECONDS)
    return goes_on, future


def test_calls_run_in_the_order_in_which_they_came() -> None:
    ran: list[int] = []

    with turns(Clockwork()) as made:
        goes_on, _ = holding(made)
        calls = [made.submit(ran.append, number) for number in range(20)]
        waited = list(ran)
        goes_on.set()
        [each.result(SECONDS) for each in calls]

    assert (waited, ran) == ([], list(range(20)))


def test_no_more_run_at_once_than_have_a_turn() -> None:
    lock, seen, running = threading.Lock(), [0], 0

    def call() -> None:
        nonlocal running
        with lock:
            running += 1
            seen.append(running)
        with lock:
            running -= 1

    with turns(Clockwork(), threads=8, at_once=2) as made:
        [each.result(SECONDS) for each in [made.submit(call) for _ in range(300)]]

    assert max(seen) <= 2


def test_who_takes_long_holds_nobody_up() -> None:
    clock = Clockwork()

    with turns(clock) as made:
        goes_on, long = holding(made)
        quick = made.submit(lambda: "quick")
        clock.ring()
        answered = quick.result(SECONDS)
        goes_on.set()

    assert (answered, long.result(SECONDS)) == ("quick", True)


def test_who_steps_aside_gives_up_the_turn_at_once() -> None:
    with turns(Clockwork()) as made:
        goes_on, long = holding(made, aside=True)
        answered = made.submit(lambda: "quick").result(SECONDS)
        goes_on.set()

    assert (answered, long.result(SECONDS)) == ("quick", True)


def test_who_stepped_aside_is_not_counted_twice() -> None:
    with turns(Clockwork()) as made:
        goes_on, _ = holding(made, aside=True)
        again, _ = holding(made)
        waiting = made.submit(lambda: "after both")
        goes_on.set()
        is_early = waiting.done()
        again.set()

        assert (is_early, waiting.result(SECONDS)) == (False, "after both")


def test_an_error_reaches_who_waits_for_it_and_the_next_call_runs() -> None:
    with turns(Clockwork()) as made:
        failing, fine = made.submit(lambda: 1 / 0), made.submit(lambda: 1)

        with pytest.raises(ZeroDivisionError):
            failing.result(SECONDS)
        assert fine.result(SECONDS) == 1


def test_who_still_waits_at_the_end_is_canceled() -> None:
    clock = Clockwork()
    with turns(clock) as made:
        goes_on, running = holding(made)
        waiting = made.submit(lambda: 1)

        made.shutdown(wait=False, cancel_futures=True)
        goes_on.set()

    assert (waiting.cancelled(), running.result(SECONDS)) == (True, True)


def test_nobody_is_looked_after_while_nobody_waits() -> None:
    clock = Clockwork()

    with turns(clock) as made:
        [made.submit(lambda: 1).result(SECONDS) for _ in range(3)]
        idle = len(clock.due)
        goes_on, _ = holding(made)
        waiting = [made.submit(lambda: 1) for _ in range(3)]
        watched = len(clock.due)
        goes_on.set()
        [each.result(SECONDS) for each in waiting]
        clock.ring()

    assert (idle <= 3, watched - idle <= 1, len(clock.due)) == (True, True, 0)
