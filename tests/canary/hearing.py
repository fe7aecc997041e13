"""Lines of the app's log, as they come: some are written long after their call is answered, by a thread that keeps many at once."""

from collections import deque


class Heard:
    """Stands where the log is printed to. What any thread has written is taken once, and none is lost between two looks."""

    def __init__(self) -> None:
        self._parts: deque[str] = deque()

    def write(self, words: str) -> int:
        self._parts.append(words)
        return len(words)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> str:
        found = []
        while self._parts:
            found.append(self._parts.popleft())
        return "".join(found)
