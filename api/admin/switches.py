"""Feature switches: a default, and overrides of single workspaces."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import Controller, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.admin.bodies import SwitchIn, SwitchOverrideIn
from api.admin.door import Administering, known_admin, told
from api.admin.shapes import SwitchesOut, SwitchOut
from api.security import BEARER
from domain.errors import FieldProblem, Unacceptable
from services import administering


class FeatureSwitchController(Controller):
    """What is being tried out."""

    path = "/admin/switches"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_switches(self, admin: NamedDependency[Administering]) -> SwitchesOut:
        """List the switches with their defaults."""
        with admin.begin() as work:
            return SwitchesOut(items=[told(SwitchOut, each) for each in work.switches()])

    @put("/{name:str}", sync_to_thread=True, status_code=204)
    def put_switch(self, name: FromPath[str], data: JSONBody[SwitchIn], admin: NamedDependency[Administering]) -> None:
        """Make a switch, or set its default."""
        with admin.begin() as work:
            administering.put_switch(work, name, data.description, admin.act(), is_on=data.is_on)

    @put("/{name:str}/overrides/{workspace_id:uuid}", sync_to_thread=True, status_code=204)
    def put_override(
        self, name: FromPath[str], workspace_id: FromPath[UUID], data: JSONBody[SwitchOverrideIn], admin: NamedDependency[Administering]
    ) -> None:
        """Set a switch for one workspace."""
        if data.expires_at is not None and data.expires_at.tzinfo is None:
            raise Unacceptable("the override cannot be accepted", (FieldProblem("/expires_at", "name the time zone"),))
        with admin.begin() as work:
            administering.put_switch_override(
                work, name, workspace_id, admin.act(data.reason), is_on=data.is_on, expires_at=data.expires_at, now=datetime.now(UTC)
            )

    @delete("/{name:str}/overrides/{workspace_id:uuid}", sync_to_thread=True, status_code=204)
    def drop_override(self, name: FromPath[str], workspace_id: FromPath[UUID], admin: NamedDependency[Administering]) -> None:
        """Let the default hold for a workspace again."""
        with admin.begin() as work:
            administering.drop_switch_override(work, name, workspace_id, admin.act())
