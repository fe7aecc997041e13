"""What waits for an administrator: dead letters and feedback."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from api.admin.bodies import RetryIn, SettledIn
from api.admin.door import Administering, known_admin
from api.admin.shapes import DeadLetterOut, FeedbackOut, RetriedOut
from api.launching import launching
from api.pages import CursorParam, Limit, Page
from api.security import BEARER
from domain.admin import DeadKind
from domain.admin_rules import checked_usd
from domain.ports import RunLauncher
from services import administering
from store.database import Database


class DeadLetterController(Controller):
    """Mails and requests that failed for good, and reservations that nobody knows the end of."""

    path = "/admin/dead-letters"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_dead_letters(
        self,
        admin: NamedDependency[Administering],
        kind: Annotated[DeadKind | None, QueryParameter(description="only these")] = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[DeadLetterOut]:
        """List dead letters with their reasons, the newest first."""
        scope = f"admin:dead:{kind}"
        before = admin.cursors.read(cursor, scope, tuple[datetime, str]) if cursor else None
        with admin.look("dead_letters", kind=kind) as work:
            found = work.dead_letters(kind=kind, before=before, limit=limit + 1)
        return admin.page(found, limit, DeadLetterOut, "failed_at", "id", f"dead:{kind}")

    @post("/{kind:str}/retries", sync_to_thread=True, status_code=202)
    def retry(
        self,
        kind: FromPath[DeadKind],
        data: JSONBody[RetryIn],
        admin: NamedDependency[Administering],
        database: NamedDependency[Database],
        launcher: NamedDependency[RunLauncher],
    ) -> Response[RetriedOut]:
        """Try once more: send the mail, launch the request, or settle the reservation. What is not dead any more answers 404 or 409."""
        spent = None if data.spent_usd is None else checked_usd(data.spent_usd)
        with admin.begin() as work:
            asked = administering.retry(work, kind, data.workspace_id, data.id, admin.act(), spent=spent)
        answer = Response(RetriedOut(kind=kind.value, id=data.id), status_code=202)
        return launching(answer, database, launcher, [asked] if asked else [])


class AdminFeedbackController(Controller):
    """What members told."""

    path = "/admin/feedback"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_feedback(
        self,
        admin: NamedDependency[Administering],
        is_open: Annotated[bool | None, QueryParameter(description="only what is open, or only what is done")] = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[FeedbackOut]:
        """List feedback of all workspaces, newest first."""
        scope = f"feedback:{is_open}"
        before = admin.before(cursor, scope)
        with admin.look("feedback", is_open=is_open) as work:
            found = work.feedback(is_open=is_open, before=before, limit=limit + 1)
        return admin.page(found, limit, FeedbackOut, "created_at", "feedback_id", scope)

    @put("/{feedback_id:uuid}", sync_to_thread=True, status_code=204)
    def settle(self, feedback_id: FromPath[UUID], data: JSONBody[SettledIn], admin: NamedDependency[Administering]) -> None:
        """Mark as done, or as open again."""
        with admin.begin() as work:
            administering.set_feedback_done(work, data.workspace_id, feedback_id, admin.act(), is_done=data.is_done)
