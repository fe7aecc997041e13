"""What stands above every published figure: n, age, method, the release it is from, and whether newer data are there."""

from collections.abc import Callable, Hashable
from datetime import datetime
from importlib.metadata import version
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from api.answers import Answer
from api.figures import Computed, MethodOut
from api.reading import Reading
from domain.analytics import Method
from store.glance import Glance
from store.releases import Head

NONE_YET = "nothing is published yet: import videos, or ask for a request of kind insights"
JSON = "application/json"
VERSION = version("whyral")


class Published(Computed, frozen=True, kw_only=True):
    """A part of a release. `computed_at`: when it was published; `stale`: videos were seen since; `note`: why there is nothing."""

    release_id: UUID | None
    computed_at: datetime | None
    stale: bool
    note: str | None


def frame(release: Head | None, section: str, *, n: int | None = None, note: str | None = None) -> dict[str, Any]:
    """The fields of `Published`; before the first release they say so. `n`: if not all that the release read."""
    if release is None:
        method = MethodOut.of(Method("not-published-yet", section))
        return {"n": 0, "as_of": None, "newest_observation": None, "method": method, "release_id": None, "computed_at": None,
                "stale": False, "note": note or NONE_YET}  # fmt: skip
    return {
        "n": release.inputs_count if n is None else n, "as_of": release.as_of, "newest_observation": release.newest_observation,
        "method": MethodOut.of(Method(release.method, section)), "release_id": release.release_id, "computed_at": release.created_at,
        "stale": release.is_stale, "note": note,
    }  # fmt: skip


def raw(text: str) -> msgspec.Raw:
    """JSON text as it is kept, to stand in an answer."""
    return msgspec.Raw(text.encode())


def as_kept(shape: Published) -> Response[bytes]:
    """An answer with kept JSON in it, encoded here: nothing of it is looked at again. It changes with its release alone."""
    return _tagged(msgspec.json.encode(shape), _tag(shape))


def published(reading: Reading, kind: str, asked: Hashable | None, made: Callable[[], tuple[UUID, Published]]) -> Response[bytes]:
    """The answer of before where it is still true, else what `made` reads: (workspace, answer).

    `asked`: what it hangs on besides the newest release of a kind; None where that is more, as a moment or an account, and it is not kept.
    """
    place = reading.entry, kind, asked
    known = reading.answers.get(place) if asked is not None else None
    if known is not None and reading.database.glance(reading.entry, kind) == known.proof:
        return _tagged(known.body, known.tag)
    tenant_id, shape = made()
    body, tag = msgspec.json.encode(shape), _tag(shape)
    if asked is not None and shape.release_id is not None:
        reading.answers.put(place, Answer(Glance(tenant_id, shape.release_id, shape.stale), body, tag))
    return _tagged(body, tag)


def _tag(shape: Published) -> str:
    return f'"{shape.release_id or "none"}-{"stale" if shape.stale else "fresh"}-{VERSION}"'


def _tagged(body: bytes, tag: str) -> Response[bytes]:
    return Response(body, media_type=JSON, headers={"ETag": tag})
