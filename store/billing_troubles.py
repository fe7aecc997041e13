"""What operators should look at: events that were given up, payers without a plan, workspaces that pay twice, disputes. Of all workspaces."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

_TROUBLES = """
select
  (select count(*) from billing_events where state = 'failed' and ended_at >= :since) as failed_events,
  (select count(*) from billing_subscriptions where state in ('trial', 'active', 'canceling', 'failed') and plan is null) as without_plan,
  (select count(*) from (select from billing_subscriptions where state in ('trial', 'active', 'canceling', 'failed')
    group by tenant_id having count(*) > 1) d) as paying_twice,
  (select count(*) from billing_disputes where state = 'open' and disputed_at >= :since) as disputes"""


@dataclass(frozen=True, slots=True)
class Troubles:
    """How many of each. `without_plan`: subscriptions whose price is none of ours, so that their workspace has nothing for its money."""

    failed_events: int
    without_plan: int
    paying_twice: int
    disputes: int

    def __bool__(self) -> bool:
        return any((self.failed_events, self.without_plan, self.paying_twice, self.disputes))


def troubles(connection: sa.Connection, *, since: datetime) -> Troubles:
    """Events that were given up since then, disputes that began since then, and all else that is so now."""
    return Troubles(**connection.execute(sa.text(_TROUBLES), {"since": since}).one()._mapping)
