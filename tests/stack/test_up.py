"""Stopping, dying and starting again: `whyral up` leaves nothing behind, keeps the data, and brings back what ended."""

import signal

import httpx
import pytest

from tests.stack.running import Whyral, Workspace, is_gone, refused, tell, until

pytestmark = pytest.mark.stack

# The promise is 30 s on two free cores; a test session leaves us less of them, so the test only ends what hangs.
READY_SECONDS = 90


def test_ctrl_c_ends_everything_and_the_next_start_has_the_data(stack: Whyral, workspace: Workspace) -> None:
    request_id = workspace.ask()
    family = stack.family()

    code = stack.stop(signal.SIGINT)

    assert code == 0
    assert [each for each in family if not is_gone(each)] == []
    assert stack.remains() == []
    seconds = stack.start()
    tell(f"second start: ready after {seconds:.1f} s")
    assert seconds < READY_SECONDS
    assert workspace.ended(request_id)["state"] == "succeeded"


@pytest.mark.chaos
def test_after_a_kill_the_next_start_ends_what_was_left_and_works(stack: Whyral, workspace: Workspace) -> None:
    assert stack.process is not None
    family = stack.family()
    stack.process.kill()
    stack.process.wait()

    stack.start()

    assert [each for each in family if not is_gone(each)] == []
    assert workspace.ended(workspace.ask())["state"] == "succeeded"


@pytest.mark.chaos
@pytest.mark.parametrize("part", ["api", "postgres"])
def test_a_part_that_ends_is_started_again(stack: Whyral, workspace: Workspace, part: str) -> None:
    killed = stack.kill(part)

    until(lambda: stack.pid(part) != killed.pid, f"another {part}")

    until(lambda: is_served(workspace), "the API answers")


def is_served(workspace: Workspace) -> bool:
    try:
        return workspace.http.get("/me").status_code == 200
    except httpx.TransportError:
        return False


def test_a_second_start_on_the_same_home_is_refused(stack: Whyral) -> None:
    assert stack.process is not None
    assert refused(stack) == f"whyral: whyral: already runs on {stack.home} (process {stack.process.pid}): stop it first"


@pytest.mark.chaos
def test_ctrl_c_while_it_starts_ends_everything_too(whyral: Whyral) -> None:
    if whyral.process is not None:
        whyral.stop()
    whyral.spawn()
    until(lambda: whyral.has_child("api"), "the first children")

    code = whyral.stop(signal.SIGINT)

    assert (code, whyral.remains()) == (0, [])
