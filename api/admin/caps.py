"""What paid calls of one workspace may cost. What they have cost is in `api.costs`, and of all workspaces in `api.admin.figures`."""

from typing import Literal
from uuid import UUID

from litestar import Controller, delete, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.admin.bodies import CapIn, ReasonIn
from api.admin.door import Administering, known_admin
from api.admin.money_shapes import CapsOut, ExcusedOut
from api.admin.shapes import usd
from api.security import BEARER
from domain.admin_rules import checked_usd
from domain.usage import Period
from services import capping


class CapController(Controller):
    """Caps of one workspace."""

    path = "/admin/tenants/{workspace_id:uuid}/caps/{period:str}"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @put("/", sync_to_thread=True)
    def set_cap(
        self, workspace_id: FromPath[UUID], period: FromPath[Literal["day", "month"]], data: JSONBody[CapIn],
        admin: NamedDependency[Administering],
    ) -> CapsOut:  # fmt: skip
        """Set what paid calls of a workspace may cost in a day or a month, instead of what its plan says. `0` pauses them."""
        amount = checked_usd(data.cap_usd, pointer="/cap_usd")
        with admin.begin() as work:
            return _told(capping.set_cap(work, workspace_id, Period(period), amount, admin.act(data.reason)))

    @delete("/", sync_to_thread=True, status_code=200)
    def drop_cap(
        self, workspace_id: FromPath[UUID], period: FromPath[Literal["day", "month"]], admin: NamedDependency[Administering]
    ) -> CapsOut:  # fmt: skip
        """Drop a cap: the plan's own counts again. 404 where none was set."""
        with admin.begin() as work:
            return _told(capping.drop_cap(work, workspace_id, Period(period), admin.act()))


class StopController(Controller):
    """What an overage has stopped."""

    path = "/admin/tenants/{workspace_id:uuid}/stops/{subject:str}/excuse"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @put("/", sync_to_thread=True)
    def lift(
        self, workspace_id: FromPath[UUID], subject: FromPath[str], data: JSONBody[ReasonIn], admin: NamedDependency[Administering]
    ) -> ExcusedOut:
        """Let paid calls on a subject go on that one which cost more than was held has stopped. 404 where nothing stops it."""
        with admin.begin() as work:
            return ExcusedOut(operations=capping.lift_stop(work, workspace_id, subject, admin.act(data.reason)))


def _told(caps: capping.Caps) -> CapsOut:
    return CapsOut(day_usd=usd(caps[0]), month_usd=usd(caps[1]))
