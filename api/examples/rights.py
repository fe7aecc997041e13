"""Examples of taking a workspace along and of having it erased."""

from datetime import timedelta

from api.examples.shape import NOON, REQUEST, WORKSPACE, Example
from api.examples.work import asked
from api.media.links import LinkOut
from api.rights import DeletionIn, DeletionOut, ExportOut, ExportsOut

_EXPORT = ExportOut(
    export_id=REQUEST, request_id=REQUEST, state="succeeded", is_ready=True, created_at=NOON, as_of=NOON + timedelta(seconds=2),
    expires_at=NOON + timedelta(hours=24), sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    size_bytes=18_204_881, rows={"members": 2, "videos": 791, "video_snapshots": 2998}, files=4,
)  # fmt: skip
_DELETION = DeletionOut(workspace_id=WORKSPACE, asked_at=NOON, due_at=NOON + timedelta(days=30), started_at=None)

EXAMPLES = {
    "POST /me/data-export": Example(asked(kind="export", subject="export")),
    "GET /me/data-export": Example(ExportsOut(items=[_EXPORT])),
    "GET /me/data-export/{export_id}": Example(_EXPORT),
    "GET /me/data-export/{export_id}/link": Example(
        LinkOut(url="https://whyral.example.org/api/v1/files/nT3k...", expires_at=NOON + timedelta(hours=24))
    ),
    "POST /me/deletion": Example(_DELETION, DeletionIn(confirmation="Example Kitchen")),
    "GET /me/deletion": Example(_DELETION),
}
