"""For how long bytes are kept. Which rows that makes due is in `store.leaving`, letting them go in `services.letting_go`."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class BytesKept:
    """`video`: a source after its last use, a clip after its publication; `thumbnail`: of a clip, after its publication."""

    video: timedelta = timedelta(days=7)
    thumbnail: timedelta = timedelta(days=30)
