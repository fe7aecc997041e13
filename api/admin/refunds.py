"""Giving a payment back. What may be given back is in `domain.billing.refunds`."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.admin.door import Administering, known_admin
from api.admin.money_shapes import GivenBackOut, RefundIn
from api.billing.paying import answered
from api.idempotency import IdempotencyKey
from api.places import Places
from api.security import BEARER
from domain.errors import FieldProblem, Unacceptable
from domain.ports import Shops
from services.billing.refunding import Wanted, refund


class RefundController(Controller):
    """Money back to a workspace's payer."""

    path = "/admin/tenants/{workspace_id:uuid}/refunds"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=201)
    def give_back(
        self,
        workspace_id: FromPath[UUID],
        data: JSONBody[RefundIn],
        admin: NamedDependency[Administering],
        shops: NamedDependency[Shops],
        places: NamedDependency[Places],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Give a payment back, all of it or a part. Needs an `Idempotency-Key`: the same call again gives nothing more back."""
        if idempotency_key is None or not 1 <= len(idempotency_key) <= 255:
            problem = FieldProblem("Idempotency-Key", "send one of 1 to 255 characters, so that nothing is given back twice")
            raise Unacceptable("the refund cannot be accepted", (problem,))
        wanted = Wanted(data.payment_id, data.amount_cents, data.cause)
        with places.take(workspace_id):
            outcome = refund(admin, shops, workspace_id, wanted, admin.act(data.reason), key=idempotency_key, now=datetime.now(UTC))
        return answered(outcome, GivenBackOut, 201)
