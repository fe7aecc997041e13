"""The inbox of payment providers' events: those that failed first. What an event says is never shown: it is read anew at the provider."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.admin.door import Administering, known_admin, told
from api.admin.money_shapes import BillingEventOut
from api.admin.shapes import RetriedOut
from api.pages import CursorParam, Limit, Page, page
from api.security import BEARER
from domain.admin import EventState
from domain.billing.states import Provider
from services import administering


class BillingEventController(Controller):
    """What payment providers told us."""

    path = "/admin/billing/events"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_events(
        self,
        admin: NamedDependency[Administering],
        standing: Annotated[EventState | None, QueryParameter(name="state", description="only these")] = None,
        provider: Annotated[Provider | None, QueryParameter(description="only this provider's")] = None,
        workspace_id: Annotated[UUID | None, QueryParameter(description="only those that concern this workspace")] = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[BillingEventOut]:
        """List events, those that failed first, then the newest."""
        scope = f"admin:events:{standing}:{provider}:{workspace_id}"
        before = admin.cursors.read(cursor, scope, tuple[int, datetime, str]) if cursor else None
        with admin.look("billing_events", tenant_id=workspace_id, state=standing, provider=provider) as work:
            found = work.billing_events(state=standing, provider=provider, of_tenant=workspace_id, before=before, limit=limit + 1)
        shape = lambda each: told(BillingEventOut, each)  # noqa: E731 - as `page` wants it
        return page(found, limit, shape=shape, position=lambda each: each.position, cursors=admin.cursors, scope=scope)

    @post("/{provider:str}/{event_id:str}/retry", sync_to_thread=True, status_code=202)
    def retry(self, provider: FromPath[Provider], event_id: FromPath[str], admin: NamedDependency[Administering]) -> RetriedOut:
        """Have an event that failed dealt with again, within a minute. One that has not failed answers 409."""
        with admin.begin() as work:
            administering.retry_event(work, provider, event_id, admin.act())
        return RetriedOut(kind="billing_event", id=event_id)
