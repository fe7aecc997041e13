"""From what PostgreSQL or the system says to one line that tells a person what to do. Nothing here starts or changes anything."""

from domain.errors import SourceUnavailable

SOURCE = "postgres"

_ADVICE = (
    ("No space left on device", "the disk under {where} is full; free some space and start again"),
    # What it says instead where the last block was written in part.
    ("Check free disk space", "the disk under {where} is full; free some space and start again"),
    ("Disk quota exceeded", "the disk quota for {where} is used up; free some space and start again"),
    ("Address already in use", "its port was taken by another program; choose another with WHYRAL_PG_PORT"),
    (
        "could not look up effective user ID",
        "the user it runs as has no entry in /etc/passwd; add one (useradd), run as a user who has one, or set DATABASE_URL",
    ),
    ("Read-only file system", "{where} is on a read-only disk; choose another folder with WHYRAL_HOME"),
    ("Permission denied", "{where} is not accessible to the user it runs as; give that user the folder or choose another with WHYRAL_HOME"),
    ("could not create shared memory", "the system gave no shared memory; enlarge /dev/shm or set DATABASE_URL"),
)


def trouble(detail: str) -> SourceUnavailable:
    return SourceUnavailable(SOURCE, detail)


def explained(said: str, *, where: object, otherwise: str) -> SourceUnavailable:
    """The advice for the first known trouble in what was said, else `otherwise` with the last thing said."""
    for sign, advice in _ADVICE:
        if sign in said:
            return trouble(advice.format(where=where))
    lines = [line for line in said.splitlines() if any(word in line for word in ("FATAL", "PANIC", "ERROR", "error", "leash"))]
    last = (lines or said.splitlines() or ["nothing"])[-1].strip()
    return trouble(f"{otherwise}; it said: {last}")
