"""Many callers at once, for claims about concurrency."""

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def at_once(callers: int, call: Callable[[int], Answer]) -> list[Answer | Exception]:
    """What each caller got, errors among it. All start together."""
    answers: list[Answer | Exception] = []
    gate = threading.Barrier(callers)

    def run(number: int) -> None:
        gate.wait()
        try:
            answers.append(call(number))
        except Exception as error:  # noqa: BLE001 - the test looks at what each caller met
            answers.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
