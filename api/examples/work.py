"""Examples of imports and requests."""

from datetime import timedelta
from typing import Any

import msgspec

from api.examples.shape import CURSOR, IMPORT, NOON, REQUEST, Example
from api.imports import ImportOut
from api.pages import Page
from api.requests import RequestIn, RequestOut
from api.timeline import MomentOut, TimelineOut


def asked(**now: Any) -> RequestOut:
    """A request that was just launched, unless said otherwise."""
    first = RequestOut(
        request_id=REQUEST, kind="insights", subject="insights", params={}, state="launched", attempt=1, max_attempts=3, progress=0.0,
        note="", error=None, run_id=None, created_at=NOON, started_at=None, finished_at=None,
    )  # fmt: skip
    return msgspec.structs.replace(first, **now)


_RUNNING = asked(state="running", progress=0.4, note="scores", run_id="0b0d7a4e", started_at=NOON + timedelta(seconds=1))
_MOMENT = MomentOut(id=3, at=NOON + timedelta(seconds=2), state="running", attempt=1, progress=0.4, note="scores", error=None)
_IMPORT = ImportOut(
    import_id=IMPORT, request_id=REQUEST, state="succeeded", file_name="trending.csv.gz",
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", size_bytes=1_204_881, format="youtube_trending",
    encoding="utf-8", selection="trending", params={"year": 2017}, notes=[], rows=3000, accepted=2990, updated=0, unchanged=8,
    rejected=2, videos=791, observations=2998, report=f"/api/v1/imports/{IMPORT}/report", error=None, created_at=NOON,
    finished_at=NOON + timedelta(seconds=4),
)  # fmt: skip
_TAKEN_IN = msgspec.structs.replace(
    _IMPORT, state="pending", rows=0, accepted=0, unchanged=0, rejected=0, videos=0, observations=0, report=None, finished_at=None
)

EXAMPLES = {
    "GET /requests": Example(Page(items=[_RUNNING], next_cursor=CURSOR, has_more=True)),
    "POST /requests": Example(asked(), RequestIn(kind="insights")),
    "GET /requests/{request_id}": Example(_RUNNING),
    "DELETE /requests/{request_id}": Example(asked(state="canceled", finished_at=NOON)),
    "POST /requests/{request_id}/retry": Example(asked(attempt=2, state="pending")),
    "GET /requests/{request_id}/timeline": Example(TimelineOut(items=[_MOMENT])),
    "GET /requests/{request_id}/events": Example(
        f"id: 3\nevent: running\ndata: {msgspec.json.encode(_MOMENT).decode()}\n\n: ping\n\n", media_type="text/event-stream"
    ),
    "GET /imports": Example(Page(items=[_IMPORT], next_cursor=None, has_more=False)),
    "POST /imports": Example(_TAKEN_IN),
    "GET /imports/{import_id}": Example(_IMPORT),
    "GET /imports/{import_id}/report": Example("line,outcome,video,reason\n2,accepted,ex4mpl3,\n", media_type="application/gzip"),
}
