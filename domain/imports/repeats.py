"""One video at one moment has one set of figures. Repeats inside a file are found here; across files the store finds them."""

from domain.observations import Observed

REMEMBERED = 500_000


class Repeats:
    """Remembers the last observations of a file by 64-bit marks, so that memory stays bounded however long the file is."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._marks: dict[int, int] = {}

    def reason(self, observed: Observed) -> str | None:
        """Why the row is a repeat, or None."""
        subject = hash((_subject(observed), observed.observed_at))
        said = hash((observed.account, observed.video, observed.counters, tuple(observed.owner_metrics.items())))
        before = self._marks.get(subject)
        if before is not None:
            what = "day" if observed.day else "video" if observed.video else "account"
            return f"repeats an earlier row: same {what}, same moment, " + ("same values" if before == said else "but other values")
        self._marks[subject] = said
        if len(self._marks) > self._remembered:
            del self._marks[next(iter(self._marks))]
        return None


def _subject(observed: Observed) -> tuple[str, ...]:
    account = observed.account
    if observed.day:
        return ("day", account.platform, account.external_id or "", observed.day.isoformat())
    if observed.video:
        return ("video", account.platform, observed.video.external_id)
    return ("account", account.platform, account.external_id or "", account.username or "", account.title or "")
