"""For how long bytes and logs are kept. Which rows that makes due is in `store.leaving`, letting them go in `services.letting_go`."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class BytesKept:
    """`video`: a source after its last use, a clip after its publication; `thumbnail`: of a clip, after its publication."""

    video: timedelta = timedelta(days=7)
    thumbnail: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LogsKept:
    """`access`: calls of the API; `auth`: sign-ins, and the addresses that audit logs name."""

    access: timedelta = timedelta(days=30)
    auth: timedelta = timedelta(days=90)
