"""`python -m bench.harness.logins CALLERS SECONDS`: so many callers check passwords for so long; JSON of what it came to."""

import json
import resource
import sys
import threading
import time

from domain.errors import SourceUnavailable
from gateways.credentials import Passwords

RIGHT = "correct horse battery staple"


def main() -> None:
    callers, seconds = int(sys.argv[1]), float(sys.argv[2])
    passwords, deadline = Passwords(), time.monotonic() + seconds
    known, counts, lock = passwords.hash(RIGHT), {"checked": 0, "refused": 0}, threading.Lock()

    def call(number: int) -> None:
        word = RIGHT if number % 2 else "wrong"
        while time.monotonic() < deadline:
            try:
                assert passwords.verify(word, known) == (number % 2 == 1)
                came_to = "checked"
            except SourceUnavailable:
                came_to = "refused"
            with lock:
                counts[came_to] += 1

    began = time.monotonic()
    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**counts, "seconds": time.monotonic() - began, "peak_bytes": peak}))


if __name__ == "__main__":
    main()
